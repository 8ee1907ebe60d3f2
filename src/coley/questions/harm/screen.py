"""Every drug with every reaction: what chance would bring, learnt from all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.harm.evidence import ANY_ROLE
from coley.questions.harm.measures import hyperparameters
from coley.questions.harm.reactions import LEVELS
from coley.stats.disproportionality.mgps.fit import MgpsFit, mgps
from coley.vigilance.counting import REPORT
from coley.vigilance.exposure import SUSPECT
from coley.vigilance.pairs import AllPairs, code, codes, count_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coley.questions.harm.evidence import Evidence
    from coley.stats.disproportionality.mgps.mixture import GammaMixture


@dataclass(frozen=True, eq=False)
class Screen:
    """All pairs of drug and reaction at one level, and the prior that empirical Bayes learns from them.

    Attributes
    ----------
    pairs
        Every pair that is reported at least once.
    fit
        The prior of MGPS; None where there are too few pairs to fit one.
    """

    pairs: AllPairs
    fit: MgpsFit | None

    @property
    def prior(self) -> GammaMixture | None:
        """The prior, where there is one."""
        return None if self.fit is None else self.fit.prior


def screen(evidence: Evidence) -> dict[str, Screen]:
    """Count every drug with every reaction of each level, and fit a prior to each."""
    con, reports = evidence.con, evidence.database.reports
    roles = SUSPECT if evidence.settings.roles == "suspect" else ANY_ROLE
    own = reports.exposures.filter(reports.exposures.role.isin(list(roles)))
    drugs = codes(con, own.select(REPORT, exposure=own.ingredient).distinct(), "exposure")
    found = {}
    for level in LEVELS:
        coded = code(con, reports.cases, exposures=drugs, events=evidence.reactions[level])
        pairs = count_pairs(con, coded)
        found[level] = Screen(pairs, _fit(pairs))
    return found


def _fit(pairs: AllPairs) -> MgpsFit | None:
    try:
        return mgps(pairs.counts.both, pairs.counts.expected)
    except NotEstimable:
        return None


def screen_part(screens: Mapping[str, Screen]) -> Part:
    """Return what the priors were learnt from, and whether they can be believed."""
    import polars as pl

    rows = [
        {
            "level": LEVELS[level].title,
            "drugs": len(found.pairs.exposures),
            "reactions": len(found.pairs.events),
            "pairs": len(found.pairs.counts),
            **({} if found.fit is None else hyperparameters(found.fit)),
            "log_likelihood": None if found.fit is None else found.fit.log_likelihood,
            "settled": None if found.fit is None else found.fit.converged,
        }
        for level, found in screens.items()
    ]
    if not rows:
        return Part()
    loose = [LEVELS[level].title for level, found in screens.items() if found.fit and not found.fit.converged]
    none = [LEVELS[level].title for level, found in screens.items() if found.fit is None]
    return Part(
        checks=(_check(loose),) if len(none) < len(screens) else (),
        cannot_tell=tuple(
            f"EBGM at the level of {level}: there are too few pairs of drug and reaction to learn a prior from."
            for level in none
        ),
        tables={"mgps_priors": pl.DataFrame(rows, infer_schema_length=None)},
    )


def _check(loose: list[str]) -> Check:
    if not loose:
        return Check("empirical_bayes", "pass", "The search for the priors of EBGM settled at every level.")
    return Check(
        "empirical_bayes",
        "warn",
        f"The search for the prior of EBGM did not settle at the level of {' and '.join(loose)}.",
        "Prefer the information component there; a prior that lies on its boundary is in the table of priors.",
        "The likelihood is flat: nearly all pairs are reported as often as chance would have it.",
    )
