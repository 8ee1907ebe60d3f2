"""Tables and an answer of the question `worth`, made from curves and draws that are written down here."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from coley.model.answer import Answer, Check, Estimate, Figure

LABELS = ("Chemotherapy", "Nivolumab", "Nivolumab + ipilimumab", "Nivolumab + relatlimab")
CONTROL, NEW = LABELS[0], LABELS[2]
THRESHOLDS = (50_000.0, 100_000.0, 150_000.0)
COSTS, QALYS = (92_000.0, 246_000.0, 341_000.0, 402_000.0), (2.1, 3.9, 4.9, 4.75)
EVERY = {"strategies": list(LABELS), "control": CONTROL, "currency": "USD"}
LINES = {**EVERY, "thresholds": list(THRESHOLDS)}
HORIZON, FOLLOWED = 30.0, 6.5


def draws(n: int = 4000, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Costs and QALYs of each strategy, (n, 4): what they share moves them together."""
    rng = np.random.default_rng(seed)
    common, own = rng.standard_normal((n, 1)), rng.standard_normal((2, n, 4))
    costs = np.array(COSTS) * np.exp(0.08 * common + 0.11 * own[0])
    return costs, np.array(QALYS) * np.exp(0.05 * common + 0.09 * own[1])


def grid() -> np.ndarray:
    return np.linspace(0, 300_000, 61)


def plane(n: int = 2000) -> pl.DataFrame:
    costs, effects = (values[:n] for values in draws())
    frames = []
    for i, label in enumerate(LABELS[1:], 1):
        cost, effect = costs[:, i] - costs[:, 0], effects[:, i] - effects[:, 0]
        angle = np.linspace(0, 2 * np.pi, 73)
        root = np.linalg.cholesky(np.cov(effect, cost))
        rim = np.sqrt(5.991) * root @ np.array([np.cos(angle), np.sin(angle)])
        for kind, x, y in (
            ("draw", effect, cost),
            ("ellipse", effect.mean() + rim[0], cost.mean() + rim[1]),
            ("mean", np.array([effect.mean()]), np.array([cost.mean()])),
        ):
            frames.append(pl.DataFrame({"strategy": label, "kind": kind, "effect": x, "cost": y}))
    return pl.concat(frames)


def over_thresholds() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Acceptability, expected loss and the value of perfect information."""
    costs, effects = draws()
    chance, loss, information = [], [], []
    for k in grid():
        benefit = k * effects - costs
        best, most = benefit.mean(axis=0).argmax(), benefit.max(axis=1)
        share = np.bincount(benefit.argmax(axis=1), minlength=4) / len(benefit)
        lost = (most[:, None] - benefit).mean(axis=0)
        for i, label in enumerate(LABELS):
            one = {"threshold": k, "strategy": label, "frontier": bool(i == best)}
            chance.append({**one, "probability": share[i]})
            loss.append({**one, "loss": lost[i]})
        se = float((most - benefit[:, best]).std() / np.sqrt(len(benefit)))
        value = float(lost[best])
        information.append({"threshold": k, "per_person": value, "se": se, "population": 21_400 * value})
    return pl.DataFrame(chance), pl.DataFrame(loss), pl.DataFrame(information)


def by_input() -> pl.DataFrame:
    rows = [
        ("curve: both.os", 2913.0, 160.0, 2810.0),
        ("utilities.progression_free", 1204.0, 110.0, 1150.0),
        ("costs.progressed_per_month", 388.0, 70.0, 301.0),
        ("curve: nivolumab_relatlimab.progression_free_survival", 96.0, 55.0, 0.0),
        ("costs.at_death", 0.0, 0.0, 0.0),
    ]
    return pl.DataFrame(rows, schema=["input", "value", "se", "held_out"], orient="row")


def one_way(n: int = 18) -> pl.DataFrame:
    """A base case of 24,000; the input `utilities.progressed` works the other way round, one is not monotone."""
    rows = [
        ("utilities.progression_free", 0.7, 0.9, -12_500.0, 61_000.0),
        ("utilities.progressed", 0.42, 0.62, 33_000.0, 14_000.0),
        ("costs.progressed_per_month", 3557.0, 6685.0, 29_000.0, 17_500.0),
        ("discount.effects", 0.0, 0.06, 31_000.0, 27_000.0),
        *(
            (f"costs.item_{i}", 100.0 * i, 150.0 * i, 24_000.0 - 60 * i, 24_000.0 + 60 * i)
            for i in range(1, n - 3)
        ),
    ]
    frame = pl.DataFrame(rows, schema=["input", "low", "high", "at_low", "at_high"], orient="row")
    return frame.with_columns(strategy=pl.lit(NEW), base=pl.lit(24_000.0))


def hazard(label: str, years: np.ndarray) -> np.ndarray:
    """Of death: high in the first years, then that of the general population."""
    first = {CONTROL: 0.75, LABELS[1]: 0.45, LABELS[2]: 0.36, LABELS[3]: 0.4}[label]
    return first * np.exp(-years / 1.8) + population_hazard(years)


def population_hazard(years: np.ndarray) -> np.ndarray:
    return 0.012 * np.exp(0.085 * years)


def lives(
    labels: tuple[str, ...] = LABELS[:3], n: int = 300
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Curves, numbers at risk and hazards."""
    rng = np.random.default_rng(11)
    fine = np.linspace(0, HORIZON, 6001)
    curves, risk, hazards = [], [], []

    def keep(rows: list[dict[str, Any]], label: str, kind: str, *columns: np.ndarray) -> None:
        for time, value, low, high in zip(*columns, strict=True):
            rows.append(
                {"strategy": label, "kind": kind, "time": time, "value": value, "low": low, "high": high}
            )

    def alive(rate: np.ndarray) -> np.ndarray:
        steps = (rate[1:] + rate[:-1]) / 2 * np.diff(fine)
        return np.exp(-np.r_[0.0, np.cumsum(steps)])

    for label in labels:
        rate = hazard(label, fine)
        survival = alive(rate)
        every = slice(0, None, 50)
        spread = 0.05 + 0.012 * fine[every]
        keep(
            curves,
            label,
            "model",
            fine[every],
            survival[every],
            survival[every] ** np.exp(spread),
            survival[every] ** np.exp(-spread),
        )
        keep(
            hazards,
            label,
            "model",
            fine[every],
            rate[every],
            rate[every] * np.exp(-spread),
            rate[every] * np.exp(spread),
        )
        times = np.sort(np.interp(-rng.uniform(size=n), -survival, fine))
        events = times[times < FOLLOWED]
        left = 1 - np.arange(1, len(events) + 1) / n
        se = np.sqrt(left * (1 - left) / n)
        keep(
            curves,
            label,
            "observed",
            events,
            left,
            np.clip(left - 1.96 * se, 0, 1),
            np.clip(left + 1.96 * se, 0, 1),
        )
        risk += [{"strategy": label, "time": float(y), "at_risk": int((times >= y).sum())} for y in range(7)]
        edges = np.r_[0, np.quantile(events, np.linspace(0, 1, 9)[1:])]
        count = np.histogram(events, edges)[0]
        spent = np.array([np.clip(times - a, 0, b - a).sum() for a, b in pairwise(edges)])
        seen, error = count / spent, np.exp(1.96 / np.sqrt(count))
        keep(hazards, label, "observed", (edges[1:] + edges[:-1]) / 2, seen, seen / error, seen * error)
    coarse = np.linspace(0, HORIZON, 121)
    nothing = np.full(len(coarse), np.nan)
    keep(
        curves,
        "General population",
        "population",
        coarse,
        alive(population_hazard(fine))[::50],
        nothing,
        nothing,
    )
    keep(hazards, "General population", "population", coarse, population_hazard(coarse), nothing, nothing)
    return pl.DataFrame(curves), pl.DataFrame(risk), pl.DataFrame(hazards)


def states() -> pl.DataFrame:
    years = np.linspace(0, HORIZON, 361)
    frames = []
    for i, label in enumerate(LABELS):
        alive, free = np.exp(-years / (2.5 + 2.2 * i)), np.exp(-years / (1 + 1.7 * i))
        for state, share in (("progression_free", free), ("progressed", alive - free), ("dead", 1 - alive)):
            frames.append(pl.DataFrame({"strategy": label, "state": state, "time": years, "share": share}))
    return pl.concat(frames)


def budget() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Costs by year, scenario and category, and the difference with its interval."""
    rows, net = [], []
    for i, year in enumerate(range(2026, 2031)):
        taken = min(0.15 * (i + 1), 0.6)
        for scenario, share in (("without", 0.0), ("with", taken)):
            costs = {
                "drugs": 61e6 + 58e6 * share,
                "administration": 7e6 + 1.5e6 * share,
                "adverse events": 3e6 + 4e6 * share,
                "care after progression": 38e6 - 14e6 * share,
            }
            rows += [{"year": year, "scenario": scenario, "category": c, "cost": v} for c, v in costs.items()]
        value = (58e6 + 1.5e6 + 4e6 - 14e6) * taken
        net.append({"year": year, "value": value, "low": 0.8 * value, "high": 1.25 * value})
    return pl.DataFrame(rows), pl.DataFrame(net)


def prices() -> pl.DataFrame:
    """Share of the list price that a threshold pays, on expected values and with three probabilities."""
    rows = []
    for k in grid():
        worth = (k * 2.8 - 40_000) / 209_000
        one = {"strategy": NEW, "threshold": k}
        rows.append({**one, "probability": None, "price": worth, "low": 0.65 * worth, "high": 1.4 * worth})
        rows += [{**one, "probability": p, "price": f * worth} for p, f in ((0.8, 0.86), (0.95, 0.7))]
    return pl.DataFrame(rows, schema_overrides={"probability": pl.Float64})


def by_category() -> pl.DataFrame:
    rows = [
        (CONTROL, "drugs", 21_000.0),
        (CONTROL, "care", 58_000.0),
        (CONTROL, "end of life", 13_000.0),
        (NEW, "drugs", 246_000.0),
        (NEW, "administration", 9_000.0),
        (NEW, "care", 77_500.0),
        (NEW, "end of life", 8_500.0),
    ]
    return pl.DataFrame(rows, schema=["strategy", "category", "value"], orient="row")


def frontier() -> pl.DataFrame:
    rows = [
        (LABELS[0], COSTS[0], QALYS[0], "reference", None),
        (LABELS[1], COSTS[1], QALYS[1], "on the frontier", 85_556.0),
        (LABELS[2], COSTS[2], QALYS[2], "on the frontier", 95_000.0),
        (LABELS[3], COSTS[3], QALYS[3], "dominated", None),
    ]
    return pl.DataFrame(rows, schema=["strategy", "cost", "qalys", "status", "icer"], orient="row")


def two_way(steps: int = 5) -> pl.DataFrame:
    """Net benefit of two strategies against the control, linear in a discount and a utility."""
    rows = []
    for x in np.linspace(0.0, 0.8, steps):
        for y in np.linspace(0.4, 0.7, steps):
            benefit = {CONTROL: 0.0, LABELS[1]: 60_000 * x - 12_000, NEW: 200_000 * (y - 0.5) + 20_000 * x}
            rows += [{"x": x, "y": y, "strategy": s, "net_benefit": v} for s, v in benefit.items()]
    return pl.DataFrame(rows)


def histories() -> pl.DataFrame:
    """Lives of three patients: irAEs of both grades, an admission, a stop, a rechallenge, progression, death."""
    rows = [
        (1, "on treatment", 0.0, 3.0, ""),
        (1, "irAE, grade 3+", 3.0, None, "colitis"),
        (1, "admitted", 3.0, None, "colitis"),
        (1, "stopped for irAE", 3.0, None, "colitis"),
        (1, "off treatment", 3.0, 6.0, ""),
        (1, "rechallenge", 6.0, None, "colitis"),
        (1, "on treatment", 6.0, 14.0, ""),
        (1, "progression", 14.0, None, ""),
        (1, "after progression", 14.0, 30.0, ""),
        (1, "death", 30.0, None, ""),
        (2, "on treatment", 0.0, 5.0, ""),
        (2, "irAE, grade 1-2", 5.0, None, "rash"),
        (2, "treatment withheld", 5.0, 7.0, ""),
        (2, "on treatment", 7.0, 36.0, ""),
        (2, "alive at the end", 36.0, None, ""),
        (3, "on treatment", 0.0, 2.0, ""),
        (3, "death", 2.0, None, ""),
    ]
    return pl.DataFrame(rows, schema=["patient", "kind", "start", "end", "label"], orient="row")


def worth_answer() -> Answer:
    """An answer with every picture of worth."""
    acceptability, loss, information = over_thresholds()
    curves, risk, hazards = lives()
    spending, net = budget()
    tables = {
        "frontier": frontier(),
        "histories": histories(),
        "plane": plane(),
        "acceptability": acceptability,
        "expected_loss": loss,
        "information": information,
        "information_by_input": by_input(),
        "curves_os": curves,
        "at_risk_os": risk,
        "hazards_os": hazards,
        "states": states(),
        "one_way": one_way(),
        "two_way": two_way(),
        "cost_by_category": by_category(),
        "prices": prices(),
        "budget": spending,
        "budget_net": net,
    }
    life = {**EVERY, "follow_up_years": FOLLOWED}
    figures = (
        Figure("frontier", "frontier", "Cost against effect", options=EVERY),
        Figure("ce_plane", "plane", "Added cost and QALYs against chemotherapy", options=LINES),
        Figure(
            "acceptability", "acceptability", "How probably each strategy is the best choice", options=LINES
        ),
        Figure(
            "loss_curves", "expected_loss", "What is lost on average by choosing each strategy", options=LINES
        ),
        Figure("information", "information", "What perfect information would be worth", options=LINES),
        Figure(
            "information_bars",
            "information_by_input",
            "Which input is worth knowing better",
            options={"currency": "USD"},
        ),
        Figure(
            "extrapolation",
            "curves_os",
            "Overall survival: the data, the model, and beyond",
            options={**life, "at_risk": "at_risk_os", "endpoint": "Overall survival"},
        ),
        Figure("hazards", "hazards_os", "Overall survival: hazard", options=life),
        Figure("state_area", "states", "Where the patients are", options=EVERY),
        Figure(
            "tornado", "one_way", "What moves the net benefit", options={"strategy": NEW, "currency": "USD"}
        ),
        Figure("choice_map", "two_way", "Which strategy to choose", options={**EVERY, "base": [0.2, 0.5]}),
        Figure("swimmer", "histories", "Three simulated patients", options={"until": 36}),
        Figure(
            "cost_steps",
            "cost_by_category",
            "What the added cost is made of",
            options={**EVERY, "strategy": NEW},
        ),
        Figure("price_curve", "prices", "The price that is worth it", options={**LINES, "strategy": NEW}),
        Figure(
            "budget_bars",
            "budget",
            "The yearly budget",
            options={"currency": "USD", "net_table": "budget_net"},
        ),
    )
    added = Estimate(
        "added_qalys", 2.8, 1.9, 3.7, 4000, "QALYs", "parameter_sampling", group=f"{NEW} vs {CONTROL}"
    )
    return Answer(
        question="worth",
        title="Is it worth the cost?",
        study="example",
        headline=f"{NEW} adds 2.8 QALYs for 249,000 USD.",
        estimates=(added,),
        checks=(
            Check("adds_up", "pass", "Years in the states add up to the years of life."),
            Check("horizon", "warn", "At 30 years 8 % are still alive.", "Lengthen the horizon."),
        ),
        caveats=("Utilities are those of another country.",),
        cannot_tell=("Whether patients who stop treatment early do as well.",),
        tables=tables,
        figures=figures,
    )


def extreme_figures() -> list[tuple[Figure, dict[str, pl.DataFrame]]]:
    """Every kind with no rows, with one row of None, and with forty strategies, states or inputs of one value."""
    life = {
        "strategy": pl.String,
        "kind": pl.String,
        "time": float,
        "value": float,
        "low": float,
        "high": float,
    }
    schemas: dict[str, dict[str, Any]] = {
        "frontier": {
            "strategy": pl.String,
            "cost": float,
            "qalys": float,
            "status": pl.String,
            "icer": float,
        },
        "ce_plane": {"strategy": pl.String, "kind": pl.String, "effect": float, "cost": float},
        "acceptability": {"strategy": pl.String, "threshold": float, "probability": float, "frontier": bool},
        "loss_curves": {"strategy": pl.String, "threshold": float, "loss": float, "frontier": bool},
        "information": {"threshold": float, "per_person": float, "se": float, "population": float},
        "information_bars": {"input": pl.String, "value": float, "se": float, "held_out": float},
        "extrapolation": life,
        "hazards": life,
        "state_area": {"strategy": pl.String, "state": pl.String, "time": float, "share": float},
        "tornado": {
            "input": pl.String,
            "low": float,
            "high": float,
            "at_low": float,
            "at_high": float,
            "base": float,
        },
        "choice_map": {"strategy": pl.String, "x": float, "y": float, "net_benefit": float},
        "swimmer": {"patient": pl.String, "kind": pl.String, "start": float, "end": float},
        "cost_steps": {"category": pl.String, "strategy": pl.String, "value": float},
        "price_curve": {"strategy": pl.String, "threshold": float, "price": float, "probability": float},
        "budget_bars": {"category": pl.String, "scenario": pl.String, "year": int, "cost": float},
    }
    words = {
        "kind": {"ce_plane": "draw", "swimmer": "on treatment"}.get,
        "status": lambda _: "dominated",
        "scenario": lambda _: "with",
    }
    made = []
    for kind, schema in schemas.items():
        first = (
            next(name for name, dtype in schema.items() if dtype is pl.String)
            if pl.String in schema.values()
            else ""
        )
        forty = [
            {
                name: f"Centre {i}"
                if name == first
                else (words[name](kind) or "model")
                if name in words
                else "new"
                if dtype is pl.String
                else dtype(1) / (2 if dtype is float else 1)
                for name, dtype in schema.items()
            }
            for i in range(40)
        ]
        options = {"strategy": "new"} if kind == "cost_steps" else {}
        made += [
            (Figure(kind, "t", options=options), {"t": pl.DataFrame(rows, schema=schema, strict=False)})
            for rows in ([], [dict.fromkeys(schema)], forty)
        ]
    return made
