"""The doctor at work: every examination that applies to a study, every comparison with the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.read.doctor.examination import COMPARISONS, EXAMINATIONS
from coley.read.doctor.rows import conform

if TYPE_CHECKING:
    from coley.model.study import Study


def examine(study: Study, *, others: Sequence[Study] = ()) -> tuple[Check, ...]:
    """Examine a study that was read, and say what was found in it.

    Parameters
    ----------
    study
        The study.
    others
        Further studies with which it is compared (the same patients twice).

    Returns
    -------
    One check of level "fail" (numbers computed from this would be wrong) or "warn" (look at it) per
    finding, and one of level "pass" per examination that ran and found nothing. An examination whose
    columns the study lacks leaves no check.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.model.study import Study
    >>> patients = pl.DataFrame({"patient_id": ["a", "b"], "os_months": [3.0, -9.5]})
    >>> checks = examine(Study("tiny", {"patients": patients}))
    >>> [(check.name, check.where.values) for check in checks if check.level == "fail"]
    [('time_impossible', ('-9.5',))]
    """
    checks: list[Check] = []
    study = conform(study)
    for name, examination in EXAMINATIONS.items():
        if examination.applies(study):
            found = examination.function(study)
            checks += found or [
                Check(name, "pass", f"{examination.title}: looked for {examination.looks_for}; found none.")
            ]
    for other in others:
        for name, comparison in COMPARISONS.items():
            found = comparison.function(study, conform(other))
            checks += found or [
                Check(
                    name,
                    "pass",
                    f"{comparison.title}, {study.name} and {other.name}: looked for "
                    f"{comparison.looks_for}; found none.",
                )
            ]
    return tuple(checks)
