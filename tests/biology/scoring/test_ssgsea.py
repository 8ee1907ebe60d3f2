import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.scoring import gene_sets, ssgsea
from coley.model.errors import InvalidSetting


def running_sum(values: np.ndarray, members: list[int], *, weight: float) -> float:
    """Barbie 2009 step by step, for one order of the genes."""
    order = np.argsort(-values, kind="stable")
    rank = np.empty(len(values))
    rank[order] = np.arange(len(values), 0, -1)
    hit = np.isin(order, members)
    stepped = np.where(hit, rank[order] ** weight, 0.0)
    return float((np.cumsum(stepped) / stepped.sum() - np.cumsum(~hit) / (~hit).sum()).sum())


@pytest.mark.parametrize("program", ["gseapy", "r"])
def test_scores_are_those_of_other_programs(program, oracle, cohort):
    np.testing.assert_allclose(ssgsea(*cohort), oracle(f"{program}_ssgsea"), rtol=0, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 40), st.sampled_from([0.0, 0.25, 1.0]))
def test_the_closed_form_is_the_running_sum(seed, genes, weight):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=genes)
    members = rng.choice(genes, rng.integers(1, genes), replace=False).tolist()
    score = ssgsea(values[:, None], gene_sets(["s"], [members]), weight=weight)[0, 0]
    assert score == pytest.approx(running_sum(values, members, weight=weight), abs=1e-9)


def test_ties_give_the_mean_over_all_their_orders_where_ranks_do_not_weigh():
    from itertools import permutations

    values = np.array([3.0, 2, 2, 2, 1])
    members = [1, 4]
    each = [
        running_sum(values + np.array([0, *shuffled, 0]) * 1e-6, members, weight=0.0)
        for shuffled in permutations([1, 2, 3])
    ]
    score = ssgsea(values[:, None], gene_sets(["s"], [members]), weight=0.0)[0, 0]
    assert score == pytest.approx(np.mean(each), abs=1e-12)


def test_all_genes_equal_tell_nothing():
    np.testing.assert_allclose(ssgsea(np.ones((9, 2)), gene_sets(["s"], [[0, 4]])), 0, atol=1e-12)


def test_a_set_of_all_genes_has_no_score():
    assert np.isnan(ssgsea(np.arange(4.0)[:, None], gene_sets(["s"], [range(4)]))).all()


def test_minus_zero_ties_with_zero():
    X = np.array([[0.0], [-0.0], [1.0]])
    scores = ssgsea(X, gene_sets(["a", "b"], [[0], [1]]))
    assert scores[0] == scores[1]


def test_a_stated_range_divides(cohort):
    np.testing.assert_array_equal(ssgsea(*cohort, score_range=8.0), ssgsea(*cohort) / 8.0)


@pytest.mark.parametrize("setting", [{"weight": -1}, {"weight": np.nan}, {"score_range": 0.0}])
def test_settings_out_of_range_are_refused(setting, cohort):
    with pytest.raises(InvalidSetting):
        ssgsea(*cohort, **setting)
