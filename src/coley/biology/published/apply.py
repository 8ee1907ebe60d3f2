"""A published formula applied to a table of patients: units examined, caps applied, nothing filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.published.models import PUBLISHED, PublishedModel, Term, plain, synonyms
from coley.model.answer import Check
from coley.model.dictionary import table as dictionary_table
from coley.model.errors import MissingData, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

ENOUGH = 10  # patients; fewer may well share one value of a measurement by chance
FLAGS = {"true": 1.0, "yes": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "no": 0.0, "0": 0.0, "0.0": 0.0}


@dataclass(frozen=True, eq=False)
class Applied:
    """A published score of each patient.

    Attributes
    ----------
    model
        The formula.
    table
        patient_id, value (null where it cannot be had) and missing (what lacks, "" where nothing does),
        in the order of the patients.
    checks
        What was assumed about units and cancer types, and what looks filled in.
    """

    model: PublishedModel
    table: pl.DataFrame
    checks: tuple[Check, ...]


@method(
    "published_model",
    title="Published model, as published",
    summary="Applies a published formula with its own coefficients, caps and cancer types; nothing is fitted.",
    needs="every input of the formula, in its unit",
    limits="Its probabilities are those of the cohort it was fitted on and mostly need recalibration; "
    "patients of its training set tell nothing about its performance.",
    references=tuple(sorted({model.reference for model in PUBLISHED.values()})),
)
def apply(model: str | PublishedModel, patients: pl.DataFrame, *, zero_without_term: bool = False) -> Applied:
    """Return a published score of each patient.

    Parameters
    ----------
    model
        A name in `PUBLISHED`, or the model itself.
    patients
        The table `patients` of the data dictionary, one row a patient.
    zero_without_term
        A cancer type without a term of its own adds zero, as its authors do, instead of leaving the
        patient without a score. A missing cancer type stays missing.

    Raises
    ------
    MissingData
        Where a column that the formula needs is absent.
    UnreadableInput
        Where values cannot be in the unit of the formula, or a patient stands twice.
    UnknownName
        For an unknown model.

    Examples
    --------
    >>> import polars as pl
    >>> patients = pl.DataFrame({"patient_id": ["a", "b"], "tmb_per_mb": [60.0, 5.0],
    ...     "prior_systemic": [False, True], "albumin_g_dl": [4.0, None], "nlr": [3.0, 5.0],
    ...     "age_years": [64.0, 71.0], "cancer_type": ["Lung adenocarcinoma", "Melanoma"]})
    >>> scores = apply("loris", patients).table
    >>> scores["value"].round(4).to_list(), scores["missing"].to_list()
    ([0.8942, None], ['', 'albumin'])
    """
    import polars as pl

    chosen = PUBLISHED[model] if isinstance(model, str) else model
    absent = [name for name in ("patient_id", *chosen.columns) if name not in patients.columns]
    if absent:
        raise MissingData(
            f"{chosen.title} needs {', '.join(absent)}, which the table of patients lacks.",
            remedy="Supply them, or map them in study.toml; a formula is never applied with parts left out.",
        )
    twice = patients.filter(pl.col("patient_id").is_duplicated())["patient_id"].unique()
    if twice.len():
        raise UnreadableInput(f"{twice.len()} patients stand twice in the table, as {twice[0]!r}.")
    total = np.full(patients.height, chosen.intercept)
    lacking: list[list[str]] = [[] for _ in range(patients.height)]
    checks: list[Check] = []
    for term in chosen.terms:
        values = _values(patients[term.column], term)
        checks += _constant(values, term)
        total += term.coefficient * (values if term.cap is None else np.minimum(values, term.cap))
        for row in np.flatnonzero(np.isnan(values)):
            lacking[row].append(term.label)
    if chosen.cancer_terms or chosen.applies_to:
        added, found = _cancer(patients["cancer_type"], chosen, zero_without_term)
        total += added
        checks += found
        for row in np.flatnonzero(np.isnan(added)):
            kind = patients["cancer_type"][int(row)]
            lacking[row].append("cancer type" if kind is None else f"a term for {kind}")
    value = 1 / (1 + np.exp(-total)) if chosen.link == "logistic" else total
    table = pl.DataFrame(
        {
            "patient_id": patients["patient_id"],
            "value": pl.Series(value, dtype=pl.Float64).fill_nan(None),
            "missing": [", ".join(names) for names in lacking],
        }
    )
    without = table["value"].null_count()
    if without:
        message = (
            f"{without} of {table.height} patients have no {chosen.title}: an input or a cancer term lacks."
        )
        checks.append(Check("published_missing", "warn", message, remedy="Missing inputs are not filled in."))
    return Applied(chosen, table, tuple(checks))


def _values(series: pl.Series, term: Term) -> NDArray[np.float64]:
    """Return a column as numbers, having made sure that they can be in the unit of the formula."""
    import polars as pl

    column = dictionary_table("patients").columns.get(term.column)
    if column is not None and column.kind == "flag":
        texts = series.cast(pl.String).str.strip_chars().str.to_lowercase()
        values = texts.replace_strict(FLAGS, default=None, return_dtype=pl.Float64)
        bad = texts.is_not_null() & values.is_null()
        if bad.any():
            raise UnreadableInput(
                f"{term.label.capitalize()} is a flag (true or false).",
                where=f"column {term.column}: {series.filter(bad)[0]!r}",
            )
        return np.asarray(values.to_numpy(), dtype=float)
    values_ = np.asarray(series.cast(pl.Float64, strict=True).to_numpy(), dtype=float)
    known = values_[np.isfinite(values_)]
    low = column.low if column is not None and column.low is not None else -np.inf
    high = column.high if column is not None and column.high is not None else np.inf
    outside = known[(known < low) | (known > high)]
    # Half of the patients with some PD-L1 have more than a few percent: a largest value of 1 is a fraction.
    share = term.unit == "percent" and len(known) >= ENOUGH and 0 < known.max() <= 1
    if len(outside) or share:
        seen = outside[:3].tolist() if len(outside) else [float(known.max())]
        raise UnreadableInput(
            f"{term.label.capitalize()} cannot be in {term.unit}.",
            where=f"column {term.column}: {', '.join(f'{value:g}' for value in seen)}",
            cause="Fractions instead of percent."
            if share
            else f"Another unit: plausible are {low:g} to {high:g}.",
            remedy=f"Convert {term.column} to {term.unit}.",
        )
    return values_


def _constant(values: NDArray[np.float64], term: Term) -> list[Check]:
    known = values[np.isfinite(values)]
    if len(known) < ENOUGH or term.unit.startswith("yes") or np.ptp(known) > 0:
        return []
    message = f"All {len(known)} patients have the same {term.label} ({known[0]:g}): it was filled in, not measured."
    return [
        Check("published_constant_input", "warn", message, remedy="Read the score as one without this input.")
    ]


def _cancer(
    series: pl.Series, model: PublishedModel, zero_without_term: bool
) -> tuple[NDArray[np.float64], list[Check]]:
    """Return what each cancer type adds; NaN where the formula has no term for it."""
    table = synonyms()
    known = {kind: table.get(plain(str(kind))) for kind in series.drop_nulls().unique().to_list()}
    if model.applies_to:
        of = {kind: 0.0 for kind, found in known.items() if found and found[0] == model.applies_to}
    else:
        of = {
            kind: model.cancer_terms[found[0]]
            for kind, found in known.items()
            if found and found[0] in model.cancer_terms
        }
    added = np.array([of.get(kind, np.nan) for kind in series.to_list()], dtype=float)
    checks = []
    unsure = sorted(str(kind) for kind in of if (found := known[kind]) and not found[1])
    if unsure:
        read = ", ".join(f"{kind!r} as {table[plain(kind)][0]}" for kind in unsure)
        checks.append(Check("cancer_type_read_as", "warn", f"Cancer types were read: {read}."))
    without = sorted(str(kind) for kind in known if kind not in of)
    if without:
        zero = zero_without_term and not model.applies_to
        if zero:
            added[series.is_in(without).fill_null(value=False).to_numpy()] = 0.0
        what = ": zero was added" if zero else ""
        message = f"{model.title} has no term for {', '.join(without)}{what}."
        checks.append(Check("cancer_type_without_term", "warn", message))
    return added, checks
