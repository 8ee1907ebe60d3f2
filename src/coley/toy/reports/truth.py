"""What a perfect analysis of a simulated database finds: ratios in closed form, duplicates, onset times."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coley.toy.reports.cases import COMBINED_EARLIER, scale_of
from coley.toy.reports.facts import immune_terms
from coley.toy.reports.world import Floats, World

if TYPE_CHECKING:
    import polars as pl


class ReportTruth:
    """The truth of a design: nothing here depends on the cases that were drawn.

    A pair of which `is_null` says True has ratios of exactly 1. The filler drug and the filler term are never
    null: they stand where nothing else does.

    Parameters
    ----------
    world
        What the design fixes.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    def chances(self, term: str, *, without: str = "") -> tuple[Floats, Floats, float]:
        """Return the probabilities that a case has each drug, each drug with the term, and the term.

        Parameters
        ----------
        term
            Preferred term as in `world.terms`.
        without
            Drug whose cases are left out, as for a masking drug.

        Returns
        -------
        (drugs,) P(drug), (drugs,) P(drug and term), and P(term); the filler drug is not among the drugs.
        """
        world, code = self.world, self.world.code_of_term(term)
        cells, design = world.cells, world.design
        gone = world.code_of_drug(without) if without else -1
        rate = world.term_rates.by_cell(code)
        ratio = world.regimen_ratios.get(code, np.ones((design.quarters, len(world.members))))
        drug_rates = world.drug_rates
        taken = -np.expm1(-drug_rates.table)[drug_rates.stratum[1]]  # (cells, background drugs)
        chance = world.regimen_chance * cells.weight[:, None]
        if 0 <= gone < world.n_oncology:
            chance = chance * ~world.members[:, gone]
        elif gone >= 0:
            chance = chance * (1 - taken[:, gone - world.n_oncology])[:, None]
            taken = taken * (np.arange(design.n_drugs) != gone - world.n_oncology)
        spared = np.exp(-rate[:, None] * ratio[cells.quarter])  # no term, given cell and regimen
        factors = {}  # drug: no term from its signal, given that it is taken; and on average
        for drug, by_quarter in world.ratios.get(code, {}).items():
            if drug >= world.n_oncology:
                given = np.exp(-(by_quarter[cells.quarter] - 1) * rate)
                factors[drug - world.n_oncology] = given
        average = {d: 1 - taken[:, d] * (1 - given) for d, given in factors.items()}
        for factor in average.values():
            spared = spared * factor[:, None]
        none_by_regimen = (chance * spared).sum(axis=0)
        none_by_cell = (chance * spared).sum(axis=1)
        total = chance.sum()
        oncology = np.array([chance.sum(axis=0), none_by_regimen]) @ world.members
        background = np.array([chance.sum(axis=1), none_by_cell]) @ taken
        for d, given in factors.items():
            background[1, d] = np.sum(none_by_cell * taken[:, d] * given / average[d])
        having, sparing = np.concatenate([oncology, background], axis=1) / total
        return having, having - sparing, float(1 - none_by_cell.sum() / total)

    def ratios_of(self, term: str, *, without: str = "") -> pl.DataFrame:
        """Return the true reporting ratios of one term with every drug, over the whole database.

        Columns: drug, term, planted (the largest planted ratio; null where none), from_quarter, and the expected
        `ror`, `prr` and `rrr` (observed to expected), with `share` = P(drug and term).
        """
        import polars as pl

        having, both, of_term = self.chances(term, without=without)
        with np.errstate(divide="ignore", invalid="ignore"):
            with_, without_ = both / having, (of_term - both) / (1 - having)
            frame = {
                "ror": with_ * (1 - without_) / (without_ * (1 - with_)),
                "prr": with_ / without_,
                "rrr": with_ / of_term,
            }
        planted = self.world.ratios.get(self.world.code_of_term(term), {})
        names = self.world.drugs[:-1]
        top = {drug: ratio.max() for drug, ratio in planted.items() if ratio.max() > 1}
        start = {drug: int(np.argmax(ratio > 1)) for drug, ratio in planted.items() if ratio.max() > 1}
        return pl.DataFrame(
            {
                "drug": names,
                "term": [term] * len(names),
                "planted": pl.Series([top.get(code) for code in range(len(names))], dtype=pl.Float64),
                "from_quarter": pl.Series([start.get(code) for code in range(len(names))], dtype=pl.Int64),
                **frame,
                "share": both,
            }
        )

    @cached_property
    def ratios(self) -> pl.DataFrame:
        """Every pair whose expected ratio is not 1 in a database without confounding, as of `ratios_of`.

        These are the planted pairs and, with the same terms, every oncology drug: the regimens exclude one another,
        so that a drug without a signal is reported with the term less often than the rest of the database, and one
        that is given with another's signal more often.
        """
        import polars as pl

        parts = [self.ratios_of(self.world.terms[code]) for code in self.world.ratios]
        if not parts:
            return self.ratios_of(self.world.terms[0]).clear()
        oncology = self.world.drugs[: self.world.n_oncology]
        return pl.concat(parts).filter(pl.col("planted").is_not_null() | pl.col("drug").is_in(oncology))

    @cached_property
    def not_null(self) -> frozenset[tuple[str, str]]:
        """The pairs of `ratios` as (drug, term)."""
        return frozenset(self.ratios.select("drug", "term").iter_rows())

    def is_null(self, drug: str, term: str) -> bool:
        """Return whether the pair is independent in a design without confounding.

        Parameters
        ----------
        drug, term
            Names as in `world.drugs` and `world.terms`.
        """
        fillers = {self.world.drugs[-1], self.world.terms[-1]}
        return (drug, term) not in self.not_null and not {drug, term} & fillers

    @cached_property
    def masked(self) -> pl.DataFrame:
        """The pairs that a popular drug hides: `ror` in the whole database, and `ror_unmasked` without its cases."""
        import polars as pl

        parts = []
        for masking in self.world.design.all_maskings:
            whole, bare = (self.ratios_of(masking.term, without=gone) for gone in ("", masking.masker))
            parts.append(
                whole.filter(pl.col("drug").is_in(masking.masked))
                .join(bare.select("drug", ror_unmasked="ror"), on="drug")
                .select(
                    "drug", "term", pl.lit(masking.masker).alias("masker"), "planted", "ror", "ror_unmasked"
                )
            )
        return pl.concat(parts) if parts else pl.DataFrame()

    @cached_property
    def interactions(self) -> pl.DataFrame:
        """The planted interactions: rates with neither, one, the other and both, relative to neither.

        `additive` and `multiplicative` are the ratio of the rate with both to what each baseline expects.
        """
        import polars as pl

        rows = []
        for planted in self.world.design.interactions:
            term = self.world.code_of_term(planted.term)
            codes = [self.world.code_of_drug(name) for name in planted.drugs]
            one, two = (float(self.world.ratios[term].get(code, np.ones(1))[-1]) for code in codes)
            expected = one + two - 1 if planted.baseline == "additive" else one * two
            both = max(planted.ratio * expected, 1.0)
            rows.append(
                {
                    "drug_1": planted.drugs[0],
                    "drug_2": planted.drugs[1],
                    "term": planted.term,
                    "rate_1": one,
                    "rate_2": two,
                    "rate_both": both,
                    "additive": both / (one + two - 1),
                    "multiplicative": both / (one * two),
                }
            )
        return pl.DataFrame(rows)

    @cached_property
    def onset(self) -> pl.DataFrame:
        """Weibull shape and scale in days of each immune term, under one class alone and under two together."""
        import polars as pl

        terms = immune_terms()
        shape = np.array([term.shape for term in terms])
        scale = scale_of(np.array([term.median_days for term in terms]), shape)
        return pl.DataFrame(
            {
                "term": [term.term for term in terms],
                "organ": [term.organ for term in terms],
                "shape": shape,
                "scale_single": scale,
                "scale_combined": scale * COMBINED_EARLIER,
                "fatal": [term.fatal for term in terms],
            }
        )
