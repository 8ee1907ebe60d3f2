"""What the margins of a table are, and what no table can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.part import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.questions.harm.contingency.pairs import Pairs

MANY = 50  # pairs, of which some are reported once unless those were left out
HALF = 0.5  # of all counts in one column: it is then likely to be a sum, whatever its name

CANNOT_TELL = (
    "When a reaction begins, how many reports are fatal, since when a pair is a signal: a table of counts has no dates "
    "and no outcomes.",
    "Whether a signal holds against a comparator, such as other drugs of the same disease, or within age, sex and "
    "country: every pair is compared with the rest of the table.",
    "What two drugs in one report do together, and which reports are duplicates: the reports are not here, and "
    "duplicates in the counts cannot be removed.",
)


def margin_part(pairs: Pairs) -> Part:
    """Return what the counts are compared with, and what is out of reach without the reports."""
    checks = [_of_pairs(pairs)] if pairs.table.margins_of == "pairs" else []
    checks += [_others(pairs), *_left_out(pairs)]
    caveats = () if pairs.whole else ("Pairs that the table does not list are taken as never reported.",)
    return Part(checks=tuple(checks), caveats=caveats, cannot_tell=CANNOT_TELL)


def _of_pairs(pairs: Pairs) -> Check:
    return Check(
        "margins",
        "warn",
        f"The margins are sums over {pairs.table.count.sum():,.0f} counts of pairs, not numbers of reports: a report "
        "with two drugs or two events counts several times. Ratios differ somewhat from those of reports, and no "
        "interval allows for it.",
        "Where the reports are to be had, give them instead of the table.",
        "A table of counts does not say which of its counts come from the same report.",
    )


def _others(pairs: Pairs) -> Check:
    table = pairs.table
    sums = [table.drugs[k] for k in table.other_drugs] + [table.events[k] for k in table.other_events]
    named = ", ".join(repr(name) for name in sums)
    if table.other_drugs:
        rows = (
            "" if table.other_events else " No row sums all other events: each is compared with those listed."
        )
        return Check(
            "all_others",
            "pass",
            f"Sums of all that is not listed: {named}. They form the margins and are no candidates for a signal.{rows}",
        )
    largest = _largest(pairs)
    return Check(
        "all_others",
        "warn",
        "No column sums all other drugs: each drug is compared with the others of the table alone, so that an event "
        "which they share is no signal." + largest,
        "Add such a column, named Other, if the counts are to be had.",
        "The table holds no more than it lists, or the column has another name." if largest else "",
    )


def _left_out(pairs: Pairs) -> tuple[Check, ...]:
    """Warn of a table with empty cells in which no pair is counted once."""
    count, cells = pairs.table.count, len(pairs.table.drugs) * len(pairs.table.events)
    smallest = float(count.min())
    if smallest <= 1 or not MANY <= len(count) < cells:
        return ()
    return (
        Check(
            "left_out",
            "warn",
            f"Some pairs are never counted, and none of {len(count):,} fewer than {smallest:,.0f} times: rarer ones "
            "were probably left out, and are taken as never reported.",
            "Give the table with all its pairs.",
            "An export of the commonest pairs alone.",
        ),
    )


def _largest(pairs: Pairs) -> str:
    """Name the column that holds most of all counts, which may be such a sum under another name."""
    by_drug: Sequence[float] = np.bincount(
        pairs.table.drug, pairs.table.count, len(pairs.table.drugs)
    ).tolist()
    k = int(np.argmax(by_drug))
    share = by_drug[k] / max(sum(by_drug), 1.0)
    return f" {pairs.table.drugs[k]!r} holds {100 * share:.0f} % of all counts." if share > HALF else ""
