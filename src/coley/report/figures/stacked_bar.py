"""Best response as one bar of 100 % a group, every count in text."""

from __future__ import annotations

from coley.report.clean import fold, shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SIZE, SMALL, boxes, text, view
from coley.report.palette import GROUP_ROLES, colour, palette
from coley.report.words import counted, format_number, join_words

PLOT = 540
BAR = 26
ROW = 60
LABEL = 22
ROOM = 10  # pixels that must be left beside a text for it to stand inside its part
RESPONSES = {
    "CR": "complete response",
    "PR": "partial response",
    "SD": "stable disease",
    "PD": "progressive disease",
    "NE": "not evaluable",
}


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one bar a group, its parts in the order of the table, and the counts below it."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    categories = [c for c in RESPONSES if any(r["category"] == c for r in rows)]
    categories += [c for c in dict.fromkeys(r["category"] for r in rows) if c not in RESPONSES]
    paints = {c: _colours(c, i) for i, c in enumerate(categories)}
    names = {g: fold(g, LABEL) for g in groups}
    left = 20 + max(60.0, *(text_width(line, SIZE) for lines in names.values() for line in lines))
    bars: list[Row] = []
    inside: list[Row] = []
    below: list[Row] = []
    heads: list[Row] = []
    for i, group in enumerate(groups):
        y, x = i * ROW, 0.0
        own = {row["category"]: row for row in rows if row["group"] == group}
        total = sum(row["n"] or 0 for row in own.values())
        lines = [*names[group], f"n = {format_number(total)}"]
        for j, line in enumerate(lines):
            shade = colour("muted" if j == len(lines) - 1 else "ink")
            heads.append(
                {
                    "x": -left,
                    "y": y + BAR / 2 + 15 * (j - (len(lines) - 1) / 2),
                    "text": line,
                    "colour": shade,
                }
            )
        counts = []
        for category in categories:
            share, n = own.get(category, {}).get("share") or 0, own.get(category, {}).get("n") or 0
            width = PLOT * share
            bars.append({"x": x, "x2": x + width, "y": y, "y2": y + BAR, "colour": paints[category][0]})
            for words in (f"{shorten(category, 14)} {format_number(n)}", format_number(n)):
                if text_width(words, SIZE) + ROOM <= width:
                    inside.append(
                        {
                            "x": x + width / 2,
                            "y": y + BAR / 2 + 1,
                            "text": words,
                            "colour": paints[category][1],
                        }
                    )
                    break
            x += width
            if n or category in RESPONSES:
                counts.append(
                    f"{shorten(category, 14)} {format_number(n)} ({format_number(100 * share, decimals=1)} %)"
                )
        below.append({"x": 0, "y": y + BAR + 13, "text": " · ".join(counts), "colour": colour("muted")})
    known = {c: f"{c}  {RESPONSES[c]}" if c in RESPONSES else c for c in categories}
    key, _ = swatches({known[c]: paints[c][0] for c in categories}, left=-left, width=PLOT + left)
    layers = [
        boxes(bars, stroke=colour("grey"), strokeWidth=0.5),
        text(inside, align="center"),
        text(below, fontSize=SMALL - 0.5),
        text(heads),
        *key,
    ]
    height = ROW * len(groups)
    return Drawing(view(layers, width=PLOT, height=height), _summary(rows, groups))


def _colours(category: str, place: int) -> tuple[str, str]:
    """Colour of a part and of the text on it."""
    if f"response {category}" in palette():
        return colour(f"response {category}"), colour(f"on {category}")
    return colour(GROUP_ROLES[place % len(GROUP_ROLES)]), colour("on accent")


def _summary(rows: list[Row], groups: list[str]) -> str:
    parts = []
    for group in groups[:6]:
        own = [f"{row['category']} {row['n']}" for row in rows if row["group"] == group and row["n"]]
        parts.append(f"{group}: {join_words(own)}")
    more = f"; and {len(groups) - 6} further groups" if len(groups) > 6 else ""
    return f"Patients by category in {counted(len(groups), 'group')}. {'; '.join(parts)}{more}."


FIGURES.add(
    "stacked_bar",
    FigureKind(
        "stacked_bar",
        "Shares of categories as one bar of 100 % a group, with the counts.",
        ("group", "category", "n", "share"),
        draw,
    ),
)
