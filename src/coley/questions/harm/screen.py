"""Every drug with every reaction: what chance would bring, learnt from all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.errors import NotEstimable
from coley.questions.harm.evidence import ANY_ROLE
from coley.stats.disproportionality.mgps.fit import MgpsFit, mgps
from coley.vigilance.counting import REPORT
from coley.vigilance.exposure import SUSPECT
from coley.vigilance.pairs import AllPairs, code, count_pairs

if TYPE_CHECKING:
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
        The prior of MGPS; None where there are too few pairs to fit one, or the search did not settle.
    """

    pairs: AllPairs
    fit: MgpsFit | None

    @property
    def prior(self) -> GammaMixture | None:
        """The prior, where there is one."""
        return None if self.fit is None else self.fit.prior


def screen(evidence: Evidence, level: str) -> Screen:
    """Count every drug with every reaction of a level and fit the prior to them."""
    con, reports, events = evidence.con, evidence.database.reports, evidence.reactions[level]
    roles = SUSPECT if evidence.settings.roles == "suspect" else ANY_ROLE
    drugs = reports.exposures.filter(reports.exposures.role.isin(list(roles)))
    exposures = drugs.select(REPORT, exposure=drugs.ingredient).distinct()
    pairs = count_pairs(con, code(con, reports.cases, exposures=exposures, events=events))
    return Screen(pairs, _fit(pairs))


def _fit(pairs: AllPairs) -> MgpsFit | None:
    try:
        fit = mgps(pairs.counts.both, pairs.counts.expected)
    except NotEstimable:
        return None
    return fit if fit.converged else None
