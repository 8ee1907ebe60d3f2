import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from coley.biology.scoring.rank_kernels import ranks

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-3, 3).map(float),
    st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1.0, np.nextafter(1.0, 2.0)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=60))
def test_ranks_are_those_of_scipy_with_every_kind_of_number(values):
    block = np.array([values])
    low, high = np.empty(block.shape, np.int32), np.empty(block.shape, np.int32)
    ranks(block, low, high)
    assert np.array_equal(low[0], rankdata(values, method="min"))
    assert np.array_equal(high[0], rankdata(values, method="max"))
