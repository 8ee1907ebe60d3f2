"""Baseline factors to a design matrix: scaled so that a coefficient can be read, rare levels pooled."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl
    from numpy.typing import NDArray

MAX_MISSING = (
    0.2  # a factor missing in more than a fifth of patients would cost more patients than it explains
)
MIN_LEVEL = 10  # patients; a smaller level has no estimate worth printing and joins the pooled level
POOLED = "other"
ALIASED = 1e-9  # share of a column's sum of squares that must be its own; rounding leaves about 1e-15


@dataclass(frozen=True, slots=True)
class Factor:
    """How a baseline column enters a model: its label, its transform and the step a coefficient refers to."""

    column: str
    label: str
    transform: str
    step: float
    per: str


@dataclass(frozen=True, slots=True)
class FactorMatrix:
    """A design matrix over the rows of a frame.

    Attributes
    ----------
    matrix
        (n, p) float64; rows with a missing factor hold NaN.
    labels, levels
        Length p: label of the factor, and the step or the contrast that the column stands for.
    factors
        Length p: the column of the frame that the design column comes from.
    complete
        (n,) bool: rows without a missing factor.
    left_out
        Column to the reason why it was left out.
    """

    matrix: NDArray[np.float64]
    labels: tuple[str, ...]
    levels: tuple[str, ...]
    factors: tuple[str, ...]
    complete: NDArray[np.bool_]
    left_out: Mapping[str, str]

    def columns_of(self, factor: str) -> list[int]:
        """Return the positions of the design columns that belong to one factor."""
        return [i for i, name in enumerate(self.factors) if name == factor]

    @property
    def distinct_factors(self) -> tuple[str, ...]:
        """The factors that entered, in order."""
        return tuple(dict.fromkeys(self.factors))


@cache
def factors() -> Mapping[str, Factor]:
    """Return the table of known factors.

    Examples
    --------
    >>> factors()["age_years"].per
    'per 10 years'
    """
    text = files("coley.biology.resources").joinpath("factors.csv").read_text(encoding="utf-8")
    return {
        row["column"]: Factor(
            row["column"], row["label"], row["transform"], float(row["step"] or 1), row["per"]
        )
        for row in csv.DictReader(text.splitlines())
    }


def factor_matrix(
    frame: pl.DataFrame,
    columns: Iterable[str],
    *,
    max_missing: float = MAX_MISSING,
    min_level: int = MIN_LEVEL,
) -> FactorMatrix:
    """Turn columns of a table of patients into a design matrix without an intercept.

    Parameters
    ----------
    frame
        One row per patient.
    columns
        Factors in the order in which they are wanted; a column that the table of factors does not know
        enters per standard deviation (numbers) or as a category (everything else).
    max_missing
        A factor missing in a larger share of the rows is left out, and `left_out` says so.
    min_level
        Levels with fewer patients are pooled.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"age_years": [50.0, 60.0, 70.0], "sex": ["male", "female", "female"]})
    >>> made = factor_matrix(frame, ["age_years", "sex"], min_level=1)
    >>> made.levels
    ('per 10 years', 'male vs female')
    """
    blocks: list[NDArray[np.float64]] = []
    labels: list[str] = []
    levels: list[str] = []
    names: list[str] = []
    left_out: dict[str, str] = {}
    for column in columns:
        series = frame[column]
        missing = series.null_count() / max(frame.height, 1)
        if missing > max_missing:
            left_out[column] = f"missing in {missing:.0%} of {frame.height} patients"
            continue
        if series.drop_nulls().n_unique() < 2:
            left_out[column] = "one value for everybody"
            continue
        factor = factors().get(column)
        if series.dtype.is_numeric() and (factor is None or factor.transform != "category"):
            block, block_levels = _numeric(series, factor)
        else:
            block, block_levels = _categorical(series, min_level)
        if not block_levels:
            left_out[column] = f"no second level with at least {min_level} patients"
            continue
        fresh = [j for j in range(block.shape[1]) if _adds([*blocks, block[:, : j + 1]])]
        if not fresh:
            left_out[column] = "carries nothing beyond the factors before it"
            continue
        blocks.append(block[:, fresh])
        levels += [block_levels[j] for j in fresh]
        labels += [factor.label if factor else column] * len(fresh)
        names += [column] * len(fresh)
    matrix = np.column_stack(blocks) if blocks else np.empty((frame.height, 0))
    complete = np.asarray(np.isfinite(matrix).all(axis=1))
    return FactorMatrix(matrix, tuple(labels), tuple(levels), tuple(names), complete, left_out)


def _adds(blocks: list[NDArray[np.float64]]) -> bool:
    """Say whether the last column carries something that an intercept and the columns before it do not."""
    matrix = np.column_stack(blocks)
    rows = matrix[np.isfinite(matrix).all(axis=1)]
    if len(rows) < 2:
        return False
    centred = rows - rows.mean(axis=0)
    last = centred[:, -1]
    if centred.shape[1] > 1:
        last = last - centred[:, :-1] @ np.linalg.lstsq(centred[:, :-1], last, rcond=None)[0]
    return bool(last @ last > ALIASED * max(float(rows[:, -1] @ rows[:, -1]), 1e-300))


def _numeric(series: pl.Series, factor: Factor | None) -> tuple[NDArray[np.float64], list[str]]:
    values = series.cast(float).to_numpy().astype(np.float64)
    if factor is None:
        return (values / np.nanstd(values, ddof=1))[:, None], ["per SD"]
    if factor.transform == "log2p1":
        values = np.log2(np.maximum(values, 0) + 1)
    return (values / factor.step)[:, None], [factor.per]


def _categorical(series: pl.Series, min_level: int) -> tuple[NDArray[np.float64], list[str]]:
    """Dummies against the most frequent level; ties go to the first in the alphabet, so row order is free."""
    text = np.array([_level(value) for value in series.to_list()], dtype=object)
    present = text != None  # noqa: E711  (elementwise)
    names, counts = np.unique(text[present].astype(str), return_counts=True)
    order = np.lexsort((names, -counts))
    reference = str(names[order[0]])
    large = [str(names[i]) for i in order[1:] if counts[i] >= min_level]
    small = [str(names[i]) for i in order[1:] if counts[i] < min_level]
    dummies = [text == level for level in large]
    contrasts = [f"{level} vs {reference}" for level in large]
    pooled = np.isin(text, small) if small else np.zeros(len(text), dtype=bool)
    if pooled.sum() >= min_level:
        dummies.append(pooled)
        contrasts.append(f"{POOLED} ({len(small)} levels) vs {reference}")
    if not dummies:
        return np.empty((len(text), 0)), []
    block = np.column_stack(dummies).astype(np.float64)
    # Levels too small even together cannot be told from the reference: those patients have no value here.
    lost = ~present if pooled.sum() >= min_level or not small else ~present | pooled
    block[lost] = np.nan
    return block, contrasts


def _level(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
