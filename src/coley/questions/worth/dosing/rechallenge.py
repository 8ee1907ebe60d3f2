"""Rechallenge after an immune-related adverse event: what it adds, and the recurrence at which it no longer pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from coley.economics.analysis.rechallenge import rechallenged
from coley.economics.policy.increment import summary
from coley.economics.policy.rechallenge import value_of_rechallenge
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.worked import CURVE_DRAWS

if TYPE_CHECKING:
    from coley.economics.model_file.rechallenge import Rechallenge
    from coley.economics.policy.rechallenge import Rechallenge as Value
    from coley.questions.worth.worked import Worked
    from coley.stats.values import Interval

    Numbers = tuple[float | None, float | None, float | None]

POINTS = 41
PICKED = (
    "Those who were rechallenged were picked for it, by the severity of the event and by how well they did: unless "
    "resuming was randomised, what it gains is an assumption, and rates of recurrence are those of the picked."
)


@dataclass(frozen=True, eq=False)
class _Found:
    words: Rechallenge
    inputs: dict[str, Any]

    def value(self, worked: Worked, threshold: float, **changed: Any) -> Value:
        return value_of_rechallenge(
            **(self.inputs | changed), threshold=threshold, level=worked.settings.level
        )


def rechallenge_part(worked: Worked) -> Part:
    """Return what each rechallenge of the model comes to; nothing where it names none."""
    if not worked.model.rechallenge:
        return Part()
    rows = worked.inputs.rows(0, CURVE_DRAWS)
    found = [
        _Found(words, rechallenged(worked.prepared, worked.drawn_curves, rows, k=k))
        for k, words in enumerate(worked.model.rechallenge)
    ]
    by_recurrence = pl.concat([_by_recurrence(worked, one) for one in found])
    return Part(
        estimates=tuple(estimate for one in found for estimate in _estimates(worked, one)),
        tables={
            "rechallenge": pl.DataFrame(
                [_row(worked, one, k) for one in found for k in worked.thresholds], infer_schema_length=None
            ),
            "rechallenge_by_recurrence": by_recurrence,
        },
        figures=(
            Figure(
                "line_band",
                "rechallenge_by_recurrence",
                "What rechallenge is worth, by how often the event recurs",
                f"Net benefit per patient against stopping for good, at {worked.threshold:,.0f} "
                f"{worked.model.currency} per QALY.",
                options={
                    "x_title": "Share in whom the event recurs",
                    "y_title": f"Net benefit, {worked.model.currency}",
                    "reference": 0,
                },
            ),
        ),
        caveats=(PICKED,),
    )


def _estimates(worked: Worked, one: _Found) -> list[Estimate]:
    k, level, currency = worked.threshold, worked.settings.level, worked.model.currency
    made = one.value(worked, k)
    bearable = made.recurrence_bearable
    told = f"in those alive at {one.words.after_years:g} years; at {k:,.0f} {currency} per QALY"
    if bearable.value > 1:
        told += "; it pays however often the event recurs"
    elif bearable.value < 0:
        told += "; it does not pay even where nothing recurs"
    worth: tuple[tuple[str, Interval, str, str], ...] = (
        ("rechallenge_added_qalys", summary(made.effects[:, 1], level), "QALYs", "against stopping for good"),
        ("rechallenge_added_cost", summary(made.costs[:, 1], level), currency, "against stopping for good"),
        (
            f"rechallenge_net_benefit_at_{k:.0f}",
            made.net_benefit,
            currency,
            f"above nil in {made.probability:.0%} of draws",
        ),
    )
    low, high = (float(limit) for limit in np.clip((bearable.low, bearable.high), 0, 1))
    share: Numbers = (None, None, None)  # above 1 and below 0 it is no share of patients
    if 0 <= bearable.value <= 1:
        share = (bearable.value, low, high)
    measured: list[tuple[str, Numbers, str, str]] = [
        *((name, (found.value, found.low, found.high), unit, note) for name, found, unit, note in worth),
        ("rechallenge_recurrence_bearable", share, "probability", told),
    ]
    return [
        Estimate(
            name,
            value,
            low,
            high,
            n=len(made.costs),
            unit=unit,
            method="value_of_rechallenge",
            level=level,
            group=one.words.label,
            note=note,
        )
        for name, (value, low, high), unit, note in measured
    ]


def _row(worked: Worked, one: _Found, threshold: float) -> dict[str, Any]:
    made = one.value(worked, threshold)
    bearable = made.recurrence_bearable.value

    def mean(name: str) -> float:
        return float(np.mean(one.inputs[name]))

    return {
        "rechallenge": one.words.label,
        "threshold": threshold,
        "recurrence": mean("recurrence"),
        "gain_qalys": mean("gain"),
        "cost_of_resuming": mean("drug"),
        "added_qalys": float(made.effects[:, 1].mean()),
        "added_cost": float(made.costs[:, 1].mean()),
        "net_benefit": made.net_benefit.value,
        "low": made.net_benefit.low,
        "high": made.net_benefit.high,
        "probability": made.probability,
        "recurrence_bearable": bearable if 0 <= bearable <= 1 else None,
        "source": one.words.source,
    }


def _by_recurrence(worked: Worked, one: _Found) -> pl.DataFrame:
    shares = np.linspace(0, 1, POINTS)
    each = [one.value(worked, worked.threshold, recurrence=p).net_benefit for p in shares]
    return pl.DataFrame(
        {
            "group": one.words.label,
            "x": shares,
            "value": [found.value for found in each],
            "low": [found.low for found in each],
            "high": [found.high for found in each],
        }
    )
