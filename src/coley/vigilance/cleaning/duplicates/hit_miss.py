"""How probable it is that two reports tell of one event: the hit-miss model, fitted to the candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.method import method
from coley.vigilance.cleaning.duplicates.blocks import KEYS
from coley.vigilance.cleaning.duplicates.evidence import CLOSE, DIFFERENT, NEAR, SAME, SETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.vigilance.cleaning.duplicates.evidence import Evidence

    Floats = NDArray[np.float64]

NOREN = (
    "Noren GN, Orre R, Bate A, Edwards IR. Duplicate detection in adverse drug reaction surveillance. "
    "Data Min Knowl Discov 2007;14:305-328."
)
FELLEGI = "Fellegi IP, Sunter AB. A theory for record linkage. J Am Stat Assoc 1969;64:1183-1210."

# Where the fit starts, and what it keeps to where duplicates are few: shares of duplicates whose field is the
# same, near or different. A guess that most fields of most duplicates agree; a few dozen duplicates outweigh it.
START = {SAME: 0.85, CLOSE: 0.05, DIFFERENT: 0.10}
START_MISS = 0.15  # the same for one drug or one reaction of a set
START_NUMBER = 0.3
WORTH = 20.0  # pairs that the start counts for
FEWEST, MOST = 0.001, 0.3  # duplicates as shares of the cases: beyond either the fit has lost its way
# Pairs that are less probable at the start are out of the question: of 600,000 pairs in a million reports none below
# it rose above 0.002 by the fit, and the rest, seven in eight, need not be kept.
PLAUSIBLE = 1e-4
STEPS = 50
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class HitMiss:
    """What was estimated.

    Attributes
    ----------
    same, near, different
        Field to the share of duplicates whose values are so.
    miss
        Set to the share of terms of duplicates that only one of the two has.
    number
        Share of duplicates that carry the same number of the sender.
    number_chance
        Share of other pairs of cases that do.
    log_prior
        Log of the share of duplicates among all pairs of cases.
    """

    same: dict[str, float]
    near: dict[str, float]
    different: dict[str, float]
    miss: dict[str, float]
    number: float
    number_chance: float
    log_prior: float


@method(
    "hit_miss",
    title="Hit-miss model of duplicate reports",
    summary="The probability that two reports tell of one event, from how rare what they share is and how "
    "often duplicates differ.",
    needs="pairs of reports with date, age, sex, country, weight, drugs and reactions",
    limits="Errors of different fields are taken as independent given that the reports are duplicates. Drugs and "
    "reactions go together, so that what both tell is bounded: equal sets alone never make a duplicate more "
    "probable than not, and less the more cases have them. Pairs that share none of the keys are not seen.",
    references=(NOREN, FELLEGI),
)
def probabilities(pairs: Evidence, model: HitMiss) -> Floats:
    """Return for each pair the probability that both tell of one event.

    Parameters
    ----------
    pairs
        What the pairs share.
    model
        What `fit` gave.

    References
    ----------
    Noren et al. 2007, section 3; Fellegi and Sunter 1969.
    """
    from scipy.special import expit

    return np.asarray(expit(model.log_prior + sum(weights(pairs, model).values())), dtype=float)


def weights(pairs: Evidence, model: HitMiss) -> dict[str, Floats]:
    """Return log likelihood ratios by field; positive speaks for a duplicate, 0 where nothing is known."""
    told = {
        field: np.select(
            [level == SAME, level == CLOSE, level == DIFFERENT],
            [
                np.log(model.same[field]) + pairs.information[field],
                np.log(model.near[field] / pairs.near_chance.get(field, 1.0)),
                np.full(len(level), np.log(model.different[field])),
            ],
            0.0,
        )
        for field, level in pairs.level.items()
    }
    told["number"] = np.select(
        [pairs.number == SAME, pairs.number == DIFFERENT],
        [np.log(model.number / model.number_chance), np.log1p(-model.number)],
        0.0,
    )
    agree = {
        name: pairs.set_information[name] + pairs.shared[name] * np.log1p(-model.miss[name]) for name in SETS
    }
    bound = -model.log_prior - np.log(np.maximum(pairs.both_sets, 2) / 2)
    scale = np.minimum(1.0, bound / np.maximum(sum(agree.values()), 1e-300))
    for name in SETS:
        told[name] = agree[name] * scale + pairs.unshared[name] * np.log(model.miss[name])
    return told


def plausible(pairs: Evidence) -> NDArray[np.bool_]:
    """Say which pairs may tell of one event, whatever the fit will find."""
    return probabilities(pairs, _start(pairs.n)) >= PLAUSIBLE


def fit(pairs: Evidence) -> HitMiss:
    """Estimate by expectation-maximisation how often duplicates differ, and how many there are.

    What is rare is known from all cases. How often duplicates differ in a field is estimated from those
    candidates alone that share a key without that field, since the others agree in it by construction.
    """
    free = {name: _free(pairs, name) for name in (*pairs.level, *SETS, "number")}
    every = _pairs_of(pairs.n)
    model = _start(pairs.n)
    for _ in range(STEPS):
        p = probabilities(pairs, model)
        shares = {field: _shares(p, level, free[field]) for field, level in pairs.level.items()}
        known, same = free["number"] & (pairs.number >= DIFFERENT), pairs.number == SAME
        expected = float(np.clip(p.sum(), FEWEST * pairs.n, MOST * pairs.n))
        following = HitMiss(
            same={field: share[SAME] for field, share in shares.items()},
            near={field: share[CLOSE] for field, share in shares.items()},
            different={field: share[DIFFERENT] for field, share in shares.items()},
            miss={name: _miss(p, pairs, name, free[name]) for name in SETS},
            number=_share(p[known & same].sum(), p[known].sum(), START_NUMBER),
            number_chance=float((1 + (1 - p)[same].sum()) / every),
            log_prior=float(np.log(expected / every)),
        )
        done = abs(following.log_prior - model.log_prior) < TOLERANCE
        model = following
        if done:
            break
    return model


def _start(n: int) -> HitMiss:
    """Return what is taken of n cases before anything is estimated: one in a hundred is a duplicate."""
    every = _pairs_of(n)
    return HitMiss(
        same=dict.fromkeys(NEAR, START[SAME]),
        near=dict.fromkeys(NEAR, START[CLOSE]),
        different=dict.fromkeys(NEAR, START[DIFFERENT]),
        miss=dict.fromkeys(SETS, START_MISS),
        number=START_NUMBER,
        number_chance=1 / every,
        log_prior=float(np.log(0.01 * max(n, 1) / every)),
    )


def _pairs_of(n: int) -> float:
    return max(n * (n - 1) / 2, 1.0)


def _free(pairs: Evidence, field: str) -> NDArray[np.bool_]:
    """Pairs that share a key which says nothing of the field."""
    uses = {"drugs": {"drugs", "rare_drug"}, "events": {"events", "rare_event"}}.get(field, {field})
    bits = sum(2**place for place, key in enumerate(KEYS) if not uses & set(key))
    return np.asarray((pairs.blocks & bits) != 0)


def _shares(p: Floats, level: NDArray[Any], use: NDArray[np.bool_]) -> dict[int, float]:
    seen = {value: float(p[use & (level == value)].sum()) for value in START}
    total = sum(seen.values()) + WORTH
    return {value: (seen[value] + WORTH * START[value]) / total for value in START}


def _miss(p: Floats, pairs: Evidence, name: str, use: NDArray[np.bool_]) -> float:
    one, both = (p * pairs.unshared[name])[use].sum(), (p * pairs.shared[name])[use].sum()
    return _share(one, one + 2 * both, START_MISS)


def _share(part: float, whole: float, start: float) -> float:
    return float((part + WORTH * start) / (whole + WORTH))
