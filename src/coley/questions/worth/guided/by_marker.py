"""Treatment guided by a marker of the study's own patients: by what randomised arms show, or by who responds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting
from coley.model.part import Part
from coley.questions.worth.guided.by_response import by_response
from coley.questions.worth.guided.patients import patients_of
from coley.questions.worth.guided.randomised import by_arms
from coley.questions.worth.guided.told import called

if TYPE_CHECKING:
    from coley.model.study import Study
    from coley.questions.worth.worked import Worked


def guided_part(study: Study, worked: Worked) -> Part:
    """Return what guiding treatment by each marker of the model is worth.

    Raises
    ------
    MissingData
        Where the marker or an outcome is not among the patients.
    InvalidSetting
        Where one marker stands twice with the same cut-off, or response is to tell what randomised arms tell.
    """
    asked = [(one.marker, one.cutoff) for one in worked.model.guided]
    twice = next((pair for pair in asked if asked.count(pair) > 1), None)
    if twice is not None:
        raise InvalidSetting(
            f"Guided treatment by {twice[0]} stands twice in the model"
            + (" without a cut-off." if twice[1] is None else f" with the cut-off {twice[1]:g}."),
            remedy="Leave one out.",
        )
    part = Part()
    for number, one in enumerate(worked.model.guided, 1):
        if one.response is not None and study.about.randomised:
            raise InvalidSetting(
                f"Guided treatment by {one.marker} is to be judged by response, and {study.name} was randomised.",
                remedy="Leave guided.response out: the arms tell who gains, without an assumption.",
            )
        if one.response is None and study.about.randomised is not True:
            said = f"What guiding treatment by {one.marker} is worth: the study is not known to be randomised, and "
            part += Part(
                cannot_tell=(
                    f"{said}without that a marker of prognosis looks like one of benefit. Name the response under "
                    "guided.response to take it for what tells who gains.",
                )
            )
            continue
        who = patients_of(study, one, worked.model.strategies)
        told = by_arms if one.response is None else by_response
        part += told(who, one, worked, f"guided.{number}").under(f"guided by {called(one)}")
    return part
