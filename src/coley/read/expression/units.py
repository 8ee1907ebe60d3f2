"""The unit of an expression matrix, guessed from its numbers where nobody says it; always said to be a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Where
from coley.model.study import WHERE_COLUMN

if TYPE_CHECKING:
    import polars as pl

MILLION = 1e6  # what TPM of one sample add up to
LEAST_SUM, MOST_SUM = (
    0.6,
    1.02,
)  # of a million: a matrix without some transcripts has less, rounding little more
LARGEST_LOG = 30.0  # log2 of the largest count there is; linear values go beyond
WHOLE = 0.99  # of the values that must be whole numbers in a matrix of counts
NEAR = 0.02  # how far a number that was rounded to four digits may be from a whole one, relatively
OFFSETS = {0.001: "log2_tpm001", 0.01: "log2_tpm01"}  # log2 of the least value shows what was added to TPM 0


@dataclass(frozen=True, slots=True)
class Guess:
    """A unit ("" where none is likely) and what speaks for it."""

    unit: str
    why: str


def guess_unit(frame: pl.DataFrame) -> Guess:
    """Return the likely unit of a table of expression.

    Examples
    --------
    >>> import polars as pl
    >>> guess_unit(pl.DataFrame({"gene": ["A", "B"], "s": [3.0, 1200.0]})).unit
    'counts'
    """
    values = frame.drop("gene", WHERE_COLUMN, strict=False).to_numpy()
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Guess("", "it holds no number")
    low, high = float(finite.min()), float(finite.max())
    if low < 0:
        return _with_negatives(values, low)
    if high <= LARGEST_LOG:
        return _logs(values, high)
    if _whole(finite):
        return Guess("counts", "all values are whole numbers")
    sums = np.nansum(values, axis=0) / MILLION
    if ((sums > LEAST_SUM) & (sums < MOST_SUM)).all():
        return Guess("tpm", f"the samples add up to {sums.min():.2f} to {sums.max():.2f} million")
    return Guess("", f"values go from {low:.3g} to {high:.3g}, and the samples do not add up to one million")


def unit_note(file: str, said: str, guess: Guess) -> tuple[Check, ...]:
    """Return what there is to say about the unit of a matrix."""
    if said and guess.unit in ("", said):
        return (
            Check(
                "expression_unit", "pass", f"{file} is in {said}, as the manifest says.", where=Where(file)
            ),
        )
    if said:
        message = f"The manifest says that {file} is in {said}, but it looks like {guess.unit}: {guess.why}."
        return (
            Check("expression_unit", "warn", message, remedy="Check expression_unit.", where=Where(file)),
        )
    remedy = 'Say it: expression_unit = "tpm" (or log2_tpm1, counts, log2_counts1 ...) in study.toml.'
    if guess.unit:
        message = f"Nobody says the unit of {file}; it is probably {guess.unit}, because {guess.why}. This is a guess."
    else:
        message = f"The unit of {file} cannot be told: {guess.why}."
    return (Check("expression_unit", "warn", message, remedy=remedy, where=Where(file)),)


def _whole(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    near = np.abs(values - np.rint(values)) <= 1e-9
    return bool(near.mean() >= WHOLE)


def _with_negatives(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], low: float) -> Guess:
    for offset, unit in OFFSETS.items():
        if abs(low - np.log2(offset)) < 1e-3:
            return Guess(unit, f"its least value {low:.3f} is log2({offset})")
    centres = np.nanmean(values, axis=1)
    if np.nanmax(np.abs(centres)) < 1e-3:
        return Guess("z_score", "the values of each gene are centred on zero")
    return Guess("", f"it holds negative values down to {low:.3g}, of a scale that cannot be told")


def _logs(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], high: float) -> Guess:
    linear = np.exp2(values) - 1
    sums = np.nansum(linear, axis=0) / MILLION
    if values.shape[0] > 1 and ((sums > LEAST_SUM) & (sums < MOST_SUM)).all():
        return Guess(
            "log2_tpm1", f"2^x - 1 adds up to {sums.min():.2f} to {sums.max():.2f} million per sample"
        )
    small = linear[np.isfinite(linear) & (linear < 20)]
    if small.size > 100 and high > 8:
        near = np.abs(small - np.rint(small)) <= NEAR * np.maximum(small, 0.05)
        if near.mean() >= WHOLE:
            return Guess("log2_counts1", "2^x - 1 are whole numbers")
    return Guess("", f"values from 0 to {high:.3g} look like logarithms, of what cannot be told")
