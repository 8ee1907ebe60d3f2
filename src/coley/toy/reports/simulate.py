"""From a design to a database of reports, and the truth that stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from coley.toy.reports.cases import Cases, combined, draw
from coley.toy.reports.design import ReportDesign
from coley.toy.reports.frames import clean_frames, raw_frames
from coley.toy.reports.spelling import Spelling, spell
from coley.toy.reports.truth import ReportTruth
from coley.toy.reports.versions import Reports, Told, report, tell
from coley.toy.reports.world import World, build
from coley.toy.streams import Streams

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class SimulatedReports:
    """A simulated database: frames are made when they are first asked for.

    Attributes
    ----------
    world
        What the design fixes: names and rates.
    cases, told, reports, spelling
        What was drawn, as codes.
    """

    world: World
    cases: Cases
    told: Told
    reports: Reports
    spelling: Spelling

    @cached_property
    def raw(self) -> dict[str, pl.DataFrame]:
        """The relations of `schema.RAW`, with versions, duplicates, names as written and everything missing."""
        return raw_frames(self.world, self.cases, self.told, reports=self.reports, spelling=self.spelling)

    @cached_property
    def clean(self) -> dict[str, pl.DataFrame]:
        """The relations of `schema.CLEAN` as a perfect cleaning of `raw` leaves them."""
        return clean_frames(self.world, self.cases, self.told, reports=self.reports)

    @cached_property
    def truth(self) -> ReportTruth:
        """Expected ratios, interactions, masked pairs and onset times, in closed form."""
        return ReportTruth(self.world)

    @property
    def duplicates(self) -> pl.DataFrame:
        """One row a copy: its `case_id`, the case `duplicate_of`, and what of it differs."""
        import polars as pl

        r = self.reports
        copy = r.copy
        case = r.case[copy]
        told = self.told
        return pl.DataFrame(
            {
                "case_id": r.case_id[copy],
                "duplicate_of": r.original_id[copy],
                "age_differs": (told.has_age[case] & (r.age[copy] != self.cases.age[case])),
                "date_differs": (r.event[copy] != self.cases.event[case])
                | (r.event_precision[copy] != told.event_precision[case]),
                "number_differs": r.own_number[copy],
            }
        )

    @property
    def names(self) -> pl.DataFrame:
        """Every name as written with its ingredient, and whether it is misspelt."""
        return self.spelling.dictionary

    @property
    def onsets(self) -> pl.DataFrame:
        """Cases whose event date is that of a planted immune event: regimen, term, and the true time in days.

        A case may report several immune terms; the time belongs to the one named here, and so does the time to
        the others of the same case, which is not theirs.
        """
        import numpy as np
        import polars as pl

        cases, reports, world = self.cases, self.reports, self.world
        rows = np.flatnonzero((cases.drugs.code < world.n_oncology) & (cases.dated[cases.drugs.owner] >= 0))
        case, at = np.unique(cases.drugs.owner[rows], return_index=True)
        ids = np.zeros(len(cases), np.int64)
        ids[reports.case[reports.final]] = reports.case_id[reports.final]
        names = [" + ".join(np.array(world.drugs[: world.n_oncology])[member]) for member in world.members]
        return pl.DataFrame(
            {
                "case_id": ids[case],
                "regimen": np.array(names)[cases.regimen[case]],
                "term": np.array(world.terms)[cases.dated[case]],
                "days": cases.event[case] - cases.start[rows[at]],
                "combined": combined(world)[cases.regimen[case]],
            }
        )


def simulate_reports(design: ReportDesign | None = None) -> SimulatedReports:
    """Simulate a database of spontaneous reports whose truth is known.

    Parameters
    ----------
    design
        By default 20,000 cases of 40 quarters with planted signals, and with the dirt of real reports.

    Returns
    -------
    The relations as they are read (`raw`), as a perfect cleaning leaves them (`clean`), and the `truth`.

    Raises
    ------
    UnknownName
        Where the design plants something on a drug or a term that it does not simulate.
    InvalidSetting
        Where no regimen holds both drugs of an interaction.

    Notes
    -----
    The model. A case belongs to a stratum c (quarter, age group, sex, cancer). With cancer it may have one regimen r
    of oncology drugs, P(r | c). Each background drug d is in it with probability 1 - exp(-lambda_d(c)), each term e
    with 1 - exp(-mu_e(c) R), all of them independently of one another given c and r (a Poisson number of mentions is
    drawn, and a name counts once). R multiplies the rate of the term: R = M_r,e + sum over background drugs d in the
    case of (m_de - 1), with m_de the planted ratio, and M_r,e = 1 + sum over the drugs d of the regimen of (m_de - 1)
    unless an interaction says otherwise. So drugs add on the scale of rates; a ratio is exactly the RRR of a rare
    term for a drug that comes alone. A case without any drug has `unspecified ingredient`, one without any event
    `Adverse event`: no case is left out, and nothing is conditioned on.

    What follows. Without confounding lambda, mu and P(r | cancer) do not depend on c (late signals apart). Then a
    background drug is independent of every other drug, and of every term with which it has no planted signal: ROR,
    PRR and RRR are exactly 1 in expectation over the whole database, whatever else is planted. The regimens exclude
    one another. An oncology drug therefore has a ratio other than 1 with each term that any oncology drug signals,
    even without a signal of its own: such pairs, and the planted ones, are listed with their expected ROR, PRR and
    RRR in `truth.ratios`; with all other terms its ratios are exactly 1. Planted pairs are also pulled towards 1 by
    the planted signals of other drugs with the same term (competition): `truth.ratios` holds what is to be expected,
    `planted` what was put in. The filler drug and the filler term are not null: leave them out.

    The roles are no part of the model: the ratios hold for drugs in any role. Oncology drugs and drugs with a planted
    signal are always suspected. `names` says which drug each name stands for: brands and misspellings of invented
    drugs are in no dictionary, and where the ingredient is missing too, no other matcher can know them. Copies of
    cases repeat what is there: they leave expectations as they are, but counts that include them vary more than counts
    of cases do. With confounding, crude ratios of null pairs differ from 1: `truth.ratios_of(term)` gives them, and
    within a stratum they are 1.

    A late signal begins with the `from_quarter`-th quarter of the design, counted from 0. A case is fatal with
    probability 1 - (1 - b) times the product of 1 - f_e over its terms, b being 0.05, or 0.15 with cancer.

    Time to onset is drawn from a Weibull distribution by term and kind of regimen and floored to days; where a case
    has several planted immune terms, one at random dates it (`onsets`). There is no truncation: times run backwards
    from the receipt of the report.

    Examples
    --------
    >>> toy = simulate_reports(ReportDesign(n_cases=500, seed=3))
    >>> toy.clean["cases"].height < toy.raw["reports"].height
    True
    >>> toy.truth.is_null("nivolumab", "Myocarditis")
    False
    """
    design = design or ReportDesign()
    world = build(design)
    return simulate_part(world, design.n_cases, spelling=spell(world), part=0, first=0)


def simulate_part(world: World, n: int, *, spelling: Spelling, part: int, first: int) -> SimulatedReports:
    """Simulate one part of a database that is too large for memory; `first` cases lie in earlier parts."""
    streams = Streams(world.design.seed + 1_000_003 * part)
    cases = draw(world, n, streams)
    told = tell(world, cases, streams)
    reports = report(world, cases, told, spelling=spelling, streams=streams, first=first)
    return SimulatedReports(world, cases, told, reports, spelling)
