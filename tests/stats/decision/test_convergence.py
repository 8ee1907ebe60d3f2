"""Monte Carlo errors against repetitions, and the draws that were said to be enough."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.decision.acceptability import acceptability
from coley.stats.decision.convergence import convergence, running
from coley.stats.decision.perfect_information import evpi


def draws(rng, n):
    e = np.column_stack([np.zeros(n), rng.normal(0.1, 0.2, n)])
    c = np.column_stack([np.full(n, 50.0), rng.normal(120, 30, n)])
    return c, e


def test_errors_are_those_of_repetitions():
    rng = np.random.default_rng(1)
    found = [
        convergence(*draws(rng, 400), 1000, tolerance_money=5, tolerance_effect=0.01) for _ in range(400)
    ]
    for i, one in enumerate(found[0]):
        values = np.array([f[i].value for f in found])
        assert np.mean([f[i].se for f in found]) == pytest.approx(values.std(), rel=0.12), one.quantity


def test_draws_needed_give_the_precision_that_was_asked_for():
    rng = np.random.default_rng(2)
    c, e = draws(rng, 20_000)
    found = {
        (q.quantity, q.strategy): q
        for q in convergence(
            c, e, 1000, tolerance_money=20, tolerance_effect=0.02, tolerance_probability=0.03
        )
    }
    need = found["incremental_net_benefit", 1]
    means = [
        (1000 * e_ - c_)[:, 1].mean() + 50 for c_, e_ in (draws(rng, need.draws_needed) for _ in range(600))
    ]
    assert np.mean(np.abs(np.array(means) - 30) <= 20) == pytest.approx(0.95, abs=0.025)
    assert need.enough
    assert set(found) == {
        *((q, 1) for q in ("incremental_cost", "incremental_effect", "incremental_net_benefit")),
        ("probability_best", 0), ("probability_best", 1), ("evpi", -1),
    }  # fmt: skip


def test_running_ends_at_the_whole_and_passes_through_the_parts():
    c, e = draws(np.random.default_rng(3), 1000)
    found = running(c, e, 1000, points=7)
    for i, n in enumerate(found.draws):
        np.testing.assert_allclose(found.probability[i], acceptability(c[:n], e[:n], 1000).probability[0])
        np.testing.assert_allclose(found.evpi[i], evpi(c[:n], e[:n], 1000).value[0], atol=1e-9)
        np.testing.assert_allclose(found.net_benefit[i], (1000 * e - c)[:n].mean(axis=0))
    assert found.draws[-1] == 1000


def test_refusals():
    c, e = draws(np.random.default_rng(4), 10)
    with pytest.raises(InvalidSetting, match="tolerance"):
        convergence(c, e, 1, tolerance_money=0, tolerance_effect=1)
    with pytest.raises(InvalidSetting, match="Two draws"):
        convergence(c[:1], e[:1], 1, tolerance_money=1, tolerance_effect=1)
    with pytest.raises(InvalidSetting, match="two points"):
        running(c, e, 1, points=1)
