from __future__ import annotations

import numpy as np

from coley.toy.streams import Streams


def test_names_and_seeds_give_different_numbers():
    a, b, c = Streams(1)("age").random(50), Streams(1)("sex").random(50), Streams(2)("age").random(50)
    assert not np.allclose(a, b)
    assert not np.allclose(a, c)


def test_rows_stay_when_patients_are_added():
    few, many = Streams(3).normal("x", 10, 7), Streams(3).normal("x", 25, 7)
    np.testing.assert_array_equal(few, many[:10])


def test_uniform_draws_never_reach_the_ends():
    u = Streams(4).uniform("x", 100_000)
    assert u.min() > 0
    assert u.max() < 1
