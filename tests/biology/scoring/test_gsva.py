import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import norm

from coley.biology.scoring import freeze, gene_sets, gsva
from coley.biology.scoring.gsva_kernels import kernel_order, translations
from coley.model.errors import InvalidSetting


def walked(F: np.ndarray, members: np.ndarray, *, difference: bool) -> np.ndarray:
    """Hanzelmann 2013 step by step, for genes without ties."""
    genes, out = len(F), []
    for column in F.T:
        order = np.argsort(-column)
        hit = np.isin(order, members)
        weight = np.where(hit, np.abs(np.arange(genes, 0, -1) - genes / 2), 0.0)
        walk = np.cumsum(weight) / weight.sum() - np.cumsum(~hit) / (~hit).sum()
        high, low = max(walk.max(), 0), min(walk.min(), 0)
        out.append(high + low if difference else (high if high > -low else low))
    return np.array(out)


def table_of_steps(z: np.ndarray) -> np.ndarray:
    """The normal distribution as gseapy and R look it up: steps of 0.001 from 0 to 10, cut off and not rounded."""
    below = norm.cdf((np.minimum(np.abs(z), 10) / 10 * 10000).astype(int) * 10 / 10000)
    return np.where(z < 0, 1 - below, below)


@pytest.mark.parametrize(("suffix", "difference"), [("", True), ("_max", False)])
def test_scores_are_the_walk_over_the_exact_kernel_estimate(suffix, difference, oracle, cohort):
    X, sets = cohort
    exact = oracle("r_kernel_distribution")
    expected = [walked(exact, sets.rows(k), difference=difference) for k in range(len(sets))]
    np.testing.assert_allclose(gsva(X, sets, difference=difference), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("program", ["gseapy", "r"])
@pytest.mark.parametrize(("suffix", "difference"), [("", True), ("_max", False)])
def test_other_programs_differ_by_their_table_and_by_nothing_else(
    program, suffix, difference, oracle, cohort
):
    X, sets = cohort
    theirs = oracle(f"{program}_gsva{suffix}")
    h = X.std(axis=1, ddof=1)[:, None, None] / 4
    tabled = table_of_steps((X[:, :, None] - X[:, None, :]) / h).mean(axis=2)
    expected = [walked(tabled, sets.rows(k), difference=difference) for k in range(len(sets))]
    np.testing.assert_allclose(theirs, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(gsva(X, sets, difference=difference), theirs, rtol=0, atol=0.006)


@pytest.mark.parametrize("n", [10, 27, 200])
@pytest.mark.parametrize("shape", ["normal", "many zeros", "heavy tails", "two clusters"])
def test_the_kernel_estimate_is_exact_in_the_cohort_and_outside(n, shape):
    rng = np.random.default_rng(4)
    X = {
        "normal": lambda: rng.normal(5, 2, (8, n)),
        "many zeros": lambda: np.log2(1 + rng.poisson(0.4, (8, n)) * rng.exponential(size=(8, n))),
        "heavy tails": lambda: rng.standard_t(1.1, (8, n)),
        "two clusters": lambda: rng.normal(size=(8, n)) + 1e3 * (rng.random((8, n)) < 0.5),
    }[shape]()
    h = X.std(axis=1, ddof=1) / 4
    ends = np.stack([X.min(axis=1) - 3 * h, X.max(axis=1) + 3 * h, X.max(axis=1) + 12 * h], axis=1)
    q = np.hstack([X, rng.uniform(X.min(), X.max(), (8, 20)), ends])
    out = np.empty_like(q)
    kernel_order(q, X, h, translations(), out)
    z = (q[:, :, None] - X[:, None, :]) / h[:, None, None]
    below, above = ndtr(z).mean(axis=2), ndtr(-z).mean(axis=2)
    low = out < 0
    np.testing.assert_allclose(-1 / out[low], below[low], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(1 / out[~low], above[~low], rtol=1e-12, atol=1e-12)
    assert out[:, -1] == pytest.approx(1 / above[:, -1], rel=1e-10)  # the far tail keeps its digits
    assert (below[low] <= 0.5 + 1e-12).all()


def test_far_outside_the_reference_genes_tie_and_nothing_breaks():
    rng = np.random.default_rng(9)
    reference = freeze(rng.normal(size=(30, 20)), [f"g{i}" for i in range(30)])
    X = np.full((30, 1), 1e6)
    X[5:] = -1e6
    scores = gsva(X, gene_sets(["high", "mixed"], [range(5), [0, 29]]), reference=reference)
    assert scores[0, 0] == pytest.approx(1)
    assert np.isfinite(scores).all()


def test_tied_genes_are_one_step(tied):
    sets = gene_sets(["a", "b", "c"], [[0, 3, 5, 9, 30, 41], range(20, 45), [7, 8]])
    h = tied.std(axis=1, ddof=1)[:, None, None] / 4
    F = ndtr((tied[:, :, None] - tied[:, None, :]) / h).mean(axis=2).round(11)
    F[40:50] = F[[3]]  # ten genes with the standing of another one
    same = tied.copy()
    same[40:50] = tied[[3]]
    expected = np.full((3, tied.shape[1]), np.nan)
    for k in range(3):
        member = np.isin(np.arange(60), sets.rows(k))
        for j, column in enumerate(F.T):
            levels, counts = np.unique(-column, return_counts=True)
            starts = np.cumsum(counts) - counts
            value, read, weights = 0.0, [0.0], []
            for start, count in zip(starts, counts, strict=True):
                weights.append(np.abs(np.arange(start, start + count) - 30).mean())
            total = sum(
                w * (member & (-column == level)).sum() for w, level in zip(weights, levels, strict=True)
            )
            for w, level in zip(weights, levels, strict=True):
                group = -column == level
                value += w * (member & group).sum() / total - (~member & group).sum() / (~member).sum()
                read.append(value)
            expected[k, j] = max(read) + min(read)
    np.testing.assert_allclose(gsva(same, sets), expected, rtol=0, atol=1e-12)


def test_genes_that_tie_on_paper_tie_on_the_machine():
    # genes that are raised in a few samples, each from and to a level of its own: elsewhere their standing is
    # the same on paper, and rounding must not rank them
    rng = np.random.default_rng(13)
    raised = np.array([rng.permutation(20) < k for k in rng.integers(1, 6, 300)]).astype(float)
    sets = gene_sets(["s"], [rng.choice(300, 12, replace=False)])
    levels = rng.uniform(0, 9, (300, 1)) + raised * rng.lognormal(0, 1, (300, 1))
    np.testing.assert_allclose(gsva(levels, sets), gsva(raised, sets), rtol=0, atol=1e-12)


def test_signal_is_found_where_it_was_put():
    rng = np.random.default_rng(12)
    X = rng.normal(size=(300, 60))
    X[:15, :30] += 1.5
    score = gsva(X, gene_sets(["s"], [range(15)]))[0]
    assert score[:30].min() > score[30:].max()


@pytest.mark.parametrize("tau", [-1, np.nan, np.inf])
def test_an_exponent_out_of_range_is_refused(tau, cohort):
    with pytest.raises(InvalidSetting, match="tau"):
        gsva(*cohort, tau=tau)
