"""The log likelihood ratio of a cell: against its definition, and pvLRT."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.likelihood_ratio.ratio import (
    Table,
    multinomial_log_ratio,
    poisson_log_ratio,
)


@given(st.integers(0, 500), st.floats(0.01, 400))
def test_poisson_ratio_is_that_of_the_likelihoods(n, expected):
    ratio = max(n / expected, 1.0)
    wanted = poisson.logpmf(n, ratio * expected) - poisson.logpmf(n, expected)
    assert float(poisson_log_ratio(np.float64(n), expected)) == pytest.approx(wanted, rel=1e-8, abs=1e-8)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 500), st.integers(1, 5000))
def test_multinomial_ratio_is_that_of_rates_in_and_out_of_the_row(a, b, c, d):
    """Huang 2011, eq. 2: n_ij of n_i. in the row, the others of the column out of all other rows."""
    column, row, total = a + b, a + c, a + b + c + d
    expected = column * row / total
    found = float(multinomial_log_ratio(np.float64(a), expected, np.float64(column)))
    if a <= expected:
        assert found == 0
        return
    wanted = a * np.log(a / row) - column * np.log(column / total)
    wanted += b * np.log(b / (total - row)) if b else 0
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "counts", [[[1, 2], [3, -1]], [[1, 2], [3, np.nan]], [[1, 2.5]], [[0, 0]], [1, 2], [[[1]]]]
)
def test_what_is_no_table_is_refused(counts):
    with pytest.raises(UnreadableInput, match="table of counts"):
        Table.of(counts)
