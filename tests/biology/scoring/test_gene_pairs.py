import numpy as np

from coley.biology.scoring import gene_pairs, pair_rules


def test_rules_are_counted_and_ties_do_not_count():
    X = np.array([[5.0, 1.0, 3.0], [4.0, 2.0, 3.0], [1.0, 0.0, 9.0]])
    rules = pair_rules(["two", "one"], [[[0, 1], [0, 2]], [[2, 1]]])
    assert gene_pairs(X, rules).tolist() == [[2, 1, 0], [0, 0, 1]]


def test_a_missing_gene_leaves_no_count():
    scores = gene_pairs([[1.0], [0.0]], pair_rules(["part", "whole"], [[[0, 1], [0, -1]], [[0, 1]]]))
    assert np.isnan(scores[0]).all()
    assert scores[1] == 1
