"""The forest where it tells of reports: wide ratios, the same pair under several comparators, and days."""

from __future__ import annotations

from xml.etree import ElementTree

import polars as pl
from tests.report.test_figures import SVG, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.palette import colour

COMPARATORS = ("whole database", "other oncology drugs", "same indication")
PAIRS = ("nivolumab – myocarditis", "ipilimumab – hypophysitis")
RATIOS = pl.DataFrame(
    {
        "section": [pair for pair in PAIRS for _ in COMPARATORS],
        "label": COMPARATORS * 2,
        "value": [9.0, 6.0, 1.1, 1450.0, 900.0, 60.0],
        "low": [8.0, 5.0, 0.9, 820.0, 700.0, 0.0],
        "high": [10.0, 7.0, 1.4, 3200.0, 1100.0, float("inf")],
        "n": [120, 120, 120, 88, 88, 2],
    }
)
DAYS = pl.DataFrame(
    {
        "section": ["Cardiac", "Cardiac", "Skin"],
        "label": ["nivolumab", "ipilimumab", "nivolumab"],
        "value": [34.0, 28.0, 240.0],
        "low": [14.0, 0.0, 120.0],
        "high": [64.0, 50.0, 390.0],
        "n": [160, 60, 420],
        "note": ["0.91 (0.80–1.03)", None, "0.80 (0.74–0.87)"],
    }
)
DAY_OPTIONS = {
    "unit": "days",
    "reference": "none",
    "note_title": "Weibull shape (95 % CI)",
    "n_title": "reports",
}


def forest(table: pl.DataFrame, **options: object) -> str:
    return draw(Figure("forest", "t", options=options), {"t": table})


def marks(svg: str, letter: str) -> int:
    """Count marks: squares have a horizontal line in their path, triangles are turned."""
    elements = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("fill") == colour("muted")]
    if letter == "square":
        return sum("h" in e.get("d", "") for e in elements)
    return sum("rotate" in e.get("transform", "") for e in elements)


def test_ratios_beyond_a_hundred_are_drawn_where_the_options_allow_it() -> None:
    narrow, wide = forest(RATIOS), forest(RATIOS, limits=[0.01, 10_000])
    assert marks(narrow, "square") == 4
    assert marks(wide, "square") == 6
    assert "1,000" in texts(wide)
    assert marks(wide, "triangle") == 2  # only the interval without ends reaches beyond the axis


def test_great_ratios_carry_no_decimals_that_nobody_knows() -> None:
    words = texts(forest(RATIOS, n_title="reports"))
    assert {"1,450 (820–3,200)", "9.00 (8.00–10.00)", "reports"} <= set(words)
    assert describe(Figure("forest", "t"), {"t": RATIOS}).endswith(
        "from nivolumab – myocarditis, same indication 1.10 (0.90–1.40) to ipilimumab – hypophysitis, whole database "
        "1,450 (820–3,200)."
    )


def test_days_have_no_line_of_no_effect_and_ticks_that_clinicians_count_in() -> None:
    svg = forest(DAYS, **DAY_OPTIONS)
    words = texts(svg)
    assert {
        "14",
        "30",
        "60",
        "34 (14–64)",
        "28 (0–50)",
        "0.91 (0.80–1.03)",
        "Weibull shape (95 % CI)",
    } <= set(words)
    assert "365" in words
    assert marks(svg, "square") == 3
    assert marks(svg, "triangle") == 1  # from within the first day
    upright = [
        e
        for e in ElementTree.fromstring(svg).iter(f"{SVG}line")
        if e.get("stroke") == colour("grey") and float(e.get("y2", "0")) > 10
    ]
    assert not upright


def test_sixty_rows_keep_their_labels_and_numbers() -> None:
    many = pl.concat(
        RATIOS.with_columns(section=pl.format("drug {} – {}", pl.lit(i), pl.col("section")))
        for i in range(10)
    )
    words = texts(forest(many))
    assert words.count("other oncology drugs") == 20
    assert words.count("9.00 (8.00–10.00)") == 10
    assert "drug 9 – nivolumab – myocarditis" in words
