"""The likelihood-ratio test of each drug: chance of so extreme a pair among all its events, step by step downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.part import Part
from coley.questions.harm.contingency.pairs import WHOLE_CELLS
from coley.questions.harm.pictures import percent
from coley.stats.disproportionality.likelihood_ratio.maximum_test import (
    LikelihoodRatios,
    likelihood_ratio_test,
)

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.contingency.examined import Examined
    from coley.questions.harm.contingency.pairs import Pairs

MOST_DRAWS = 9_999  # tables that are simulated: resolves a p of 0.0001
MOST_CELLS_DRAWN = 30_000_000  # in all of them together: a few seconds


def ratio_test(pairs: Pairs, seed: int) -> LikelihoodRatios | None:
    """Return the test of every named drug, or None where the table is not whole."""
    if not pairs.whole:
        return None
    matrix = pairs.table.matrix()
    draws = int(min(MOST_DRAWS, MOST_CELLS_DRAWN // matrix.size))
    return likelihood_ratio_test(matrix, columns=pairs.named_drugs, draws=draws, seed=seed)


def drug_part(examined: Examined) -> Part:
    """Return one row a drug: what is reported of it, its signals, and whether it has any by the likelihood ratio."""
    import polars as pl

    pairs, tested = examined.pairs, examined.tested
    drugs = pl.DataFrame({"drug": [pairs.table.drugs[k] for k in pairs.named_drugs]})
    table = drugs.join(
        examined.told.group_by("drug").agg(
            pl.col("exposed").first(), reported=(pl.col("reports") > 0).sum(), signals=pl.col("signal").sum()
        ),
        on="drug",
        how="left",
        maintain_order="left",
    )
    if tested is None:
        cells = len(pairs.table.drugs) * len(pairs.table.events)
        return Part(
            cannot_tell=(
                f"The likelihood-ratio test: it is made for whole tables of up to {WHOLE_CELLS:,} cells. This one has "
                f"{cells:,}, of which {100 * len(pairs.table.count) / cells:.0f} % are above zero.",
            ),
            tables={"drugs": _foremost(table)},
        )
    own = list(pairs.named_drugs)
    table = table.with_columns(
        likelihood_ratio_p=pl.Series(tested.p_column[own]), likelihood_ratio_q=pl.Series(tested.q_column[own])
    )
    return Part(checks=(_check(tested, own, examined.settings.fdr),), tables={"drugs": _foremost(table)})


def _foremost(table: pl.DataFrame) -> pl.DataFrame:
    return table.sort(["signals", "exposed"], descending=True, nulls_last=True, maintain_order=True)


def _check(tested: LikelihoodRatios, own: list[int], rate: float) -> Check:
    found = int(np.sum(tested.q_column[own] <= rate))
    return Check(
        "likelihood_ratio_test",
        "pass",
        "Drugs with an event that is reported more often than chance brings, by the likelihood-ratio test: "
        f"{found:,} of {len(own):,}, within a false discovery rate of {percent(rate)} over drugs "
        f"({tested.draws:,} simulated tables: no p is below {1 / (tested.draws + 1):.2g}).",
    )
