"""What samples are made of, by each method that was asked for; a method that cannot be used says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coley.model.errors import InvalidSetting, MissingData, NotEstimable

if TYPE_CHECKING:
    import polars as pl

    from coley.biology.deconvolution import Fractions
    from coley.biology.expression import Expression

SEED = 1  # of the bootstrap over genes
ALONE = "single-sample"  # as signatures.csv has it
# The interval of MCP-counter compares a sample with the mean of its cohort, though the value does not; it draws
# nothing, and so takes no seed.
COHORT_INTERVALS = ("mcp_counter",)
TEXT = ("method", "sample_id", "cell", "unit", "kind", "interval")
NUMBERS = ("value", "low", "high", "coverage")
COLUMNS = ("method", "sample_id", "cell", "value", "low", "high", "unit", "coverage", "kind", "interval")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Estimates of every method that could be used.

    Attributes
    ----------
    table
        method, sample_id, cell, value, low, high, unit, coverage, kind, interval.
    notes
        For each method that was used, what a reader must know.
    refused
        For each that was not, why.
    """

    table: pl.DataFrame
    notes: dict[str, str]
    refused: dict[str, str]


def cells_of(expression: Expression, methods: Sequence[str], *, by_reference: bool) -> Cells:
    """Estimate what samples are made of.

    Parameters
    ----------
    expression
        Of `prepare`.
    methods
        Names of the catalogue.
    by_reference
        Whether nothing may depend on the other samples; intervals that do are then left empty.
    """
    import polars as pl

    frames, notes, refused = [], {}, {}
    for method in methods:
        try:
            found = _estimated(expression, method)
        except (MissingData, NotEstimable, InvalidSetting) as error:
            refused[method] = error.what.rstrip(".")
            continue
        frames.append(_table(found, by_reference=by_reference))
        notes[method] = " ".join(found.notes)
    empty = {name: pl.String if name in TEXT else pl.Float64 for name in COLUMNS}
    return Cells(pl.concat(frames) if frames else pl.DataFrame(schema=empty), notes, refused)


def _estimated(expression: Expression, method: str) -> Fractions:
    from coley.biology.deconvolution import estimate

    if expression.family == "z":
        raise NotEstimable("z scores carry no level of expression, which this method needs.")
    seed: dict[str, Any] = {} if method in COHORT_INTERVALS else {"seed": SEED}
    unit = f"log2_{expression.family}1"
    return estimate(
        expression.values, expression.genes, method=method, unit=unit, samples=expression.samples, **seed
    )


def _table(found: Fractions, *, by_reference: bool) -> pl.DataFrame:
    """Return the long table of one method, with whose numbers each value and its interval depend on."""
    import polars as pl

    n = len(found.samples)
    interval = ALONE
    if found.method in COHORT_INTERVALS:
        interval = "" if by_reference or n == 1 else f"cohort-relative (n = {n})"
    table = found.frame().with_columns(
        method=pl.lit(found.method), unit=pl.lit(found.unit), kind=pl.lit(ALONE), interval=pl.lit(interval)
    )
    if not interval:
        table = table.with_columns(low=pl.lit(None, dtype=pl.Float64), high=pl.lit(None, dtype=pl.Float64))
    return table.select(COLUMNS)
