"""The argument of `harm` on a table of counts, from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Answer
from coley.model.method import citations
from coley.questions.harm import QUESTION
from coley.questions.harm.answer import REPORTING
from coley.questions.harm.contingency.headline import headline
from coley.questions.harm.contingency.margins import margin_part
from coley.questions.harm.contingency.pictures import signal_part
from coley.questions.harm.contingency.ratio_test import drug_part
from coley.questions.harm.contingency.rules import rule_part
from coley.questions.harm.contingency.shrinkage import shrinkage_part

if TYPE_CHECKING:
    from coley.questions.harm.contingency.examined import Examined

USED = {"seed", "level", "min_reports", "fdr"}  # settings that mean something without the reports


def answer(examined: Examined, *, name: str) -> Answer:
    """Return what a table of counts says of harm."""
    part = signal_part(examined)
    part += margin_part(examined.pairs)
    part += drug_part(examined)
    part += rule_part(examined)
    part += shrinkage_part(examined)

    return Answer(
        question=QUESTION.name,
        title=QUESTION.title,
        study=name,
        headline=headline(examined),
        estimates=part.estimates,
        checks=part.checks,
        caveats=(*REPORTING, *part.caveats),
        cannot_tell=part.cannot_tell,
        tables=part.tables,
        figures=part.figures,
        settings=examined.settings.model_dump(mode="json", include=USED),
        citations=citations(_methods(examined)),
    )


def _methods(examined: Examined) -> set[str]:
    behind = {"ror", "prr", "rrr", "information_component", "discrete_false_discovery_rate"}
    behind |= {"mgps", "ebgm"} if examined.fit is not None else set()
    behind |= {"general_gamma"} if examined.general is not None else set()
    return behind | ({"likelihood_ratio_test"} if examined.tested is not None else set())
