"""What is wrong with a matrix for the unit that it claims: one clear message for each way to be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.biology.expression.units import Unit

    Floats = NDArray[np.float64]

MILLION = 1e6  # what the TPM, and the CPM, of one sample add up to
LARGEST_LOG = 30.0  # log2 of a billion: no transcript is counted more often, and linear values go beyond 30
ENOUGH_GENES = 100  # so many genes without one value above 30 are logarithms; fewer may be weak genes
TOO_MUCH = 2.0  # times a million: TPM add up to a million, and rounding or merged rows do not double that
A_LITTLE_MORE = 1.05  # times a million: rounding and duplicated rows stay below
TOO_LITTLE = 0.5  # times a million, of a whole transcriptome: half the expression is missing
EXACT = 1e-3  # relative; sums that agree with a million so well were scaled to it
WHOLE_NUMBERS = 0.99  # of the values, in a matrix of counts
ZEROS = 0.01  # of the values; no offset below one makes exact zeros of so many


def unit_checks(values: Floats, unit: Unit, *, whole: bool) -> tuple[Check, ...]:
    """Return what is doubtful about the unit.

    Parameters
    ----------
    values
        Genes x samples, finite, as they were given.
    unit
        What they are said to be.
    whole
        Whether the rows are a whole transcriptome.

    Raises
    ------
    UnreadableInput
        Where the values cannot be in that unit.
    """
    if unit.family == "z":
        return _z_scores(values)
    if unit.offset is None:
        doubts = _linear(values, unit)
        linear = values
    else:
        doubts = ()
        _logarithms(values, unit)
        linear = np.exp2(values) - unit.offset
    return (*doubts, *_sums(linear, unit, whole=whole))


def _wrong(unit: Unit, what: str, looks: str) -> UnreadableInput:
    return UnreadableInput(
        f"The values cannot be {unit.title}: {what}.",
        cause=f"They look like {looks}.",
        remedy="Say the right unit; the unit decides how scores are made.",
    )


def _linear(values: Floats, unit: Unit) -> tuple[Check, ...]:
    low, high = float(values.min()), float(values.max())
    if low < 0:
        raise _wrong(
            unit, f"{int((values < 0).sum())} of them are negative, down to {low:.3g}", _negative(low)
        )
    if 0 < high <= LARGEST_LOG:
        message = f"no value exceeds {high:.3g}"
        if len(values) >= ENOUGH_GENES:
            raise _wrong(unit, message, "logarithms (log2_tpm1, log2_fpkm1, log2_counts1 ...)")
        return (
            Check(
                "expression_unit",
                "warn",
                f"Said to be {unit.title}, but {message}: these may be logarithms.",
                remedy="Check the unit.",
            ),
        )
    return ()


def _logarithms(values: Floats, unit: Unit) -> None:
    low, high = float(values.min()), float(values.max())
    least = float(np.log2(unit.offset or 1.0))
    if high > LARGEST_LOG:
        raise _wrong(unit, f"they go up to {high:.3g}", "linear values (tpm, fpkm, counts ...)")
    if low < least - 1e-2:  # rounding to two decimals is common
        raise _wrong(
            unit, f"they go down to {low:.3g}, below log2 of the offset ({least:.3g})", _negative(low)
        )
    if unit.offset != 1.0 and low >= 0 and (values == 0).mean() > ZEROS:
        raise _wrong(
            unit, "none is negative and many are exactly 0", f"log2(x + 1), not log2(x + {unit.offset:g})"
        )


def _negative(low: float) -> str:
    for offset, name in ((0.001, "log2_tpm001"), (0.01, "log2_tpm01")):
        if abs(low - np.log2(offset)) < 1e-2:
            return f"log2(TPM + {offset:g}), that is {name}"
    return "logarithms with a small offset, or z scores"


def _sums(linear: Floats, unit: Unit, *, whole: bool) -> tuple[Check, ...]:
    sums = linear.sum(axis=0) / MILLION
    middle = float(np.median(sums))
    if unit.family == "counts":
        to_a_million = bool((np.abs(sums - 1) < EXACT).all())
        if whole and to_a_million and _whole_numbers(linear, unit) < WHOLE_NUMBERS:
            raise _wrong(unit, "every sample adds up to one million and values are not whole", "TPM or CPM")
        return ()
    if unit.family not in ("tpm", "cpm"):
        return ()
    if middle > TOO_MUCH:
        looks = "counts" if _whole_numbers(linear, unit) >= WHOLE_NUMBERS else "FPKM or estimated counts"
        raise _wrong(unit, f"half of the samples add up to more than {middle:.1f} million", looks)
    if middle > A_LITTLE_MORE or (whole and middle < TOO_LITTLE):
        return (
            Check(
                "expression_unit",
                "warn",
                f"{unit.title} of a sample add up to one million; here they add up to {sums.min():.2f} to "
                f"{sums.max():.2f} million.",
                cause="Another unit, rows left out, or rows given twice.",
                remedy="Check the unit.",
            ),
        )
    return ()


def _whole_numbers(linear: Floats, unit: Unit) -> float:
    """Return the share of whole numbers, as far as logarithms that were rounded let it be told."""
    small = linear[(linear > 0.05) & (linear < 20)] if unit.offset is not None else linear
    return (
        float((np.abs(small - np.rint(small)) <= (0.02 if unit.offset else 1e-6)).mean())
        if small.size
        else 0.0
    )


def _z_scores(values: Floats) -> tuple[Check, ...]:
    if values.min() >= 0 or np.abs(values).max() > LARGEST_LOG:
        raise UnreadableInput(
            "The values cannot be z scores: "
            + ("none is negative." if values.min() >= 0 else f"they reach {np.abs(values).max():.3g}."),
            cause="They look like expression.",
            remedy="Say the right unit.",
        )
    return (
        Check(
            "expression_unit",
            "warn",
            "z scores carry no level: pair rules, ratios, sums of expression and ranks within a sample cannot be "
            "computed from them, and every score is relative to the cohort in which they were made.",
            remedy="Supply TPM.",
        ),
    )
