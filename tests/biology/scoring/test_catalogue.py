"""What holds for every scoring method."""

from dataclasses import replace

import numpy as np
import pytest

from coley.biology.scoring import SCORING, freeze, gene_sets, pair_rules
from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.model.method import METHODS

# other rooms may add methods of their own, and test them there
HERE = [m for m in SCORING.values() if m.function.__module__.startswith("coley.biology.scoring.")]
EVERY = pytest.mark.parametrize("method", HERE, ids=[m.name for m in HERE])
SAMPLES = 50


def sets_for(method, *, empty=False):
    members = [[0, 3, 5, 9, 30, 41], list(range(20, 45)), [7, 8, 11]]
    if method.name == "gene_pairs":
        rules = [np.reshape(rows[: len(rows) // 2 * 2], (-1, 2)) for rows in members]
        return pair_rules(list("abc") + ["none"] * empty, rules + [[]] * empty)
    weights = None
    if method.weights != "none":
        weights = [np.resize([1.0, -0.5, 2.0], len(rows)) for rows in members] + [[]] * empty
    return gene_sets(list("abc") + ["none"] * empty, members + [[]] * empty, weights)


def frozen(X, sets, *, genes=None):
    names = genes or [f"g{i}" for i in range(len(X))]
    return freeze(X, names, sets=None if sets.pairs or (sets.weights < 0).any() else sets)


@EVERY
def test_it_is_cited_under_the_same_name(method):
    assert METHODS[method.name].function is method.function
    assert METHODS[method.name].title == method.title
    assert method.single_sample == (method.cohort_needs == 1)


@EVERY
def test_scores_are_sets_by_samples(method, tied):
    scores = method.function(tied, sets_for(method))
    assert scores.shape == (3, SAMPLES)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()
    assert np.ptp(scores, axis=1).min() > 0


@EVERY
def test_a_score_alone_is_the_score_in_a_file(method, tied):
    sets = sets_for(method)
    reference = frozen(np.random.default_rng(6).normal(1.2, 1.1, (60, 40)), sets)
    together = method.function(tied, sets, reference=reference)
    alone = [method.function(tied[:, [j]], sets, reference=reference) for j in range(SAMPLES)]
    assert np.array_equal(together, np.hstack(alone), equal_nan=True)


@EVERY
def test_other_patients_change_nothing_under_a_reference(method, tied):
    sets = sets_for(method)
    reference = frozen(tied[:, 20:], sets)
    others = tied.copy()
    others[:, 1:] = np.random.default_rng(7).normal(50, 20, (60, SAMPLES - 1)).clip(0)
    scores = [method.function(X, sets, reference=reference)[:, 0] for X in (tied, others)]
    assert np.array_equal(*scores, equal_nan=True)


@EVERY
def test_without_reference_only_single_sample_scores_stay_when_others_change(method, tied):
    sets = sets_for(method)
    others = tied.copy()
    others[:, 25:] += np.random.default_rng(8).normal(0, 3, (60, 25)).clip(0)
    before, after = (method.function(X, sets)[:, :25] for X in (tied, others))
    assert np.array_equal(before, after) == method.single_sample


@EVERY
def test_a_cohort_is_its_own_reference(method, tied):
    sets = sets_for(method)
    scores = method.function(tied, sets), method.function(tied, sets, reference=frozen(tied, sets))
    np.testing.assert_allclose(*scores, rtol=0, atol=1e-12)


@EVERY
def test_the_order_of_samples_is_free(method, tied):
    sets = sets_for(method)
    order = np.random.default_rng(1).permutation(SAMPLES)
    shuffled = method.function(tied[:, order], sets)
    np.testing.assert_allclose(shuffled, method.function(tied, sets)[:, order], rtol=0, atol=1e-12)


@EVERY
@pytest.mark.parametrize("given", [True, False], ids=["reference", "cohort"])
def test_the_order_of_genes_is_free_even_with_ties(method, tied, given):
    sets = sets_for(method)
    order = np.random.default_rng(2).permutation(len(tied))
    moved = replace(sets, indices=np.argsort(order)[sets.indices])
    references = [None, None]
    if given:
        cohort = tied[:, ::-1] + 0.3
        references = [frozen(cohort, sets), frozen(cohort[order], moved)]
    one = method.function(tied, sets, reference=references[0])
    two = method.function(tied[order], moved, reference=references[1])
    np.testing.assert_allclose(one, two, rtol=0, atol=1e-12)


@EVERY
def test_an_empty_set_has_no_score(method, tied):
    with_empty = method.function(tied, sets_for(method, empty=True))
    assert np.isnan(with_empty[3]).all()
    assert np.array_equal(with_empty[:3], method.function(tied, sets_for(method)))


@EVERY
def test_no_sets_no_scores(method, tied):
    none = pair_rules([], []) if method.name == "gene_pairs" else gene_sets([], [])
    assert method.function(tied, none).shape == (0, SAMPLES)


@EVERY
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_values_are_refused_with_their_place(method, tied, bad):
    tied[11, 13] = bad
    with pytest.raises(UnreadableInput, match=r"row 11, sample 13"):
        method.function(tied, sets_for(method))


@EVERY
@pytest.mark.parametrize("X", [np.ones(4), np.ones((0, 3)), np.ones((3, 0)), [["a"]], [[1, 2], [3]]])
def test_what_is_no_matrix_is_refused(method, X):
    with pytest.raises(UnreadableInput):
        method.function(X, sets_for(method))


@EVERY
def test_rows_outside_the_matrix_are_refused_by_name(method, tied):
    with pytest.raises(InvalidSetting, match="'b' points to a row"):
        method.function(tied[:43], sets_for(method))


@EVERY
def test_rules_and_sets_are_told_apart(method, tied):
    other = gene_sets(["a"], [[0]]) if method.name == "gene_pairs" else pair_rules(["a"], [[[0, 1]]])
    with pytest.raises(InvalidSetting, match="pair rules"):
        method.function(tied, other)


@EVERY
def test_a_reference_of_other_genes_is_refused(method, tied):
    sets = sets_for(method)
    with pytest.raises(InvalidSetting, match="same genes"):
        method.function(tied[:50], sets, reference=frozen(tied, sets))


@EVERY
def test_small_cohorts_are_refused_where_scores_are_relative(method, tied):
    sets = sets_for(method)
    if method.single_sample:
        assert method.function(tied[:, :1], sets).shape == (3, 1)
    else:
        with pytest.raises(NotEstimable, match="at least 10"):
            method.function(tied[:, :9], sets)
        assert np.isfinite(method.function(tied[:, :10], sets)).all()


@EVERY
def test_negative_weights_are_used_or_refused(method, tied):
    if method.name == "gene_pairs":
        return
    signed = gene_sets(["a"], [[0, 1, 2]], [[1, 1, -1]])
    if method.weights == "none":
        with pytest.raises(InvalidSetting, match="negative weights"):
            method.function(tied, signed)
    else:
        unsigned = gene_sets(["a"], [[0, 1, 2]])
        assert not np.allclose(method.function(tied, signed), method.function(tied, unsigned))


@pytest.mark.parametrize("name", [m.name for m in HERE if m.scale == "rank"])
def test_rank_methods_see_the_order_alone(name, tied):
    method = SCORING[name]
    assert np.array_equal(
        method.function(np.exp(tied) - 4, sets_for(method)), method.function(tied, sets_for(method))
    )


@pytest.mark.parametrize("name", ["mean_z", "z_score", "plage", "gsva"])
def test_relative_methods_forget_unit_and_level_of_each_gene(name, tied):
    method, rng = SCORING[name], np.random.default_rng(3)
    moved = tied * rng.uniform(0.5, 3, (60, 1)) + rng.normal(0, 5, (60, 1))
    scores = (method.function(X, sets_for(method)) for X in (tied, moved))
    np.testing.assert_allclose(*scores, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["mean_z", "z_score", "plage", "gsva"])
def test_a_constant_gene_takes_no_part_in_relative_scores(name, tied):
    method = SCORING[name]
    sets = sets_for(method)
    longer = np.vstack([tied, np.full((1, SAMPLES), 0.1)])  # 0.1 is not exact: rounding must not make it vary
    weights = None if method.weights == "none" else [np.append(sets.weights[:6], 5.0)]
    with_constant = gene_sets(["a"], [[*sets.rows(0), 60]], weights)
    np.testing.assert_allclose(
        method.function(longer, with_constant), method.function(tied, sets)[:1], rtol=0, atol=1e-12
    )
    assert np.isnan(method.function(longer, gene_sets(["flat"], [[60]]))).all()


def test_a_misspelt_method_meets_its_neighbour():
    with pytest.raises(UnknownName, match="ssgsea"):
        SCORING["ssgsa"]


@EVERY
def test_how_the_matrix_lies_in_memory_is_free_and_it_is_left_as_it_was(method, tied):
    sets = sets_for(method)
    expected = method.function(tied, sets)
    lying = np.asfortranarray(tied)
    lying.setflags(write=False)
    assert np.array_equal(method.function(lying, sets), expected, equal_nan=True)
    assert np.array_equal(method.function(tied.tolist(), sets), expected, equal_nan=True)
    kept = tied.copy()
    method.function(tied, sets, reference=frozen(tied, sets))
    assert np.array_equal(kept, tied)
