"""Masking: one exposure that fills the reports of an event hides the event behind all others, and how to undo it.

Every measure of disproportionality compares with the database at large. Where much of what is reported of an
event comes from one exposure, the share of the event at large is high, and every other exposure looks harmless.
Leaving the reports of that exposure out shows what it hid. The same happens to an exposure that is reported
mostly with one event (competition bias): exchange exposure and event in the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.disproportionality.counts import PairCounts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

JUHLIN_2013 = (
    "Juhlin K, Ye X, Star K, Norén GN. Outlier removal to uncover patterns in adverse drug reaction surveillance: "
    "a simple unmasking strategy. Pharmacoepidemiol Drug Saf 2013;22:1119-1129."
)
MAIGNEN_2014 = (
    "Maignen F, Hauben M, Hung E, Van Holle L, Dogné JM. A conceptual approach to the masking effect of measures "
    "of disproportionality. Pharmacoepidemiol Drug Saf 2014;23:208-217."
)


@dataclass(frozen=True, eq=False)
class Maskers:
    """What hides each of n pairs most.

    Attributes
    ----------
    pair
        (n,) row of the pair of the masking exposure and the same event; -1 where no other exposure masks it.
    ratio
        (n,) its masking ratio; 1 where there is none.
    """

    pair: NDArray[np.intp]
    ratio: Floats


@method(
    "masking_ratio",
    title="Masking ratio",
    summary="Factor by which observed over expected of every other exposure rises once the reports of one are "
    "left out.",
    needs="reports with the masking exposure and the event, with either, and in all",
    limits="Exact for exposures that share no report with the masking one; those that share some need the counts "
    "of the shared reports. Undoes what one exposure hides; several may hide together.",
    references=(JUHLIN_2013, MAIGNEN_2014),
)
def masking_ratio(maskers: PairCounts) -> Floats:
    """Return the masking ratio of each pair of a candidate exposure and an event.

    Above 1 the exposure hides the event behind others, below 1 it makes the event stand out there.

    Parameters
    ----------
    maskers
        Of n pairs.

    Returns
    -------
    (n,) float64: (event / total) / (event without the exposure / total without the exposure); infinite where
    every report of the event has the exposure, NaN where every report at all has it.

    References
    ----------
    Juhlin et al. 2013; Maignen et al. 2014, for the relative reporting ratio.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> masking_ratio(PairCounts.of([400, 2], exposed=[2000, 2000], event=1000, total=100_000)).round(3)
    array([1.633, 0.982])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = maskers.event / maskers.total * (maskers.total - maskers.exposed) / maskers.only_event
    return ratio


def strongest_maskers(
    pairs: PairCounts, event: ArrayLike, *, least: float = 1.0, among: ArrayLike | None = None
) -> Maskers:
    """Return, for each pair, the other exposure that masks its event most.

    Parameters
    ----------
    pairs
        Of n pairs: the candidates, all exposures with all events.
    event
        (n,) integer code of the event of each pair.
    least
        Masking ratio that a masker must exceed.
    among
        (n,) which pairs may mask others: those that are signals themselves, since of many exposures chance puts
        some into the reports of any rare event. All of them where None.

    Raises
    ------
    UnreadableInput
        Where there is not one event for each pair.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> pairs = PairCounts.of([400, 20, 9], exposed=[2000, 1000, 500], event=[1000, 1000, 50], total=100_000)
    >>> strongest_maskers(pairs, [7, 7, 8]).pair
    array([ 1,  0, -1])
    """
    codes = np.asarray(event)
    if codes.shape != pairs.both.shape or codes.ndim != 1:
        raise UnreadableInput(
            f"Each of {len(pairs)} pairs needs the code of its event.", where=f"shape {codes.shape}"
        )
    ratio = np.nan_to_num(masking_ratio(pairs), nan=1.0, posinf=np.inf)
    if among is not None:
        ratio = np.where(among, ratio, 0.0)
    order = np.lexsort((np.arange(len(codes)), -ratio, codes))
    first = np.r_[True, codes[order][1:] != codes[order][:-1]] if len(codes) else np.empty(0, dtype=bool)
    start = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    best = order[start][group]  # in the order of `order`
    next_best = order[np.minimum(start + 1, len(order) - 1)][group]
    alone = np.diff(np.append(start, len(order)))[group] == 1
    chosen = np.where(best == order, np.where(alone, -1, next_best), best)
    pair = np.empty(len(codes), dtype=np.intp)
    pair[order] = chosen
    found = np.where(pair >= 0, ratio[pair], 1.0)
    masked = found > least
    return Maskers(np.where(masked, pair, -1), np.where(masked, found, 1.0))


def unmasked(
    pairs: PairCounts,
    maskers: PairCounts,
    *,
    shared_both: ArrayLike = 0.0,
    shared_exposed: ArrayLike = 0.0,
) -> PairCounts:
    """Return the counts of pairs once the reports of a masking exposure are left out; any measure takes them.

    Parameters
    ----------
    pairs
        Of n pairs.
    maskers
        The masking exposure of each with the same event: n pairs, or one for all.
    shared_both, shared_exposed
        Reports that name both exposures: those with the event, and all.

    Raises
    ------
    UnreadableInput
        Where a masker is of another event or database than its pair, or more is left out than there is.

    References
    ----------
    Juhlin et al. 2013.

    Examples
    --------
    >>> from coley.stats.disproportionality.counts import PairCounts
    >>> pair = PairCounts.of(20, exposed=1000, event=1000, total=100_000)
    >>> masker = PairCounts.of(400, exposed=2000, event=1000, total=100_000)
    >>> left = unmasked(pair, masker, shared_both=2, shared_exposed=30)
    >>> float(left.both[0]), float(left.exposed[0]), float(left.event[0]), float(left.total[0])
    (18.0, 970.0, 600.0, 98000.0)
    """
    if (pairs.event != maskers.event).any() or (pairs.total != maskers.total).any():
        raise UnreadableInput(
            "A masking exposure must be counted with the same event, in the same reports, as the pair it masks.",
            cause="maskers in another order than the pairs, or from another selection of reports",
            remedy="Take the rows of `strongest_maskers`.",
        )
    return PairCounts.of(
        pairs.both - np.asarray(shared_both, dtype=np.float64),
        exposed=pairs.exposed - np.asarray(shared_exposed, dtype=np.float64),
        event=pairs.event - maskers.both,
        total=pairs.total - maskers.exposed,
    )
