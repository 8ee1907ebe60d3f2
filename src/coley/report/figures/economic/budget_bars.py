"""What a decision does to a yearly budget: spending without it and with it, and the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.report.figures.economic.money import Money, money
from coley.report.figures.economic.panel import Panel
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, strategy_strokes
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables, records
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SMALL, boxes, layer, lines, note, pixel, text, view
from coley.report.palette import Stroke, colour
from coley.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

SCENARIOS = ("without", "with")
MOST_YEARS = 12
MOST_PARTS = 8
OTHER = "all others"
STEP, BAR, SPACE = 64, 23, 3  # pixels from year to year, of a bar, between the two bars of a year
HEIGHT, NET, BETWEEN = 230, 110, 66
LEFT, HEAD = 76, 12  # pixels beside the plots for amounts, over them for what they show
NOTHING = "There is nothing to draw: no cost of a year without or with the decision is known."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw two stacked bars a year, and the difference below with its interval."""
    known = [
        {**row, "year": float(row["year"]), "cost": float(row["cost"])}
        for row in rows
        if row["year"] is not None and row["cost"] is not None and row["scenario"] in SCENARIOS
    ]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    every = sorted({row["year"] for row in known})
    years = every[:MOST_YEARS]
    parts = _parts(known, options)
    net = _net(known, years, options, tables)
    totals = {
        (year, scenario): sum(r["cost"] for r in known if r["year"] == year and r["scenario"] == scenario)
        for year in years
        for scenario in SCENARIOS
    }
    amounts = money([*totals.values()], str(options.get("currency", "")))
    width = STEP * len(years)
    top = Panel(0, HEAD, width, HEIGHT, (0, len(years)), (0, 1.06 * max(*totals.values(), 1e-9)))
    below = _below(net, width)
    changed = money(
        [row[end] for row in net for end in ("value", "low", "high")], str(options.get("currency", ""))
    )
    layers = [
        *top.frame({}, amounts.ticks(top.y, HEIGHT)),
        *_bars(known, years, parts, top),
        *_names(years, top, title=amounts.title("Spending a year")),
        *below.frame({}, changed.ticks(below.y, NET)),
        *_difference(net, years, below, changed),
        *swatches(parts, left=-LEFT, width=max(width, 420) + LEFT)[0],
    ]
    words = "Left bar of each year: without the decision; right bar: with it."
    if len(every) > len(years):
        words += f" {counted(len(every) - len(years), 'further year')} in the table."
    foot = [{"x": -LEFT, "y": below.top + NET + 26, "text": words, "colour": colour("muted")}]
    layers.append(text(foot, fontSize=SMALL))
    return Drawing(view(layers, width=width, height=below.top + NET), _summary(net, totals, years, changed))


def _parts(rows: Sequence[Row], options: Options) -> dict[str, str]:
    """Return category to colour, from the lowest part of a bar to the highest: the dearest first."""
    sums: dict[str, float] = {}
    for row in rows:
        sums[str(row["category"])] = sums.get(str(row["category"]), 0.0) + abs(row["cost"])
    listed = [name for name in map(str, options.get("categories", ())) if name in sums]
    order = list(dict.fromkeys([*listed, *sorted(sums, key=lambda name: (-sums[name], name))]))
    shown = order if len(order) <= MOST_PARTS else [*order[: MOST_PARTS - 1], OTHER]
    strategies = [name for name in map(str, options.get("strategies", ())) if name in shown]
    own = strategy_strokes(strategies, options)
    return {n: own[n].colour if n in own else colour(f"part {i}") for i, n in enumerate(shown, 1)}


def _net(rows: Sequence[Row], years: Sequence[float], options: Options, tables: Tables) -> list[Row]:
    """Return the difference of each year: from its table with an interval, else from the bars without one."""
    table = options.get("net_table", "")
    if table in tables:
        found = records(tables[table], ("year", "value", "low", "high"))
        kept = [row for row in found if row["year"] is not None and row["value"] is not None]
        return sorted(
            ({**r, "year": float(r["year"])} for r in kept if float(r["year"]) in years),
            key=lambda r: float(r["year"]),
        )
    signs = dict(zip(SCENARIOS, (-1, 1), strict=True))
    return [
        {
            "year": year,
            "value": sum(signs[row["scenario"]] * row["cost"] for row in rows if row["year"] == year),
            "low": None,
            "high": None,
        }
        for year in years
    ]


def _bars(rows: Sequence[Row], years: Sequence[float], parts: dict[str, str], panel: Panel) -> list[Row]:
    drawn = []
    for i, year in enumerate(years):
        for scenario, shift in zip(SCENARIOS, (-BAR - SPACE / 2, SPACE / 2), strict=True):
            x, bottom = STEP * (i + 0.5) + shift, 0.0
            costs = dict.fromkeys(parts, 0.0)
            for row in rows:
                if row["year"] == year and row["scenario"] == scenario:
                    name = str(row["category"]) if str(row["category"]) in parts else OTHER
                    costs[name] += row["cost"]
            for name, cost in costs.items():
                if cost > 0:
                    ends = {"y": panel.down(bottom + cost), "y2": panel.down(bottom)}
                    drawn.append({"x": x, "x2": x + BAR, **ends, "colour": parts[name]})
                    bottom += cost
    return [boxes(drawn, stroke=colour("grey"), strokeWidth=0.6)]


def _names(years: Sequence[float], panel: Panel, *, title: str) -> list[Row]:
    under = [
        {"x": STEP * (i + 0.5), "y": panel.top + panel.height + 14, "text": f"{year:g}"}
        for i, year in enumerate(years)
    ]
    over = [{"x": -LEFT, "y": panel.top - 10, "text": title, "colour": colour("muted")}]
    return [text(under, align="center", fontSize=SMALL), text(over, fontSize=SMALL)]


def _below(net: Sequence[Row], width: float) -> Panel:
    values = [row[end] for row in net for end in ("value", "low", "high") if row[end] is not None]
    low, high = min([0.0, *values]), max([0.0, *values])
    room = 0.2 * (high - low) or 1.0
    ends = (low - room if low < 0 else low, high + room)
    return Panel(0, HEAD + HEIGHT + BETWEEN, width, NET, (0, 1), ends)


def _difference(net: Sequence[Row], years: Sequence[float], panel: Panel, amounts: Money) -> list[Row]:
    """Return the difference as a line with its interval, each value beside its dot."""
    x = {year: STEP * (i + 0.5) for i, year in enumerate(years)}
    spots = [{"x": x[row["year"]], "y": panel.down(row["value"])} for row in net]
    limits = [
        {
            "x": x[r["year"]],
            "x2": x[r["year"]],
            "y": panel.down(r["low"]),
            "y2": panel.down(r["high"]),
            "colour": colour("ink"),
        }
        for r in net
        if r["low"] is not None and r["high"] is not None
    ]
    zero = {"x": 0, "x2": panel.width, "y": panel.down(0), "y2": panel.down(0), "colour": colour("grey")}
    values = [
        {
            "x": x[row["year"]],
            "y": panel.down(max(row["value"], row["high"] or row["value"])) - 10,
            "text": amounts.number(row["value"]),
        }
        for row in net
    ]
    over = [
        {
            "x": -LEFT,
            "y": panel.top - 14,
            "text": amounts.title("Added by the decision"),
            "colour": colour("muted"),
        }
    ]
    place = {"x": pixel("x"), "y": pixel("y")}
    stroke = Stroke(colour("ink"), (1, 0))
    return [
        lines([zero], strokeWidth=1.2),
        layer("line", spots, place, color=stroke.colour, strokeWidth=2),
        lines(limits, strokeWidth=1.3),
        layer("point", spots, place, color=stroke.colour, filled=True, size=46, opacity=1),
        text(values, align="center", fontSize=SMALL),
        text(over, fontSize=SMALL),
    ]


def _summary(
    net: Sequence[Row], totals: dict[tuple[float, str], float], years: Sequence[float], amounts: Money
) -> str:
    told = [f"{row['year']:g} {amounts.say(row['value'])}" for row in net]
    whole = sum(row["value"] for row in net)
    spent = money(totals.values(), amounts.unit.split()[-1] if amounts.unit else "")
    first = (
        f"without it {spent.say(sum(totals[y, 'without'] for y in years))} over {counted(len(years), 'year')}"
    )
    return f"Yearly budget: {first}; the decision adds {', '.join(told)}, {amounts.say(whole)} in all."


FIGURES.add(
    "budget_bars",
    FigureKind(
        "budget_bars",
        "Yearly spending without and with a decision by category, and the difference with its interval.",
        ("year", "scenario", "category", "cost"),
        draw,
        value="cost",
        options={
            "currency": "'USD'",
            "net_table": "table with columns year, value, low, high: what the decision adds; the difference of the "
            "bars, without an interval, where not given",
            **STRATEGY_OPTIONS,
            "categories": "categories from the lowest part of a bar to the highest; the dearest first where not given",
        },
    ),
)
