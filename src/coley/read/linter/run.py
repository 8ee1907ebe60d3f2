"""The linter at work: every rule that applies to the predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coley.model.answer import Check
from coley.read.linter.case import case_of
from coley.read.linter.predictions import Predictions, recognise
from coley.read.linter.protocol import Protocol, protocol_of
from coley.read.linter.rule import RULES

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study


def lint(
    predictions: pl.DataFrame | Predictions,
    truth: Study,
    *,
    features: pl.DataFrame | None = None,
    protocol: Protocol | Mapping[str, Any] | None = None,
    file: str = "",
) -> tuple[Check, ...]:
    """Examine predictions of a study's patients, and say what makes their performance untrue.

    Parameters
    ----------
    predictions
        One row per patient (and repeat, fold, method), with the ids of the study; or what `read_predictions`
        returned.
    truth
        The study, with outcomes and covariates.
    features
        The table that the model was fitted to: patient_id and one column per feature.
    protocol
        How the predictions were made: steps in their order, cuts, features, claims.
    file
        Name of the predictions, for messages.

    Returns
    -------
    One check of level "fail" (a performance computed from this would be wrong) or "warn" (look at it) per
    finding, and one of level "pass" per rule that applied and found nothing.

    Raises
    ------
    UnreadableInput
        Where the frame holds no predictions, or the protocol a word that is not known.
    MissingData
        Where the study has no patients.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.model.study import Study
    >>> ids = [f"p{k:02d}" for k in range(20)]
    >>> study = Study("tiny", {"patients": pl.DataFrame({"patient_id": ids})})
    >>> checks = lint(pl.DataFrame({"patient_id": ids, "score": [k / 20 for k in range(20)]}), study)
    >>> [check.name for check in checks if check.level == "fail"]
    ['monotone_in_row_order']
    """
    given = protocol_of(protocol) if protocol is not None else Protocol()
    if not isinstance(predictions, Predictions):
        predictions = recognise(predictions, file=file, scores=given.scores)
    case = case_of(predictions, truth, features=features, protocol=given)
    checks: list[Check] = list(predictions.notes)
    for name, one in RULES.items():
        if one.applies(case):
            found = one.function(case)
            checks += found or [Check(name, "pass", f"{one.title}: looked for {one.looks_for}; found none.")]
    return tuple(checks)
