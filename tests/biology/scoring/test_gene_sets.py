import numpy as np
import pytest

from coley.biology.scoring import gene_sets, pair_rules
from coley.model.errors import InvalidSetting


def test_sets_lie_one_after_the_other():
    sets = gene_sets(["a", "none", "b"], [[4, 2], [], [2]], [[1, -2], None, None])
    assert sets.indices.tolist() == [4, 2, 2]
    assert sets.starts.tolist() == [0, 2, 2, 3]
    assert sets.weights.tolist() == [1, -2, 1]
    assert sets.sizes.tolist() == [2, 0, 1]
    assert sets.rows(2).tolist() == [2]


@pytest.mark.parametrize(
    ("names", "members", "weights", "message"),
    [
        (["a"], [[1, 1]], None, "more than once"),
        (["a"], [[-1]], None, "negative"),
        (["a"], [[0.5]], None, "row numbers"),
        (["a"], [["CD8A"]], None, "row numbers"),
        (["a"], [[[1, 2]]], None, "row numbers"),
        (["a", "a"], [[1], [2]], None, "all different"),
        (["a"], [[1], [2]], None, "one name each"),
        (["a"], [[1, 2]], [[1]], "weight"),
        (["a"], [[1]], [[np.nan]], "weight"),
        (["a"], [[1]], [], "cannot carry"),
    ],
)
def test_bad_sets_are_refused(names, members, weights, message):
    with pytest.raises(InvalidSetting, match=message):
        gene_sets(names, members, weights)


@pytest.mark.parametrize("rules", [[[1, 1]], [[0, -2]], [1, 2, 3], [[1, 2, 3]], [[0.5, 1]]])
def test_bad_rules_are_refused(rules):
    with pytest.raises(InvalidSetting):
        pair_rules(["a"], [rules])


def test_rules_may_share_genes_and_lack_some():
    rules = pair_rules(["a"], [[[0, 1], [0, 2], [-1, 0]]])
    assert rules.pairs
    assert rules.indices.tolist() == [0, 1, 0, 2, -1, 0]
    assert rules.weights.tolist() == [1, -1] * 3
