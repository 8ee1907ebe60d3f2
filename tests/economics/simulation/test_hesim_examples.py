"""hesim's example data: hazards fitted to each move and simulated give back the states that were observed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.economics.simulation.clocks import fitted_hazard
from coley.economics.simulation.semi_markov import semi_markov
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit

FOLDER = Path("economics") / "hesim_examples"


def aalen_johansen(stays: tuple[np.ndarray, ...], at: list[float]) -> np.ndarray:
    """Shares in each of three states, without a model; rows are stays, `to` is -1 where a stay is censored.

    It is valid for occupancy even where the process is not Markov (Datta and Satten. Stat Probab Lett 2001).
    """
    origin, start, stop, to = stays
    found: list[np.ndarray] = []
    p, at = np.bincount(origin[start == 0], minlength=3) / (start == 0).sum(), sorted(at)
    for t in np.unique(stop[to >= 0]):
        while len(found) < len(at) and t > at[len(found)]:
            found.append(p)
        jump = np.eye(3)
        for s in range(3):
            at_risk = ((origin == s) & (start < t) & (stop >= t)).sum()
            leaving = (origin == s) & (stop == t) & (to >= 0)
            for k in to[leaving]:
                jump[s, k] += 1 / at_risk
                jump[s, s] -= 1 / at_risk
        p = p @ jump
    return np.array(found + [p] * (len(at) - len(found)))


@pytest.mark.real
def test_onc3_individual_simulation_gives_back_what_was_observed(shared: Path) -> None:
    states = ("Stable", "Progression", "Death")
    rows = pl.read_csv(shared / FOLDER / "onc3.csv")
    moves = {
        ("Stable", "Progression"): "forward",
        ("Stable", "Death"): "forward",
        ("Progression", "Death"): "reset",
    }
    patients = rows.unique("patient_id", maintain_order=True)
    times = [1.0, 3.0, 6.0, 10.0]
    fits = {}
    for origin, to in moves:
        of = rows.filter((pl.col("from") == origin) & (pl.col("to") == to))
        names = covariates(of)
        seen = survival_data(of["time"].to_numpy(), of["status"].to_numpy())
        fits[origin, to] = fit(FAMILIES["weibull"], seen, covariates={"scale": names})
    for arm in range(1, 4):
        mine = patients.filter(pl.col("strategy_id") == arm)
        hazards = {
            move: fitted_hazard(fits[move], patients=covariates(mine), clock=clock)
            for move, clock in moves.items()
        }
        found = semi_markov(
            states, hazards, patients=len(mine), draws=1, seed=arm, horizon_years=30, times_years=times
        )
        stays = rows.filter(pl.col("strategy_id") == arm)
        observed = aalen_johansen(stays_of(stays, states), times)
        np.testing.assert_allclose(
            found.occupancy[0], observed, atol=0.06
        )  # a thousand patients against a thousand


def covariates(rows: pl.DataFrame) -> dict[str, np.ndarray]:
    return {
        "new1": (rows["strategy_id"] == 2).to_numpy().astype(float),
        "new2": (rows["strategy_id"] == 3).to_numpy().astype(float),
        "female": rows["female"].to_numpy().astype(float),
        "age": (rows["age"].to_numpy() - 60) / 10,
    }


def stays_of(rows: pl.DataFrame, states: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """One row for each stay in a state: state, start, stop, and the state entered next or -1."""
    index = {state: k for k, state in enumerate(states)}
    coded = rows.with_columns(
        pl.col("from").cast(pl.String).replace_strict(index).alias("o"),
        pl.when(pl.col("status") == 1)
        .then(pl.col("to").cast(pl.String).replace_strict(index))
        .otherwise(-1)
        .alias("k"),
    )
    stays = coded.group_by("patient_id", "o", "time_start", maintain_order=True).agg(
        pl.col("time_stop").first(), pl.col("k").max()
    )
    return tuple(stays[c].to_numpy() for c in ("o", "time_start", "time_stop", "k"))


@pytest.mark.real
def test_mstate3_a_reversible_illness_gives_back_what_was_observed(shared: Path) -> None:
    states = ("1", "2", "3")
    rows = pl.read_csv(shared / FOLDER / "mstate3_exdata_transitions.csv").rename(
        {"Tstart": "time_start", "Tstop": "time_stop"}
    )
    times = [2.0, 5.0, 10.0]  # not before: patients were seen at visits, which no smooth hazard follows
    for arm in (1, 2):
        of_arm = rows.filter(pl.col("strategy_id") == arm)
        hazards = {}
        for origin, to in ((1, 2), (1, 3), (2, 1), (2, 3)):
            of = of_arm.filter((pl.col("from") == origin) & (pl.col("to") == to))
            seen = survival_data(of["years"].to_numpy(), of["status"].to_numpy())
            chosen = min(
                (fit(FAMILIES[f], seen) for f in ("weibull", "gamma", "log_normal")), key=lambda one: one.aic
            )
            hazards[str(origin), str(to)] = fitted_hazard(chosen, clock="reset")
        seen_states = stays_of(of_arm, states)
        begin = [states[s] for s in seen_states[0][seen_states[1] == 0]] * 50
        found = semi_markov(
            states, hazards, patients=len(begin), seed=1, horizon_years=40, times_years=times, start=begin
        )
        observed = aalen_johansen(seen_states, times)
        np.testing.assert_allclose(found.occupancy[0], observed, atol=0.05)
