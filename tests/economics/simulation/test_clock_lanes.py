"""What is worked out for many patients in one loop is what library functions and the clocks of one patient say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coley.economics.course.discounting import Discount
from coley.economics.simulation.clock_kernel import (
    FORWARD,
    LOOKED_UP,
    NEVER,
    OFFSET,
    area,
    latent,
    settle,
    stream,
    uniform,
)
from coley.economics.simulation.clock_lanes import (
    areas,
    exp_of,
    expm1_of,
    log_of,
    nearer,
    times_of,
    total_of,
)
from coley.economics.simulation.clocks import Hazard, side_by_side
from coley.economics.simulation.discounts import pieces

CLOSED = {"exponential": [0.3], "weibull": [1.4, 2.5], "weibull_ph": [0.7, 0.4]}


def test_logarithms_and_exponentials_are_those_of_the_library() -> None:
    near_one = 1 + np.r_[-np.geomspace(1e-16, 0.4, 300), np.geomspace(3e-16, 0.5, 300)]
    for x in (*np.geomspace(1e-300, 1e300, 501), *near_one):
        assert log_of(x) == pytest.approx(math.log(x), rel=1e-15, abs=1e-300)
    for x in np.linspace(-690, 690, 801):
        assert exp_of(x) == pytest.approx(math.exp(x), rel=1e-15)
    for x in (*-np.geomspace(1e-300, 600, 501), *np.geomspace(1e-300, 30, 301), 0.0):
        assert expm1_of(x) == pytest.approx(math.expm1(x), rel=1e-15, abs=0)


def test_exponentials_stop_before_they_overflow() -> None:
    assert exp_of(1e6) == exp_of(700.0) < math.inf
    assert 0 < exp_of(-1e6) == exp_of(-700.0) < 1e-300
    assert expm1_of(-1e6) == -1.0


@pytest.mark.parametrize("family", CLOSED)
@pytest.mark.parametrize("clock", ["forward", "reset"])
@pytest.mark.parametrize("offset", [0.0, 1.5])
def test_times_are_those_of_one_patient(family: str, clock: str, offset: float) -> None:
    hazard = Hazard(family, CLOSED[family], ratio=0.6, clock=clock)
    about, data = side_by_side([hazard], draws=1, patients=1, horizon_years=40)
    if clock == "forward":
        data[about[0, OFFSET]] = offset
    kinds, known = np.empty(1, dtype=np.int64), np.empty((1, 4))
    settle(about, data, 0, kinds, known)
    n = 300
    luck = np.array([stream(np.uint64(7), i) for i in range(n)], dtype=np.uint64)
    begun = np.where(np.arange(n) % 3 == 0, 0.0, np.linspace(0.01, 20, n))
    found = np.empty(n)
    times_of(kinds[0], bool(about[0, FORWARD] > 0), known[0], luck, 5, begun, n, found)
    expected = [latent(about, data, 0, 0, 0, t, uniform(u, 5)) for u, t in zip(luck, begun, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert (found >= begun).all()


def test_what_cannot_be_noted_is_looked_up() -> None:
    differ = np.array([[[1.0, 2.0], [1.0, 3.0]]])
    hazards = [
        Hazard("weibull", differ), Hazard("log_normal", [0.1, 1.0]), Hazard("weibull", [1.0, 2.0], ratio=0.0), None,
        Hazard("weibull", [1.0, 2.0], ratio=np.array([[1.0, 2.0]])), Hazard("gamma", [2.0, 1.0]),
    ]  # fmt: skip
    about, data = side_by_side(hazards, draws=1, patients=2, horizon_years=40)
    kinds, known = np.empty(6, dtype=np.int64), np.empty((6, 4))
    settle(about, data, 0, kinds, known)
    assert kinds.tolist() == [LOOKED_UP, LOOKED_UP, NEVER, NEVER, LOOKED_UP, LOOKED_UP]


@pytest.mark.parametrize(
    "discount",
    [
        Discount(0.035),
        Discount(0.0),
        Discount(1e-9),
        Discount(0.03, "continuous"),
        Discount(0.035, steps=((3, 0.03), (7.5, 0.0))),
        Discount(0.05, start_years=1.0, steps=((4, 0.02),)),
        Discount(0.03, whole_years=True),
    ],
    ids=str,
)
def test_areas_are_those_of_one_time(discount: Discount) -> None:
    rows = pieces(discount, 12.0)
    times = np.r_[0.0, 1e-9, 1.0, 3.0, 7.5, np.linspace(0, 12, 101)]
    found = np.empty(len(times))
    areas(rows, times, len(times), found)
    np.testing.assert_allclose(found, [area(rows, t) for t in times], rtol=1e-13)


def test_the_nearest_move_is_taken_the_first_of_those_at_one_time() -> None:
    when, moves = np.array([2.0, 2.0, np.inf]), np.array([4, 4, -1])
    nearer(np.array([1.0, 2.0, np.inf]), 7, 3, when, moves)
    assert when.tolist() == [1.0, 2.0, np.inf]
    assert moves.tolist() == [7, 4, -1]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 300])
def test_sums(count: int) -> None:
    values = np.random.default_rng(1).normal(size=400)
    assert total_of(values, count) == pytest.approx(math.fsum(values[:count]), abs=1e-12)
