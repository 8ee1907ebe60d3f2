"""How much of a whole is accounted for, and how much is not."""

from __future__ import annotations

from coley.report.clean import fold, shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SIZE, SMALL, boxes, lines, text, view
from coley.report.palette import colour
from coley.report.words import NOT_ESTIMABLE, decimals_for, format_number, join_words

PLOT = 460
BAR = 30
ROW = 66
LABEL = 26
SHADES = (("accent", "on accent"), ("tint", "on tint"))


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one bar a label: the first part in full colour, the rest pale, the interval on their border."""
    labels = list(dict.fromkeys(row["label"] for row in rows))
    parts = list(dict.fromkeys(row["part"] for row in rows))
    folded = {label: fold(label, LABEL) for label in labels}
    left = 20 + max(60.0, *(text_width(line, SIZE) for found in folded.values() for line in found))
    bars: list[Row] = []
    inside: list[Row] = []
    below: list[Row] = []
    heads: list[Row] = []
    whiskers: list[Row] = []
    for i, label in enumerate(labels):
        y, x = i * ROW, 0.0
        for j, line in enumerate(folded[label]):
            heads.append(
                {"x": -left, "y": y + BAR / 2 + 15 * (j - (len(folded[label]) - 1) / 2), "text": line}
            )
        own = [row for row in rows if row["label"] == label]
        decimals = _decimals(own)
        for row in own:
            shade, on = SHADES[min(parts.index(row["part"]), 1)]
            width = PLOT * max(0.0, min(1.0, row["share"] or 0))
            bars.append({"x": x, "x2": x + width, "y": y, "y2": y + BAR, "colour": colour(shade)})
            words = "" if row["share"] is None else _percent(row["share"], decimals)
            if words and text_width(words, SIZE) + 12 <= width:
                inside.append({"x": x + width / 2, "y": y + BAR / 2 + 1, "text": words, "colour": colour(on)})
            x += width
        if all(row["share"] is None for row in own):
            bars.append({"x": 0, "x2": PLOT, "y": y, "y2": y + BAR, "colour": colour("soft")})
        first = next((row for row in own if row["low"] is not None and row["high"] is not None), None)
        if first is not None and first["part"] == parts[0]:
            ends = [PLOT * max(0.0, min(1.0, first[name])) for name in ("low", "high")]
            middle, shade = y + BAR + 6, colour("accent")
            whiskers.append({"x": ends[0], "x2": ends[1], "y": middle, "y2": middle, "colour": shade})
            whiskers += [{"x": e, "x2": e, "y": middle - 4, "y2": middle + 4, "colour": shade} for e in ends]
        sentence = "; ".join(_phrase(row, decimals) for row in own)
        below.append({"x": 0, "y": y + BAR + 21, "text": sentence, "colour": colour("muted")})
    shades = {part: colour(SHADES[min(i, 1)][0]) for i, part in enumerate(parts)}
    layers = [
        boxes(bars),
        lines(whiskers, strokeWidth=1.6),
        text(inside, align="center"),
        text(below, fontSize=SMALL),
        text(heads),
        *swatches(shades, left=-left, width=PLOT + left)[0],
    ]
    return Drawing(view(layers, width=PLOT, height=ROW * len(labels)), _summary(rows, labels))


def _decimals(own: list[Row]) -> int:
    """Decimals that the interval allows, the same for every part of a bar."""
    widths = [
        decimals_for(100 * r["low"], 100 * r["high"])
        for r in own
        if r["low"] is not None and r["high"] is not None
    ]
    return min(1, *widths) if widths else 0


def _percent(share: float | None, decimals: int) -> str:
    return NOT_ESTIMABLE if share is None else f"{format_number(100 * share, decimals=decimals)} %"


def _phrase(row: Row, decimals: int) -> str:
    text = f"{shorten(row['part'], 40)} {_percent(row['share'], decimals)}"
    if row["low"] is None or row["high"] is None:
        return text
    ends = [format_number(100 * row[name], decimals=decimals) for name in ("low", "high")]
    return f"{text} ({'–'.join(ends) if row['low'] >= 0 else ' to '.join(ends)})"


def _summary(rows: list[Row], labels: list[str]) -> str:
    told = []
    for label in labels:
        own = [row for row in rows if row["label"] == label]
        told.append(f"{label}: {join_words(_phrase(row, _decimals(own)) for row in own)}")
    return f"{'; '.join(told)}."


FIGURES.add(
    "share_bar",
    FigureKind(
        "share_bar",
        "How much of the variation is explained and how much is left unexplained.",
        ("label", "part", "share", "low", "high"),
        draw,
    ),
)
