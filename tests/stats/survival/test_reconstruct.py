"""Pseudo patients, held to the patients whose curve was drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import UnreadableInput
from coley.stats.survival.kaplan_meier import kaplan_meier
from coley.stats.survival.reconstruct import PseudoPatients, pseudo_patients


def trial(n: int, *, rate: float, seed: int, longest: float = 48.0) -> tuple[np.ndarray, np.ndarray]:
    """Return times in months and events of a trial that recruits for half its length."""
    rng = np.random.default_rng(seed)
    died, end = rng.exponential(1 / rate, n), rng.uniform(longest / 2, longest, n)
    end = np.minimum(end, rng.exponential(300, n))
    return np.minimum(died, end), died <= end


def survival_at(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    curve = kaplan_meier(time, event)
    return np.r_[1.0, curve.survival][np.searchsorted(curve.time, at, side="right")]


def published(time: np.ndarray, event: np.ndarray, *, every: float = 0.5, risk_every: float = 6.0) -> dict:
    """Return what a reader takes from the figure of these patients: points, and numbers at risk."""
    at, risk = np.arange(0, time.max(), every), np.arange(0, time.max(), risk_every)
    return {
        "times": at,
        "survival": np.round(survival_at(time, event, at), 3),
        "risk_times": risk,
        "at_risk": (time[None, :] >= risk[:, None]).sum(axis=1),
    }


def made(figure: dict, **more: object) -> PseudoPatients:
    return pseudo_patients(
        figure["times"],
        figure["survival"],
        risk_times=figure["risk_times"],
        at_risk=figure["at_risk"],
        **more,
    )


def rate_of(time: np.ndarray, event: np.ndarray) -> float:
    return float(event.sum() / time.sum())


@pytest.mark.parametrize(("n", "seed"), [(120, 1), (300, 2), (600, 3)])
def test_curve_numbers_at_risk_and_events_come_back(n: int, seed: int) -> None:
    time, event = trial(n, rate=0.04, seed=seed)
    found = made(published(time, event), events=int(event.sum()))
    assert len(found.time) == n
    at = np.linspace(0, 40, 81)
    assert np.abs(survival_at(found.time, found.event, at) - survival_at(time, event, at)).max() < 0.01
    assert found.largest_difference < 0.01
    assert found.mean_difference < 0.003
    assert found.at_risk_difference <= 2
    assert found.event.sum() == pytest.approx(event.sum(), rel=0.02)


def test_a_hazard_ratio_comes_back_within_3_percent() -> None:
    from coley.stats.survival.cox import cox

    arms = [trial(400, rate=rate, seed=seed) for rate, seed in ((0.05, 4), (0.03, 5))]
    pseudo = [made(published(*arm), events=int(arm[1].sum())) for arm in arms]

    def ratio(pairs: list[tuple[np.ndarray, np.ndarray]]) -> float:
        time, event = (np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
        group = np.repeat([0.0, 1.0], [len(pair[0]) for pair in pairs])
        return float(np.exp(cox(time, event, group[:, None]).coefficients[0]))

    assert ratio([(one.time, one.event) for one in pseudo]) == pytest.approx(ratio(arms), rel=0.03)


def test_order_of_points_percentages_and_unit_of_time_do_not_matter() -> None:
    time, event = trial(200, rate=0.04, seed=6)
    figure = published(time, event)
    straight = made(figure)
    order = np.random.default_rng(0).permutation(len(figure["times"]))
    shuffled = made(figure | {"times": figure["times"][order], "survival": figure["survival"][order]})
    percent = made(figure | {"survival": 100 * figure["survival"]})
    years = made(figure | {"times": figure["times"] / 12, "risk_times": figure["risk_times"] / 12})
    for other, scale in ((shuffled, 1), (percent, 1), (years, 12)):
        assert other.time * scale == pytest.approx(straight.time, rel=1e-9)
        assert (other.event == straight.event).all()


def test_points_that_rise_are_lowered_and_counted() -> None:
    time, event = trial(200, rate=0.04, seed=7)
    figure = published(time, event)
    jitter = figure["survival"].copy()
    jitter[[10, 20, 30]] = jitter[[9, 19, 29]] + 0.004
    found = made(figure | {"survival": jitter})
    assert found.rising == 3
    assert (np.diff(survival_at(found.time, found.event, figure["times"])) <= 0).all()
    assert found.largest_difference < 0.012


def test_events_settle_what_follows_the_last_number_at_risk() -> None:
    time, event = trial(300, rate=0.05, seed=8)
    figure = published(time, event)
    first = {name: figure[name][:2] for name in ("risk_times", "at_risk")}
    few, many = (made(figure | first, events=int(event.sum()) + more) for more in (-8, 8))
    assert few.event.sum() < many.event.sum()
    told = made(figure | first, events=int(event.sum()))
    assert told.event.sum() == pytest.approx(event.sum(), abs=3)


def test_without_censoring_the_patients_themselves_come_back() -> None:
    time = np.arange(1.0, 11.0)
    found = pseudo_patients(time, 1 - np.arange(1, 11) / 10, risk_times=[0, 5.5], at_risk=[10, 5])
    assert found.time.tolist() == time.tolist()
    assert found.event.all()


def test_patients_without_an_event_are_censored_at_the_end_of_the_curve() -> None:
    found = pseudo_patients([0, 12, 24], [1, 1, 1], risk_times=[0], at_risk=[25])
    assert len(found.time) == 25
    assert not found.event.any()
    assert (found.time == 24).all()


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(5, 60),
    drops=st.lists(st.floats(0, 0.3), min_size=2, max_size=12),
    lost=st.lists(st.integers(0, 20), min_size=1, max_size=4),
)
def test_there_are_never_more_patients_than_at_the_start(n: int, drops: list[float], lost: list[int]) -> None:
    times = np.arange(1.0, len(drops) + 1)
    survival = np.cumprod(1 - np.array(drops))
    at_risk = np.maximum(n - np.r_[0, np.cumsum(lost)], 0)
    risk_times = np.linspace(0, times[-1], len(at_risk) + 1)[:-1]
    found = pseudo_patients(times, survival, risk_times=risk_times, at_risk=at_risk)
    assert len(found.time) == n
    assert (np.diff(found.time) >= 0).all()
    assert found.time.min() >= 0
    assert found.time.max() <= times[-1]


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ({"times": [1.0], "survival": [0.5]}, "two or more points"),
        ({"times": [1.0, 2.0], "survival": [0.5]}, "two or more points"),
        ({"times": [1.0, np.nan]}, "missing, or lies before time zero"),
        ({"times": [-1.0, 2.0]}, "missing, or lies before time zero"),
        ({"survival": [1.4, 0.2]}, "Survival lies between 0.2 and 1.4"),
        ({"survival": [0.9, -0.2]}, "Survival lies between -0.2 and 0.9"),
        ({"risk_times": [1, 2]}, "rise from zero"),
        ({"risk_times": [0, 0]}, "rise from zero"),
        ({"risk_times": [0]}, "rise from zero"),
        ({"at_risk": [10, 12]}, "never rise"),
        ({"at_risk": [10, 9.5]}, "whole and never rise"),
        ({"at_risk": [0, 0]}, "whole and never rise"),
    ],
)
def test_what_is_no_figure_is_refused(figure: dict, message: str) -> None:
    whole = {"times": [1.0, 2.0], "survival": [0.9, 0.7], "risk_times": [0, 1.5], "at_risk": [10, 8]}
    with pytest.raises(UnreadableInput, match=message):
        made(whole | figure)


@pytest.mark.real
@pytest.mark.parametrize(
    ("endpoint", "median", "late"), [("os", 37.5, (119.0, 0.37)), ("pfs", 6.95, (24.0, None))]
)
def test_nivolumab_in_checkmate_067_after_ten_years(
    shared: Path, endpoint: str, median: float, late: tuple[float, float | None]
) -> None:
    folder = shared / "km_curves_econ" / "checkmate067_10y"
    points = pl.read_csv(folder / f"nivo_{endpoint}.csv")
    risk = pl.read_csv(folder / "numbers_at_risk.csv").select("time_months", f"{endpoint}_nivo").drop_nulls()
    found = pseudo_patients(
        points["time_months"], points["survival"], risk_times=risk[:, 0], at_risk=risk[:, 1]
    )
    curve = kaplan_meier(found.time, found.event)
    assert curve.time[np.argmax(curve.survival <= 0.5)] == pytest.approx(median, abs=0.1)
    assert found.largest_difference < 0.02
    assert len(found.time) == risk[0, 1]
    if late[1] is not None:
        assert survival_at(found.time, found.event, np.array([late[0]]))[0] == pytest.approx(
            late[1], abs=0.005
        )
