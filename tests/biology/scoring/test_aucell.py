from itertools import permutations

import numpy as np
import pytest

from coley.biology.scoring import aucell, gene_sets
from coley.model.errors import InvalidSetting


@pytest.mark.parametrize("top", [10, 60])
def test_scores_are_those_of_decoupler(top, oracle, cohort):
    X, sets = cohort
    scores = aucell(X, sets, top=top / len(X))
    np.testing.assert_allclose(scores, oracle(f"decoupler_aucell_{top}"), rtol=0, atol=1e-12)


def test_five_percent_is_the_default(oracle, cohort):
    np.testing.assert_allclose(aucell(*cohort), oracle("decoupler_aucell_10"), rtol=0, atol=1e-12)


@pytest.mark.parametrize("top", [0.4, 0.6, 1.0])
def test_ties_give_the_mean_over_all_their_orders(top):
    values = np.array([5.0, 3, 3, 3, 3, 0, 0])
    sets = gene_sets(["s"], [[0, 2, 4, 6]])
    each = []
    for upper in permutations(range(1, 5)):
        for lower in permutations(range(1, 3)):
            broken = values + np.array([0, *upper, *lower]) * 1e-6
            each.append(aucell(broken[:, None], sets, top=top)[0, 0])
    assert aucell(values[:, None], sets, top=top)[0, 0] == pytest.approx(np.mean(each), abs=1e-12)


def test_the_share_is_rounded_up_to_genes_but_not_past_a_whole_number():
    X = np.arange(60.0)[
        ::-1, None
    ]  # 0.05 of 60 is 3: the third gene is where the curve ends, and adds nothing
    scores = aucell(X, gene_sets(["first", "second", "third"], [[0], [1], [2]]))
    assert scores[:, 0].tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize("top", [0, -0.1, 1.1, np.nan])
def test_a_share_out_of_range_is_refused(top, cohort):
    with pytest.raises(InvalidSetting, match="share"):
        aucell(*cohort, top=top)
