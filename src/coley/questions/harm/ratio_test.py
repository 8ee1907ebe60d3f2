"""The likelihood-ratio test of each agent: which harms stand out of its own reports, with the error held over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.part import Part
from coley.questions.harm.reactions import harm_titles
from coley.stats.disproportionality.likelihood_ratio.maximum_test import likelihood_ratio_test
from coley.vigilance.exposure import ANY_INHIBITOR
from coley.vigilance.grid import grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.harm.evidence import Evidence

DRAWS = 999  # of the null: p is known to a thousandth


def ratio_test_part(evidence: Evidence) -> Part:
    """Return the maximum likelihood-ratio test of each agent over the harms of the label, step by step downwards."""
    import polars as pl

    agents = evidence.agents
    if evidence.case_only or not agents:
        return Part()
    events, table = _table(evidence)
    found = likelihood_ratio_test(
        table, columns=list(range(len(agents))), draws=DRAWS, seed=evidence.settings.seed
    )
    rows = [
        {
            "agent": evidence.title(agent),
            "event": harm_titles()[event],
            "reports": int(table[i, j]),
            "log_likelihood_ratio": float(found.log_ratio[i, j]),
            "p_step_down": float(found.p[i, j]),
            "p_agent": float(found.p_column[j]),
            "q_agent": float(found.q_column[j]),
        }
        for j, agent in enumerate(agents)
        for i, event in enumerate(events)
        if table[i, j] >= evidence.settings.min_reports
    ]
    if not rows:
        return Part()
    frame = pl.DataFrame(rows).sort(["p_step_down", "log_likelihood_ratio"], descending=[False, True])
    return Part(tables={"likelihood_ratio": frame})


def _table(evidence: Evidence) -> tuple[list[str], NDArray[np.float64]]:
    """Return the harms that are reported, and mentions by harm and agent; all others fill the last row and column.

    The test is of mentions: a report counts once for each harm that it tells of, and once for each other term.
    """
    import polars as pl

    agents = evidence.agents
    made = grid(evidence.counts("harm", "database"), (*agents, ANY_INHIBITOR), tuple(harm_titles()))
    both = made.counts.both.reshape(len(agents) + 1, -1)
    told = np.flatnonzero(both[-1] > 0)
    everywhere = made.counts.event.reshape(len(agents) + 1, -1)[0]
    terms = evidence.counts("term", "database")
    mentions = dict(terms.both.group_by("exposure").agg(pl.col("n").sum()).rows())
    of = np.array([mentions.get(name, 0) for name in (*agents, ANY_INHIBITOR)], np.float64)
    harms = np.vstack([both[:-1, told], everywhere[told] - both[-1, told]])
    rest = np.append(of[:-1], float(terms.event["n"].sum()) - of[-1]) - harms.sum(axis=1)
    # A harm of several terms counts once, so that what is left may not fall below nothing.
    return [made.events[k] for k in told], np.vstack([harms.T, rest.clip(min=0)])
