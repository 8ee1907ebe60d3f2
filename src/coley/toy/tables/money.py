"""The tables of costs and of utilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.facts import rows
from coley.toy.recist import NEVER
from coley.toy.tables.safety import SEVERE, irae_seen
from coley.toy.tables.treatment import doses
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

CURRENCY, PRICE_YEAR = "USD", 2018
UNCERTAIN = 0.5  # coefficient of variation of what a hospital charges (an assumption)
QUESTIONNAIRE_DAYS = 84
EVENT_DAYS = 28  # a severe event weighs on utility for so long
PATIENT_SD, ANSWER_SD = 0.09, 0.05  # of utility over patients, and over one patient's answers (assumptions)
LAST_DAYS, LAST_DECREMENT = 90, -0.12  # in the last months of life (an assumption)


def prices() -> dict[str, float]:
    """Return the price of each item, in US dollars.

    Examples
    --------
    >>> prices()["docetaxel"]
    3.438
    """
    return {row["item"]: float(row["price"]) for row in rows("prices")}


def costs(trial: Trial) -> pl.DataFrame:
    """Return what was paid for: drugs by dose, administration, admission for severe events, hospital care."""
    import polars as pl

    price = prices()
    given = doses(trial)
    drug = given.select(
        "patient_id",
        "day",
        pl.col("drug").alias("item"),
        (pl.col("mg") * pl.col("drug").replace_strict(price, default=0.0)).round(2).alias("amount"),
    )
    infusion = (
        given.select("patient_id", "day")
        .unique(maintain_order=True)
        .with_columns(pl.lit("administration").alias("item"), pl.lit(price["administration"]).alias("amount"))
    )
    return pl.concat([drug, infusion, _admissions(trial), _care(trial)]).sort("patient_id", "day", "item")


def utilities(trial: Trial) -> pl.DataFrame:
    """Return health-state utility at day 0 and every twelve weeks until death or the end of sight."""
    import polars as pl

    value = {row["state"]: float(row["utility"]) for row in rows("utilities")}
    seen, n = trial.observed, trial.patients
    plan = QUESTIONNAIRE_DAYS * np.arange(
        1 + int(trial.design.last_month * DAYS_PER_MONTH) // QUESTIONNAIRE_DAYS
    )
    after = plan >= trial.course.scans.progression_day[:, None]
    last = plan > (trial.course.death_day - LAST_DAYS)[:, None]
    events = irae_seen(trial)
    severe = np.where(events.grade >= SEVERE, events.day, NEVER)
    ill = np.zeros(after.shape, dtype=bool)
    for start in severe.T:
        ill |= (plan >= start[:, None]) & (plan < start[:, None] + EVENT_DAYS)
    own = PATIENT_SD * trial.streams.normal("utility", n)[:, None]
    noise = ANSWER_SD * trial.streams.normal("answers", n, plan.size)
    utility = np.where(after, value["progressed"], value["progression-free"]) + own + noise
    utility += value["severe event"] * ill + LAST_DECREMENT * last
    who, visit = np.nonzero(plan <= seen.os_day[:, None])
    return pl.DataFrame(
        {
            "patient_id": trial.ids[who],
            "day": plan[visit],
            "utility": np.round(np.minimum(utility, 1.0)[who, visit], 3),
        }
    )


def _admissions(trial: Trial) -> pl.DataFrame:
    import polars as pl

    from coley.toy.facts import immune_events

    price, events = prices(), irae_seen(trial)
    each = np.array([price.get(f"admission {term}", price["admission"]) for term in immune_events().terms])
    who, which = np.nonzero((events.day < NEVER) & (events.grade >= SEVERE))
    spread = _spread(trial.streams.normal("admission", trial.patients, each.size))
    return pl.DataFrame(
        {
            "patient_id": trial.ids[who],
            "day": events.day[who, which],
            "item": np.full(who.size, "admission"),
            "amount": np.round(each[which] * spread[who, which], 2),
        }
    )


def _care(trial: Trial) -> pl.DataFrame:
    import polars as pl

    price = prices()
    starts = np.floor(DAYS_PER_MONTH * np.arange(int(trial.design.last_month) + 2)).astype(np.int64)
    who, month = np.nonzero(starts < trial.observed.os_day[:, None])
    begin = starts[month]
    whole = np.minimum(trial.observed.os_day[who] - begin, DAYS_PER_MONTH) / DAYS_PER_MONTH
    after = begin >= trial.course.scans.progression_day[who]
    rate = np.where(after, price["inpatient progressed"], price["inpatient progression-free"])
    spread = _spread(trial.streams.normal("care", trial.patients, starts.size))
    return pl.DataFrame(
        {
            "patient_id": trial.ids[who],
            "day": begin,
            "item": np.full(who.size, "hospital care"),
            "amount": np.round(rate * whole * spread[who, month], 2),
        }
    )


def _spread(z: np.ndarray) -> np.ndarray:
    """Return log-normal factors with mean 1 and the chosen coefficient of variation."""
    sd = np.sqrt(np.log1p(UNCERTAIN**2))
    return np.asarray(np.exp(sd * z - sd**2 / 2))
