"""Weighted structures: the exact values against the mixture of draws, and the value of structure by hand."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.acceptability import acceptability
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.perfect_information import evpi
from coley.stats.decision.structures import mix_structures, structural_information

K = np.array([500.0, 1000.0, 2000.0])
WEIGHTS = {"partitioned": 0.5, "markov": 0.3, "cure": 0.2}


def made(n, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    found = {}
    for name, shift in zip(WEIGHTS, (-0.1, 0.05, 0.3), strict=True):
        e = np.column_stack([np.ones(n), 1.1 + shift + 0.1 * x[:, 0], 1.05 + 0.2 * shift + 0.05 * x[:, 1]])
        c = np.column_stack([np.full(n, 100.0), 200 + 20 * x[:, 1], 150 + 10 * x[:, 0]])
        found[name] = (c, e)
    return found


def test_exact_values_are_the_limits_of_the_mixture():
    structures = made(100_000)
    exact = structural_information(structures, WEIGHTS, K)
    mixed = mix_structures(structures, WEIGHTS, 2)
    np.testing.assert_allclose(
        acceptability(mixed.costs, mixed.effects, K).probability, exact.probability, atol=0.006
    )
    whole = evpi(mixed.costs, mixed.effects, K)
    np.testing.assert_allclose(whole.value, exact.evpi, atol=4 * whole.se.max())
    np.testing.assert_array_equal(whole.best, exact.best)
    part = evppi(mixed.costs, mixed.effects, K, parameters=mixed.structure, names=["structure"])
    np.testing.assert_allclose(part.value[0], exact.structure, atol=4 * part.se.max())
    assert (exact.structure <= exact.evpi).all()


def test_shares_of_the_mixture_are_the_weights_and_rows_keep_their_draw():
    structures = {
        name: (np.arange(997.0)[:, None] + [0, i], np.full((997, 2), i)) for i, name in enumerate(WEIGHTS)
    }
    mixed = mix_structures(structures, WEIGHTS, 3)
    assert np.abs(np.bincount(mixed.structure) - 997 * np.array(list(WEIGHTS.values()))).max() <= 1
    np.testing.assert_array_equal(mixed.costs[:, 0], np.arange(997))
    np.testing.assert_array_equal(mixed.effects[:, 0], mixed.structure)
    assert (mixed.structure != mix_structures(structures, WEIGHTS, 4).structure).any()


def test_one_structure_alone_and_a_structure_without_weight():
    structures = made(2000)
    alone = {"partitioned": 1.0, "markov": 0.0, "cure": 0.0}
    found = structural_information(structures, alone, K)
    only = evpi(*structures["partitioned"], K)
    np.testing.assert_allclose(found.evpi, only.value)
    np.testing.assert_allclose(found.evpi_se, only.se)
    np.testing.assert_allclose(found.structure, 0, atol=1e-12)


def test_standard_error_of_structure_is_that_of_repetitions():
    found = [structural_information(made(300, seed), WEIGHTS, [1000.0]) for seed in range(300)]
    values = np.array([f.structure[0] for f in found])
    assert np.mean([f.structure_se[0] for f in found]) == pytest.approx(values.std(), rel=0.15)


def test_refusals():
    structures = made(50)
    for weights, words in (
        ({"partitioned": 0.5, "markov": 0.5}, "cure is in one only"),
        ({"partitioned": 0.5, "markov": 0.5, "cure": 0.5}, "sum to 1.5"),
        ({"partitioned": 1.5, "markov": -0.5, "cure": 0.0}, "negative"),
    ):
        with pytest.raises(InvalidSetting, match=words):
            structural_information(structures, weights, K)
    structures["cure"] = tuple(x[:20] for x in structures["cure"])
    with pytest.raises(UnreadableInput, match="same draws"):
        mix_structures(structures, WEIGHTS, 1)
