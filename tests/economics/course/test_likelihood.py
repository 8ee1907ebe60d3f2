"""Likelihoods of structures: all histories add up to one, the true structure wins, and bad histories."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from coley.economics.course.likelihood import structure_log_likelihood
from coley.model.errors import MissingData, UnreadableInput


def weibull(shape, scale):
    return lambda t: (np.log(shape / scale) + (shape - 1) * np.log(t / scale), -((t / scale) ** shape))


TTP, PPD = weibull(1.3, 1.2), weibull(0.9, 6.0)
AFTER = {"clock_reset": "death_after_progression", "clock_forward": "death_after_progression_from_start"}
STM = {"time_to_progression": TTP, "death_before_progression": PPD} | dict.fromkeys(
    AFTER.values(), weibull(1.4, 1.5)
)


def partition():
    """Endpoints of a memoryless disease (.5, .1, .4 a year), of which every structure is true."""

    def constant(rate):
        return lambda t: (np.full_like(t, np.log(rate)), -rate * t)

    def overall(t):
        stable, late = np.exp(-0.6 * t), np.exp(-0.4 * t)
        alive = stable + 2.5 * (late - stable)
        return np.log((0.1 * stable + 0.4 * 2.5 * (late - stable)) / alive), np.log(alive)

    return {
        "progression_free_survival": constant(0.6),
        "overall_survival": overall,
        "time_to_progression": constant(0.5),
        "death_before_progression": constant(0.1),
        "death_after_progression": constant(0.4),
        "death_after_progression_from_start": constant(0.4),
    }


NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


@pytest.mark.parametrize("structure", ["clock_reset", "clock_forward", "partitioned_survival"])
def test_all_histories_until_a_horizon_add_up_to_one(structure):
    endpoints = partition() if structure == "partitioned_survival" else STM
    horizon = 2.0
    total = np.exp(
        structure_log_likelihood(
            structure,
            endpoints,
            stable_until=[horizon],
            progressed=[False],
            seen_until=[horizon],
            died=[False],
        )
    )[0]
    edges = horizon * np.r_[0.0, 2.0 ** np.arange(-12.0, 1)]  # densities are steep at 0
    for low, high in pairwise(edges):
        u, w = low + (1 + NODES) / 2 * (high - low), WEIGHTS / 2 * (high - low)
        died = structure_log_likelihood(
            structure, endpoints, stable_until=u, progressed=u < 0, seen_until=u, died=u > 0
        )
        alive = structure_log_likelihood(
            structure, endpoints, stable_until=u, progressed=u > 0, seen_until=u * 0 + horizon, died=u < 0
        )
        total += w @ (np.exp(died) + np.exp(alive))
        first, wait = (m.ravel() for m in np.broadcast_arrays(u[:, None], 0.5 * (1 + NODES)))
        second = first + wait * (horizon - first)
        later = structure_log_likelihood(
            structure, endpoints, stable_until=first, progressed=first > 0, seen_until=second, died=first > 0
        )
        total += w @ (np.exp(later).reshape(len(u), -1) @ (WEIGHTS / 2) * (horizon - u))
    assert total == pytest.approx(1, abs=2e-4)


def histories(kind, n, seed):
    """Times from the structure `kind` with the curves of STM, followed for 3 years."""
    rng = np.random.default_rng(seed)

    def draw(shape, scale, n=n):
        return scale * rng.exponential(size=n) ** (1 / shape)

    progression, death = draw(1.3, 1.2), draw(0.9, 6.0)
    if kind == "clock_reset":
        later = progression + draw(1.4, 1.5)
    else:
        later = 1.5 * ((progression / 1.5) ** 1.4 + rng.exponential(size=n)) ** (1 / 1.4)
    progresses = progression < death
    end = np.where(progresses, later, death)
    stable, seen = np.minimum(np.minimum(progression, death), 3.0), np.minimum(end, 3.0)
    return {
        "stable_until": stable,
        "progressed": progresses & (progression < 3),
        "seen_until": seen,
        "died": end < 3,
    }


@pytest.mark.parametrize("truth", list(AFTER))
def test_the_true_structure_is_likelier(truth):
    seen = histories(truth, 3000, 1)
    sums = {s: structure_log_likelihood(s, STM, **seen).sum() for s in AFTER}
    assert max(sums, key=sums.get) == truth
    assert abs(sums["clock_reset"] - sums["clock_forward"]) > 20


def test_structures_agree_on_a_memoryless_disease():
    seen = {"stable_until": [0.5, 1, 2], "progressed": [True, False, True], "seen_until": [1.5, 1, 2.5],
            "died": [True, True, False]}  # fmt: skip
    found = [structure_log_likelihood(s, partition(), **seen) for s in (*AFTER, "partitioned_survival")]
    np.testing.assert_allclose(found[0], found[1])
    np.testing.assert_allclose(found[2], found[1], rtol=1e-9)


def test_a_death_of_unknown_order_counts_until_the_last_look():
    seen = {"stable_until": [1.0], "progressed": [False], "seen_until": [2.0]}
    looks = [structure_log_likelihood("clock_reset", STM, **seen, died=[died]) for died in (True, False)]
    np.testing.assert_array_equal(*looks)


def test_refusals():
    good = {
        "stable_until": [1.0, 2.0],
        "progressed": [True, True],
        "seen_until": [2.0, 3.0],
        "died": [True, True],
    }
    for change, words in (
        ({"seen_until": [2.0, 1.0]}, "patient 1"),
        ({"stable_until": [0.0, 2.0]}, "patient 0"),
        ({"seen_until": [2.0, 2.0]}, "cannot progress and die"),
        ({"died": [True]}, "same patients"),
    ):
        with pytest.raises(UnreadableInput, match=words):
            structure_log_likelihood("clock_reset", STM, **(good | change))
    with pytest.raises(MissingData, match="needs the endpoint 'progression_free_survival'"):
        structure_log_likelihood("partitioned_survival", STM, **good)
