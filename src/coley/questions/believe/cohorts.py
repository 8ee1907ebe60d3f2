"""The patients of a study as `believe` needs them: by cohort, treated or control, each patient once where pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import InvalidSetting, nearest
from coley.questions.outcomes import Outcome, outcomes, responders

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.model.study import Study
    from coley.questions.believe.settings import BelieveSettings

    Rows = NDArray[np.bool_]

CONTROL = "control"


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Patients with their cohort, treatment and outcomes, all over the same rows.

    Attributes
    ----------
    study
        The study, restricted to the cohorts in use.
    label
        (n,) text: cohort of each patient.
    names
        Cohorts in the order of the study.
    control
        (n,) bool: treated without a checkpoint inhibitor.
    arm
        (n,) text: assigned arm, empty where unknown.
    randomised
        Cohorts whose patients were randomised between a checkpoint inhibitor and a control.
    repeated
        (n,) bool: a patient who stands in an earlier cohort as well, counted there when cohorts are pooled.
    responder
        (n,) float64: 1 responded, 0 did not, NaN not recorded.
    endpoints
        Those of pfs and os that the study holds.
    """

    study: Study
    label: NDArray[np.object_]
    names: tuple[str, ...]
    control: Rows
    arm: NDArray[np.object_]
    randomised: frozenset[str]
    repeated: Rows
    responder: NDArray[np.float64]
    endpoints: tuple[Outcome, ...]

    @property
    def patients(self) -> pl.DataFrame:
        """The table of patients."""
        return self.study.patients

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.label)

    def rows(self, cohort: str) -> Rows:
        """Return which rows belong to a cohort."""
        return np.asarray(self.label == cohort, dtype=bool)

    def treated(self, cohort: str) -> Rows:
        """Return which rows of a cohort were treated with a checkpoint inhibitor, or nobody says with what."""
        return self.rows(cohort) & ~self.control

    def outcome(self, endpoint: str) -> Outcome | None:
        """Return an endpoint, or None where the study does not hold it."""
        return next((outcome for outcome in self.endpoints if outcome.endpoint == endpoint), None)


def cohorts(study: Study, settings: BelieveSettings) -> Cohorts:
    """Return the patients of a study in the shape that `believe` needs.

    Raises
    ------
    InvalidSetting
        For a cohort or a control that the study does not have.
    """
    study = _chosen(study, settings.cohorts)
    patients = study.patients
    label = _text(patients, "cohort", study.name)
    arm = _text(patients, "arm", "")
    control = _control(study, arm, settings.control)
    names = tuple(dict.fromkeys(label.tolist()))
    both = {name for name in names if 0 < control[label == name].sum() < (label == name).sum()}
    randomised = frozenset(name for name in both if study.about.of(name).randomised)
    return Cohorts(
        study=study,
        label=label,
        names=names,
        control=control,
        arm=arm,
        randomised=randomised,
        repeated=_repeated(study),
        responder=responders(patients),
        endpoints=outcomes(study),
    )


MOST_UNKNOWN = (
    0.1  # of a cohort without a time, where everybody with a time has died: the living were left out
)


def known_only_for_the_dead(cohorts: Cohorts, cohort: str, endpoint: str) -> bool:
    """Say whether a cohort records a time for those with the event alone, so that it says nothing about hazards."""
    outcome = cohorts.outcome(endpoint)
    rows = cohorts.rows(cohort)
    if outcome is None or not (rows & outcome.known).any():
        return False
    unknown = 1 - (rows & outcome.known).sum() / rows.sum()
    return bool(outcome.event[rows & outcome.known].all() and unknown > MOST_UNKNOWN)


def follow_up_checks(cohorts: Cohorts) -> tuple[Check, ...]:
    """Name the cohorts whose survival cannot be used."""
    return tuple(
        Check(
            "survival_of_the_dead",
            "warn",
            f"{outcome.title} of {name} is recorded for {(cohorts.rows(name) & outcome.known).sum()} of "
            f"{cohorts.rows(name).sum()} patients, and all of them had the event: it was not used.",
            cause="Times were kept for the dead, and those who live were left out.",
            remedy="Supply the follow-up of everybody.",
        )
        for name in cohorts.names
        for outcome in cohorts.endpoints
        if known_only_for_the_dead(cohorts, name, outcome.endpoint)
    )


def overlap_checks(cohorts: Cohorts) -> tuple[Check, ...]:
    """Name the patients who stand in more than one cohort."""
    ids = np.array(cohorts.patients["patient_id"].to_list(), dtype=object)
    found = []
    for name in cohorts.names:
        rows = cohorts.rows(name) & cohorts.repeated
        if rows.any():
            shown = ", ".join(map(str, ids[rows][:5])) + (" ..." if rows.sum() > 5 else "")
            found.append(
                Check(
                    "overlapping_patients",
                    "warn",
                    f"{rows.sum()} of {cohorts.rows(name).sum()} patients of {name} stand in an earlier cohort as well "
                    f"({shown}): judged in both, counted once in what is pooled.",
                    remedy="Nothing to do; name them in the publication.",
                    cause="Two publications of one centre.",
                )
            )
    if len(cohorts.names) > 1 and not found:
        found.append(
            Check(
                "overlapping_patients",
                "pass",
                "No patient was found in two cohorts by agreeing measurements.",
            )
        )
    return tuple(found)


def _chosen(study: Study, names: tuple[str, ...]) -> Study:
    import polars as pl

    if not names:
        return study
    present = (
        study.patients["cohort"].drop_nulls().unique().to_list() if study.has("patients", "cohort") else []
    )
    for name in names:
        if name not in present:
            close = nearest(name, present)
            raise InvalidSetting(
                f"The study has no cohort {name!r}.",
                where="setting 'cohorts' of question 'believe'",
                remedy=f"Did you mean {close!r}?"
                if close
                else f"Cohorts present: {', '.join(sorted(present)) or 'none'}.",
            )
    return study.with_table("patients", study.patients.filter(pl.col("cohort").is_in(names)))


def _text(patients: pl.DataFrame, column: str, otherwise: str) -> NDArray[np.object_]:
    if column not in patients.columns:
        return np.full(patients.height, otherwise, dtype=object)
    return np.array([otherwise if v is None else str(v) for v in patients[column].to_list()], dtype=object)


def _control(study: Study, arm: NDArray[np.object_], named: str) -> Rows:
    """Say who is a control: by treatment class, by the manifest's control arm, or by the arm that was named."""
    if named and named not in arm:
        present = sorted({str(a) for a in arm if a})
        close = nearest(named, present)
        raise InvalidSetting(
            f"No patient was in an arm named {named!r}.",
            where="setting 'control' of question 'believe'",
            remedy=f"Did you mean {close!r}?" if close else f"Arms present: {', '.join(present) or 'none'}.",
        )
    control: Rows = _text(study.patients, "treatment_class", "") == CONTROL
    label = _text(study.patients, "cohort", study.name)
    for cohort in set(label.tolist()):
        arm_of_control = named or study.about.of(cohort).control_arm
        if arm_of_control:
            control = control | ((arm == arm_of_control) & (label == cohort))
    return control


def _repeated(study: Study) -> Rows:
    """Mark those who agree with a patient of an earlier cohort in several measurements at once."""
    from coley.read.doctor.overlap import repeated_patients

    later = repeated_patients(study)["patient_id_right"].to_list()
    return np.asarray(study.patients["patient_id"].is_in(later).to_numpy(), dtype=bool)
