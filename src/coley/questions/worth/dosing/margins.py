"""Which loss of effect a way to dose could bear: hazard ratios, a table for a trial, and net benefit along them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.model.words import format_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.margins import Margin
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

DRAWN_UP_TO = 2.0  # hazard ratio: nobody would dose in a way that doubles the hazard of death
POINTS = 41
WITHOUT_CARE = "cost of care left out: in some draws such a year is worth less than its care"


def ratios(worked: Worked, label: str, margin: Margin) -> list[Estimate]:
    """Return the hazard ratios of death, and of progression alone, at which what is saved is used up."""
    made = []
    for event, found, notes in (
        ("death", margin.death, [WITHOUT_CARE] * margin.without_care),
        (
            "progression",
            margin.progression,
            ["survival as it is", *[WITHOUT_CARE] * margin.progression_without_care],
        ),
    ):
        if found is None:
            continue
        start = f"from year {margin.from_years:.1f} on" if margin.from_years else "from the start"
        told = [f"{start}, at {margin.threshold:,.0f} {worked.model.currency} per QALY"]
        if found.value == 0:
            told.append("no hazard ratio, however low, would make up for what it costs more")
        elif np.isinf(found.value):
            told.append("no hazard ratio, however high, would use up what it saves")
        elif found.saving.value < 0:
            told.append("it costs more: the hazard must fall to this to make up for it")
        if 0 < found.never < 1:
            told.append(f"none would use up the saving in {found.never:.0%} of draws")
        if 0 < found.in_vain < 1:
            told.append(f"none would make up for the cost in {found.in_vain:.0%} of draws")
        made.append(
            Estimate(
                f"break_even_hazard_ratio_of_{event}",
                _ratio(found.value),
                _ratio(found.low),
                _ratio(found.high),
                n=len(found.draws),
                unit="ratio",
                method="break_even_hazard_ratio",
                level=found.level,
                group=label,
                note="; ".join([*told, *notes]),
            )
        )
    return made


def margins_part(worked: Worked, margins: Mapping[str, list[Margin]], savings: Mapping[str, float]) -> Part:
    """Return the table of margins, and net benefit along the hazard ratio of death; nothing where doses are the same.

    Parameters
    ----------
    worked
        The model worked out.
    margins
        Label of a way to dose to its margin at each threshold.
    savings
        Likewise to what it saves each patient who is dosed so, in the base case.
    """
    rows = [_row(label, margin) for label, at in margins.items() for margin in at]
    if not rows:
        return Part()
    told = {
        label: margin
        for label, at in margins.items()
        for margin in at
        if margin.threshold == worked.threshold
    }
    drawn = {label: one for label, one in told.items() if 0 < one.death.value <= DRAWN_UP_TO}
    tables = {"dosing_margins": pl.DataFrame(rows, infer_schema_length=None)}
    if not drawn:
        return Part(tables=tables)
    values = [one.death.value for one in drawn.values()]
    along = np.linspace(min([0.95, *values]) - 0.05, max([1.05, *values]) + 0.1, POINTS)
    tables["dosing_net_benefit"] = pl.concat(
        [_line(worked, label, one, along) for label, one in drawn.items()]
    )
    money = "; ".join(f"{label} {_saves(worked, savings[label])}" for label in told)
    beyond = "".join(f" {_beyond(label, one)}" for label, one in told.items() if label not in drawn)
    return Part(
        tables=tables,
        figures=(
            Figure(
                "line_band",
                "dosing_net_benefit",
                "What another way to dose is worth, by the hazard ratio of death that comes with it",
                f"Net benefit per patient dosed so, against the dosing of the model, at {worked.threshold:,.0f} "
                f"{worked.model.currency} per QALY; below nil it is not worth it. For each of them {money}.{beyond}",
                options={
                    "x_title": "Hazard ratio of death against the dosing of the model",
                    "y_title": f"Net benefit, {worked.model.currency}",
                    "reference": 0,
                },
            ),
        ),
    )


def _saves(worked: Worked, saving: float) -> str:
    amount = f"{format_number(round(abs(saving)))} {worked.model.currency}"
    return f"saves {amount}" if saving >= 0 else f"costs {amount} more"


def _beyond(label: str, margin: Margin) -> str:
    """Say why a way to dose is not drawn."""
    if margin.death.value == 0:
        return f"Not drawn is {label}: no hazard ratio, however low, would make up for what it costs more."
    return f"Not drawn is {label}: what it saves bears a hazard ratio above {DRAWN_UP_TO:g}."


def _row(label: str, margin: Margin) -> dict[str, Any]:
    death, progression = margin.death, margin.progression
    return {
        "alternative": label,
        "threshold": margin.threshold,
        "qalys_it_is_worth": death.effect_bearable.value,
        "qalys_lived_after": margin.qalys_after,
        "hazard_ratio_of_death": _ratio(death.value),
        "low": _ratio(death.low),
        "high": _ratio(death.high),
        "never_used_up": death.never,
        "never_made_up_for": death.in_vain,
        "hazard_ratio_of_progression": None if progression is None else _ratio(progression.value),
        "survival_year": margin.survival_years,
        "survival_now": margin.survival_now,
        "survival_borne": _known(margin.survival_borne),
        "deaths_of_a_trial": _known(np.round(margin.deaths)),
    }


def _line(worked: Worked, label: str, margin: Margin, along: Floats) -> pl.DataFrame:
    benefit, tail = margin.net_benefit(along), (1 - worked.settings.level) / 2
    low, high = np.quantile(benefit, [tail, 1 - tail], axis=0)
    return pl.DataFrame({"group": label, "x": along, "value": benefit.mean(axis=0), "low": low, "high": high})


def _ratio(number: float) -> float | None:
    """Return a ratio; None where none, however low or high, is enough."""
    return number if 0 < number < np.inf else None


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
