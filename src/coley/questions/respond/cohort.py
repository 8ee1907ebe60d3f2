"""The patients of a study as the arrays that `respond` works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, nearest
from coley.questions.outcomes import Outcome, outcomes, responders

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.model.study import Study
    from coley.questions.respond.settings import RespondSettings

SPLITS = (
    "arm",
    "treatment_class",
    "treatment",
    "cohort",
)  # the first with two to six usable groups splits the curves
MOST_GROUPS = 6  # more curves than this in one figure cannot be told apart
LEAST_IN_GROUP = 10  # patients; the band around a curve of fewer fills the figure
EVERYBODY = "All patients"


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients, their groups, their response and their endpoints, all over the same rows.

    Attributes
    ----------
    patients
        The table.
    group
        (n,) text: the group of the curves; None where unknown.
    groups
        Distinct groups, control first where there is one.
    split
        The column that `group` came from; empty when nothing splits the patients.
    control
        The control group; empty where there is none.
    responder
        (n,) float64: 1 responded, 0 did not, NaN not recorded.
    endpoints
        Those of pfs and os that the study holds.
    """

    name: str
    patients: pl.DataFrame
    group: NDArray[np.object_]
    groups: tuple[str, ...]
    split: str
    control: str
    randomised: bool | None
    time_origin: str
    responder: NDArray[np.float64]
    endpoints: tuple[Outcome, ...]

    @property
    def n(self) -> int:
        """Number of patients."""
        return self.patients.height

    @property
    def everybody_and_groups(self) -> tuple[str, ...]:
        """All patients first, then each group; all patients alone where nothing splits them."""
        return tuple(dict.fromkeys((EVERYBODY, *self.groups)))

    def rows(self, group: str) -> NDArray[np.bool_]:
        """Return which rows belong to a group; every row for all patients."""
        return np.ones(self.n, dtype=bool) if group == EVERYBODY else self.group == group

    @property
    def months_title(self) -> str:
        """Title of a time axis, with its origin."""
        return (
            f"Months since {self.time_origin}" if self.time_origin else "Months (origin of time not stated)"
        )


def cohort(study: Study, settings: RespondSettings) -> Cohort:
    """Return the patients of a study in the shape that `respond` needs."""
    patients = study.patients
    control = settings.control or study.about.control_arm
    split, group, groups = _split(patients, settings.by, control)
    if settings.control and settings.control not in groups:
        close = nearest(settings.control, groups)
        raise InvalidSetting(
            f"No group of patients is named {settings.control!r}.",
            where="setting 'control' of question 'respond'",
            remedy=f"Did you mean {close!r}?" if close else f"Groups present: {', '.join(groups)}.",
        )
    return Cohort(
        name=study.name,
        patients=patients,
        group=group,
        groups=groups,
        split=split,
        control=control if control in groups and len(groups) > 1 else "",
        randomised=study.about.randomised,
        time_origin=study.about.time_origin,
        responder=responders(patients),
        endpoints=outcomes(study),
    )


def _split(patients: pl.DataFrame, by: str, control: str) -> tuple[str, NDArray[np.object_], tuple[str, ...]]:
    if by and by not in patients.columns:
        close = nearest(by, patients.columns)
        raise InvalidSetting(
            f"Table patients has no column {by!r}.",
            where="setting 'by' of question 'respond'",
            remedy=f"Did you mean {close!r}?" if close else "Name a column of patients.",
        )
    for column in (by,) if by else SPLITS:
        if column not in patients.columns:
            continue
        values = np.array([None if v is None else str(v) for v in patients[column].to_list()], dtype=object)
        names, counts = np.unique(values[values != None].astype(str), return_counts=True)  # noqa: E711
        usable = [str(n) for n, c in zip(names, counts, strict=True) if c >= LEAST_IN_GROUP]
        if by and len(usable) > MOST_GROUPS:
            by_size = sorted(usable, key=lambda n: -int(counts[list(names).index(n)]))
            usable = sorted(by_size[:MOST_GROUPS])
        if 2 <= len(usable) <= MOST_GROUPS:
            return column, values, tuple(sorted(usable, key=lambda name: (name != control, name)))
    return "", np.full(patients.height, EVERYBODY, dtype=object), (EVERYBODY,)
