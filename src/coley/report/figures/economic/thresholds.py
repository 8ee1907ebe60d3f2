"""What a QALY may cost, from left to right: the axis, the payers' thresholds on it, curves of strategies along it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from coley.report.clean import text_width
from coley.report.figures.curves import band, curve
from coley.report.figures.economic.money import Money, money
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, left_out, strategy_strokes, thin
from coley.report.figures.legend import samples
from coley.report.figures.vega import SMALL, at, axis, lines, text, view
from coley.report.palette import Stroke, colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coley.report.figures.kinds import Options, Row

WIDTH, HEIGHT = 560, 260
LEFT = 60  # pixels left of the plot where a key begins
SPACE = 8  # pixels between the labels of two thresholds
HEAVY = 5  # pixels: the strategy with the highest expected net benefit

THRESHOLD_OPTIONS = {
    "currency": "'USD'",
    "thresholds": "the payer's thresholds, drawn as lines of reference",
    "effect": "what is bought; 'QALY' where not given",
}


@dataclass(frozen=True, slots=True)
class Along:
    """The axis of thresholds: its ends and how money is written on it."""

    low: float
    high: float
    money: Money
    effect: str

    @classmethod
    def of(cls, rows: Sequence[Row], options: Options) -> Along:
        """Return the axis that holds every threshold of the rows."""
        known = [float(row["threshold"]) for row in rows if row["threshold"] is not None] or [0.0]
        low, high = min(known), max(known)
        high = high if high > low else low + 1
        amounts = money([high], str(options.get("currency", "")))
        return cls(low, high, amounts, str(options.get("effect", "QALY")))

    def pixel(self, threshold: float) -> float:
        """Return pixels from the left."""
        return WIDTH * (threshold - self.low) / (self.high - self.low)

    def encode(self) -> Row:
        """Return the encoding of a column x of thresholds."""
        scale = {"domain": [self.low, self.high], "nice": False, "zero": False}
        title = self.money.title("Threshold", per=self.effect)
        return at("x", scale=scale, axis=axis(title, labelExpr=self.money.label, tickCount=6, offset=2))

    def say(self, threshold: float) -> str:
        """Return a threshold in words: "100,000 USD per QALY"."""
        return f"{self.money.say(threshold)} per {self.effect}"

    def references(self, options: Options) -> list[float]:
        """Return the payer's thresholds that lie on the axis, lowest first."""
        given = sorted({float(k) for k in options.get("thresholds", ())})
        return [k for k in given if self.low <= k <= self.high]

    def rules(self, options: Options) -> list[Row]:
        """Return the payer's thresholds as lines with their amounts over the plot, as far as there is room."""
        places = [(self.pixel(k), self.money.number(k)) for k in self.references(options)]
        marks = [{"x": x, "x2": x, "y": 0, "y2": HEIGHT, "colour": colour("muted")} for x, _ in places]
        named: list[tuple[float, str]] = []
        for x, amount in places:
            if not named or x - named[-1][0] >= text_width(amount, SMALL) + SPACE:
                named.append((x, amount))
        words = [{"x": x, "y": -8, "text": told, "colour": colour("muted")} for x, told in named]
        return [lines(marks, strokeDash=[5, 3], strokeWidth=1), text(words, align="center", fontSize=SMALL)]


def courses(rows: Sequence[Row], value: str) -> dict[str, list[Row]]:
    """Return the rows of each strategy in order of threshold, with x, value, low and high for a curve."""
    known = [row for row in rows if row["threshold"] is not None and row[value] is not None]
    made = [{**row, "x": float(row["threshold"]), "value": float(row[value])} for row in known]
    made.sort(key=lambda row: (str(row["strategy"]), row["x"]))
    return {name: thin(list(own)) for name, own in groupby(made, key=lambda row: str(row["strategy"]))}


def read(own: Sequence[Row], threshold: float) -> float | None:
    """Return a curve's value at a threshold, between two rows on the straight line that is drawn; None outside."""
    for a, b in pairwise(own):
        if a["x"] <= threshold <= b["x"]:
            part = (threshold - a["x"]) / (b["x"] - a["x"]) if b["x"] > a["x"] else 0.0
            return float(a["value"] + part * (b["value"] - a["value"]))
    return None


def stretches(own: Sequence[Row]) -> list[list[Row]]:
    """Return the parts of a curve where its strategy is the one to choose, each out to half way to the next row.

    Examples
    --------
    >>> rows = [{"x": float(x), "value": 0.5, "frontier": x > 1} for x in range(4)]
    >>> [[row["x"] for row in part] for part in stretches(rows)]
    [[1.5, 2.0, 3.0]]
    """
    found = []
    places = range(len(own))
    for chosen, group in groupby(places, key=lambda i: bool(own[i]["frontier"])):
        inside = list(group)
        if not chosen:
            continue
        part = [own[i] for i in inside]
        if inside[0] > 0:
            part.insert(0, _between(own[inside[0] - 1], own[inside[0]]))
        if inside[-1] < len(own) - 1:
            part.append(_between(own[inside[-1]], own[inside[-1] + 1]))
        found.append(part)
    return found


def _between(a: Row, b: Row) -> Row:
    return {name: (a[name] + b[name]) / 2 for name in ("x", "value")}


def picture(
    curves: Mapping[str, list[Row]],
    options: Options,
    *,
    along: Along,
    y: Row,
    heavy: str,
    bands: bool = False,
    positive: bool = False,
) -> Row:
    """Return curves of strategies over thresholds, heavy where a strategy is the one to choose.

    Parameters
    ----------
    curves
        From `courses`.
    options
        `STRATEGY_OPTIONS` and `THRESHOLD_OPTIONS`.
    along, y
        The horizontal axis, and the encoding of the vertical one.
    heavy
        What the heavy line means, for the key.
    bands, positive
        Whether rows have an interval; whether the vertical axis is logarithmic.
    """
    manner = strategy_strokes(curves, options)
    x = along.encode()
    layers = along.rules(options)
    if bands:
        layers += [band(curves[g], x, y, colour=manner[g].colour, positive=positive) for g in manner]
    layers += [curve(curves[g], x, y, stroke=manner[g], positive=positive) for g in reversed(manner)]
    for name in manner:
        solid = Stroke(manner[name].colour, (1, 0))
        layers += [
            curve(part, x, y, stroke=solid, positive=positive, strokeWidth=HEAVY)
            for part in stretches(curves[name])
        ]
    layers += samples(manner, left=-LEFT, width=WIDTH + LEFT)[0]
    if heavy and any(row["frontier"] for own in curves.values() for row in own):
        words = [{"x": -LEFT, "y": HEIGHT + 58, "text": heavy, "colour": colour("muted")}]
        layers.append(text(words, fontSize=SMALL))
    layers += left_out(curves, manner, x=-LEFT, y=HEIGHT + 76)
    return view(layers, width=WIDTH, height=HEIGHT)


def told(
    curves: Mapping[str, list[Row]], options: Options, *, along: Along, say: Callable[[float], str]
) -> str:
    """Say what each curve reads at the payer's thresholds, at the end of the axis where there is none."""
    manner = strategy_strokes(curves, options)
    sentences = []
    for threshold in along.references(options) or [along.high]:
        each = [(name, read(curves[name], threshold)) for name in manner]
        parts = [f"{name} {say(value)}" for name, value in each if value is not None]
        if parts:
            sentences.append(f"at {along.say(threshold)}: {', '.join(parts)}")
    return "; ".join(sentences)


CURVE_OPTIONS = {**STRATEGY_OPTIONS, **THRESHOLD_OPTIONS}
