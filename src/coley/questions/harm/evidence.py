"""What the whole argument rests on: who was exposed to what, which reactions are told, all kept in the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.biology.drugs.regimens import regimens
from coley.questions.harm.reactions import LEVELS, QUERY, query_level
from coley.vigilance.comparators import COMPARATORS, UNIVERSES, WHOLE
from coley.vigilance.counting import REPORT, count
from coley.vigilance.engine import keep
from coley.vigilance.exposure import (
    ANY_INHIBITOR,
    SUSPECT,
    features,
    inhibitors,
    regimen_exposures,
)
from coley.vigilance.grid import Grid, grid

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl
    from ibis.backends import BaseBackend

    from coley.questions.harm.reactions import Level
    from coley.questions.harm.settings import HarmSettings
    from coley.vigilance.counting import Counts
    from coley.vigilance.database import Database

ANY_ROLE = (*SUSPECT, "C")
# The regimens of the pictures: a handful that do not overlap, and the class as a whole. "Alone" is without any other
# oncology drug in the report.
SHOWN = {
    "ici": "Any checkpoint inhibitor",
    "pd1_alone": "PD-1 alone",
    "pdl1_alone": "PD-L1 alone",
    "ctla4_alone": "CTLA-4 alone",
    "pdx_ctla4": "PD-(L)1 + CTLA-4",
    "pdx_lag3": "PD-(L)1 + LAG-3",
    "pdx_chemotherapy": "PD-(L)1 + chemotherapy",
    "pdx_vegfr_tki": "PD-(L)1 + VEGFR TKI",
}
ALONE = "pdx_alone"
# What else stands in the tables: each class whatever else was given but another checkpoint inhibitor, and the partners.
CLASSES = ("pd1", "pdl1", "pdx", "ctla4", "lag3", "ici_chemotherapy", "ici_tki")


@dataclass(frozen=True, eq=False)
class Evidence:
    """The exposures and the reactions of a database.

    Attributes
    ----------
    database, settings
        What is asked, and how.
    flags
        report_id and one flag for each feature that regimens are told by.
    exposures
        report_id, exposure: checkpoint inhibitors by name, and classes of regimens.
    levels, reactions
        The levels of reactions ("organ", "harm", "term", and "query" where queries were chosen), and for each:
        report_id, event.
    reports
        Reports of each exposure that occurs, the commonest first.
    total
        Reports in all.
    universes, counted
        What was found and counted already.
    """

    database: Database
    settings: HarmSettings
    flags: ir.Table
    exposures: ir.Table
    levels: Mapping[str, Level]
    reactions: Mapping[str, ir.Table]
    reports: Mapping[str, int]
    total: int
    universes: dict[str, ir.Table] = field(default_factory=dict)
    counted: dict[tuple[str, str], Counts] = field(default_factory=dict)

    @property
    def con(self) -> BaseBackend:
        """The engine."""
        return self.database.con

    @property
    def inhibitor_reports(self) -> int:
        """Reports with any checkpoint inhibitor."""
        return self.reports.get(ANY_INHIBITOR, 0)

    @property
    def case_only(self) -> bool:
        """Whether every report names a checkpoint inhibitor, so that nothing is there to compare with."""
        return self.inhibitor_reports == self.total

    @property
    def agents(self) -> tuple[str, ...]:
        """The checkpoint inhibitors that are reported, the commonest first."""
        return tuple(name for name in self.reports if name not in regimens())

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the tables that are reported."""
        return tuple(name for name in CLASSES if name in self.reports)

    @property
    def regimens(self) -> tuple[str, ...]:
        """The regimens of the pictures that are reported."""
        return tuple(name for name in SHOWN if name in self.reports)

    def title(self, exposure: str) -> str:
        """Return an exposure in words."""
        known = regimens().get(exposure)
        return SHOWN.get(exposure) or (known.title if known is not None else exposure.capitalize())

    def among(self, exposure: str) -> ir.Table:
        """Return the reports of an exposure: report_id."""
        chosen = self.exposures
        return chosen.filter(chosen.exposure == exposure)[[REPORT]]

    def counts(self, level: str, comparator: str) -> Counts:
        """Return the numbers of reports of every exposure with every reaction, in the universe of a comparator."""
        name = COMPARATORS[comparator].universe
        if (level, name) not in self.counted:
            self.counted[level, name] = count(
                self.con,
                self.universe(name),
                exposures=self.exposures,
                events=self.reactions[level],
                whole=name == WHOLE,
            )
        return self.counted[level, name]

    def universe(self, name: str) -> ir.Table:
        """Return the reports of a universe, found once."""
        if name not in self.universes:
            found = UNIVERSES[name](self.con, self.database.reports)
            self.universes[name] = found if name == WHOLE else keep(self.con, found[[REPORT]])
        return self.universes[name]

    def grid(
        self, counts: Counts, exposures: tuple[str, ...], events: tuple[str, ...], comparator: str
    ) -> Grid:
        """Return counts of pairs against a comparator; without one outside the family, against each other."""
        family = None if self.case_only else COMPARATORS[comparator].family
        return grid(counts, exposures, events, family=family)


def evidence(
    database: Database, settings: HarmSettings, queries: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> Evidence:
    """Return the exposures and reactions of a database, computed once.

    Parameters
    ----------
    database, settings
        What is asked, and how.
    queries
        Further groups of terms to be counted like organ classes: name to terms.
    """
    con, reports = database.con, database.reports
    roles = SUSPECT if settings.roles == "suspect" else ANY_ROLE
    flags = keep(con, features(reports.exposures, roles=roles))
    single = inhibitors(reports.exposures, roles=roles)
    exposures = keep(con, regimen_exposures(flags).union(single, distinct=False))
    counted = _by_size(con.to_polars(exposures.group_by("exposure").agg(n=exposures.count())))
    levels = dict(LEVELS.items()) | ({QUERY: query_level(queries)} if queries else {})
    reactions = {name: level.events(reports.events) for name, level in levels.items()}
    reactions |= {name: keep(con, events) for name, events in reactions.items() if name != "term"}
    total = int(con.to_pyarrow(reports.cases.count()).as_py())
    return Evidence(database, settings, flags, exposures, levels, reactions, counted, total)


def _by_size(frame: pl.DataFrame) -> dict[str, int]:
    return {
        name: int(n)
        for name, n in frame.sort(["n", "exposure"], descending=[True, False]).select("exposure", "n").rows()
    }
