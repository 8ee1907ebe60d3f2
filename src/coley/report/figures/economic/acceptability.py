"""Acceptability curves with their frontier, and what is lost on average by choosing each strategy."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from coley.report.figures.economic.money import money
from coley.report.figures.economic.thresholds import CURVE_OPTIONS, Along, courses, picture, told
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.scales import PERCENT
from coley.report.figures.vega import at, axis
from coley.report.words import format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAVY = "Heavy: the strategy with the highest expected net benefit, the one to choose."
DECADES = 4  # of a logarithmic axis of losses: smaller ones matter to nobody


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw how probably each strategy is the best, over thresholds."""
    curves, along = courses(rows, "probability"), Along.of(rows, options)
    percent = axis(
        "Probability of the highest net benefit",
        grid=True,
        domain=False,
        ticks=False,
        labelExpr=PERCENT,
        values=[0, 0.25, 0.5, 0.75, 1],
    )
    y = at("value", scale={"domain": [0, 1]}, axis=percent)
    spec = picture(curves, options, along=along, y=y, heavy=HEAVY)
    said = told(curves, options, along=along, say=lambda share: f"{format_number(100 * share, decimals=0)} %")
    return Drawing(spec, f"Probability of being the best choice {said}.{_chosen(rows, along)}")


def draw_loss(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the expected loss of each strategy, over thresholds."""
    curves, along = courses(rows, "loss"), Along.of(rows, options)
    losses = [row["value"] for own in curves.values() for row in own]
    amounts = money(losses, str(options.get("currency", "")))
    most = max(losses, default=0.0) or 1.0
    log = options.get("scale", "log") == "log"
    domain = [most / 10**DECADES, most * 1.2] if log else [0, most * 1.03]
    if log:
        curves = {g: [row for row in own if row["value"] >= domain[0]] for g, own in curves.items()}
    scale = {"type": "log" if log else "linear", "domain": domain, "nice": False}
    shown = axis(
        amounts.title("Expected loss per patient") + (", logarithmic" if log else ""),
        grid=True,
        domain=False,
        ticks=False,
        labelExpr=amounts.label,
        tickCount=DECADES + 1 if log else 5,
        values=_powers(domain) if log else None,
    )
    spec = picture(
        curves, options, along=along, y=at("value", scale=scale, axis=shown), heavy=HEAVY, positive=log
    )
    return Drawing(
        spec,
        f"Expected loss {told(curves, options, along=along, say=amounts.say)}.{_chosen(rows, along)}",
    )


def _powers(domain: Sequence[float]) -> list[float]:
    """Return the powers of ten on a logarithmic axis of losses."""
    first, last = math.ceil(math.log10(domain[0])), math.floor(math.log10(domain[1]))
    return [10.0**power for power in range(first, last + 1)]


def _chosen(rows: list[Row], along: Along) -> str:
    """Say which strategy is the one to choose from which threshold."""
    flagged = sorted(
        (float(row["threshold"]), str(row["strategy"]))
        for row in rows
        if row["frontier"] and row["threshold"] is not None
    )
    parts = []
    for name, own in groupby(flagged, key=lambda pair: pair[1]):
        first = next(own)[0]
        parts.append(f"{name} from {along.money.number(first)}")
    return f" Highest expected net benefit: {', '.join(parts)}." if parts else ""


FIGURES.add(
    "acceptability",
    FigureKind(
        "acceptability",
        "How probably each strategy is the best choice, over thresholds, and which one to choose.",
        ("threshold", "strategy", "probability"),
        draw,
        optional=("frontier",),
        value="probability",
        options=CURVE_OPTIONS,
    ),
)
FIGURES.add(
    "loss_curves",
    FigureKind(
        "loss_curves",
        "What is lost on average by choosing each strategy, over thresholds.",
        ("threshold", "strategy", "loss"),
        draw_loss,
        optional=("frontier",),
        value="loss",
        options={
            **CURVE_OPTIONS,
            "scale": "'log' (default: the loss of the best choice is small beside that of the worst) or "
            "'linear'",
        },
    ),
)
