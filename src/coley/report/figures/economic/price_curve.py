"""The price at which a strategy is worth it, over thresholds, and how surely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coley.report.figures.curves import band, curve
from coley.report.figures.economic.strategies import thin
from coley.report.figures.economic.thresholds import HEIGHT, LEFT, THRESHOLD_OPTIONS, WIDTH, Along, read
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import samples
from coley.report.figures.scales import PERCENT
from coley.report.figures.vega import SMALL, at, axis, lines, note, text, view
from coley.report.palette import DASHES, Stroke, colour
from coley.report.words import format_number, join_words

LIST = 1.0  # the price of the list, of which prices are shares
HIGHEST = 2.5  # times the list price: nobody asks what lies beyond
ROOM = 1.12
MOST_LEVELS = 5  # more dashes cannot be told apart
NOTHING = "There is nothing to draw: no price is known."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the price at the expected values, and those at which it is worth it with given probabilities."""
    chosen = options.get("strategy")
    known = [
        {**row, "x": float(row["threshold"]), "value": float(row["price"])}
        for row in rows
        if row["threshold"] is not None
        and row["price"] is not None
        and (chosen is None or row["strategy"] == chosen)
    ]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    along = Along.of(known, options)
    curves = _curves(known)
    top = _top(known, along, options)
    x = along.encode()
    shares = axis(
        f"Price, share of the {_whole(options)}",
        grid=True,
        domain=False,
        ticks=False,
        labelExpr=PERCENT,
        tickCount=6,
    )
    y = at("value", scale={"domain": [0, top], "nice": False}, axis=shares)
    layers = along.rules(options)
    if any(row["low"] is not None for row in curves.get(None, [])):
        layers.append(band(curves[None], x, y, colour=colour("ink"), opacity=0.12, clip=True))
    manner = _manner(curves)
    for level, own in curves.items():
        wide = 2.4 if level is None else 1.5
        layers.append(curve(own, x, y, stroke=manner[level], strokeWidth=wide, clip=True))
    layers += _list_price(top, options)
    key = {_named(level): manner[level] for level in reversed(list(curves))}
    layers += samples(key, left=-LEFT, width=WIDTH + LEFT)[0]
    below = "Prices at which it is worth it: on expected values, and with that probability."
    if any(row["low"] is not None for row in curves.get(None, [])):
        below += " Shaded: limits of the draws."
    words = [{"x": -LEFT, "y": HEIGHT + 58, "text": below, "colour": colour("muted")}]
    layers.append(text(words if len(curves) > 1 else [], fontSize=SMALL))
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(curves, along, options))


def _curves(rows: list[Row]) -> dict[float | None, list[Row]]:
    """Return probability to its curve, the one of expected values under None and last, to lie on top."""
    levels = sorted({float(row["probability"]) for row in rows if row["probability"] is not None})[
        -MOST_LEVELS:
    ]
    found: dict[float | None, list[Row]] = {}
    for level in (*levels, None):
        own = [row for row in rows if row["probability"] == level]
        if own:
            found[level] = thin(sorted(own, key=lambda row: float(row["x"])))
    return found


def _top(rows: list[Row], along: Along, options: Options) -> float:
    """Return the end of the axis of prices: what the highest threshold pays, within reason."""
    payers = along.references(options)
    asked = [row["value"] for row in rows if not payers or row["x"] <= payers[-1]]
    return min(max(ROOM * max(asked, default=LIST), ROOM * LIST), HIGHEST)


def _whole(options: Options) -> str:
    """Return the words for a price of 1."""
    return str(options.get("whole") or "list price")


def _list_price(top: float, options: Options) -> list[Row]:
    y = HEIGHT * (1 - LIST / top)
    mark = [{"x": 0, "x2": WIDTH, "y": y, "y2": y, "colour": colour("grey")}]
    whole = _whole(options)
    named = f"{whole}: {options['list_price']}" if options.get("list_price") else whole
    words = [{"x": 6, "y": y - 9, "text": named, "colour": colour("muted")}]
    return [lines(mark, strokeWidth=1.2), text(words, fontSize=SMALL)]


def _manner(levels: Iterable[float | None]) -> dict[float | None, Stroke]:
    """Return how each curve is drawn: the one of expected values whole and dark, the others dashed each its own way."""
    dashes = iter(DASHES[1:])
    made: dict[float | None, Stroke] = {}
    for level in levels:
        made[level] = (
            Stroke(colour("ink"), DASHES[0]) if level is None else Stroke(colour("muted"), next(dashes))
        )
    return made


def _named(level: float | None) -> str:
    return "on expected values" if level is None else f"with {format_number(100 * level, decimals=0)} %"


def _summary(curves: Mapping[float | None, list[Row]], along: Along, options: Options) -> str:
    told = []
    for threshold in along.references(options) or [along.high]:
        each = []
        for level, own in reversed(list(curves.items())):
            price = read(own, threshold)
            if price is not None:
                how = (
                    "on expected values"
                    if level is None
                    else f"with {format_number(100 * level, decimals=0)} %"
                )
                each.append(f"{format_number(100 * price, decimals=0)} % {how}")
        told.append(f"at {along.say(threshold)} {join_words(each)}")
    name = options.get("strategy")
    whole = _whole(options)
    return f"Price{f' of {name}' if name else ''} that is worth it, of the {whole}: {'; '.join(told)}."


FIGURES.add(
    "price_curve",
    FigureKind(
        "price_curve",
        "The price at which a strategy is worth it, as a share of the list price, over thresholds.",
        ("threshold", "price"),
        draw,
        optional=("probability", "strategy", "low", "high"),
        value="price",
        options={
            **THRESHOLD_OPTIONS,
            "strategy": "the strategy whose rows are drawn; all rows where not given",
            "whole": "what a price of 1 is, where it is not the list price: 'price in the model'",
            "list_price": "that price in words: '29.25 USD per mg'",
        },
    ),
)
