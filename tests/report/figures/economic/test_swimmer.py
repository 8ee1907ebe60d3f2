"""Lives side by side: every stretch and moment lies where its table says, the longest life on top."""

from __future__ import annotations

from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import worth
from tests.report.test_figures import SVG, placed, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.figures.economic.swimmer import BAR, LANE, MOST_LANES, PLOT, STRETCHES
from coley.report.palette import colour

TABLES = worth.worth_answer().tables
LIVES = Figure("swimmer", "histories", options={"until": 36})
ORDER = (2, 1, 3)  # by how long each is followed


def bars(svg: str, role: str) -> list[tuple[float, float]]:
    """Left and right ends of the bars of a colour in the plot, in months."""
    found = []
    for element in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        if element.get("fill") == colour(role) and str(element.get("d", "")).startswith("M"):
            numbers = (
                element.get("d", "").replace("M", "").replace("h", ",").replace("v", ",").replace("Z", "")
            )
            x, y, width, height = (float(n) for n in numbers.split(",")[:4])
            if height == pytest.approx(BAR, abs=0.01) and y >= 0:
                found.append((36 * x / PLOT, 36 * (x + width) / PLOT))
    return sorted(found)


@pytest.mark.parametrize("kind", STRETCHES)
def test_stretches_lie_where_their_table_says(kind: str) -> None:
    rows = TABLES["histories"].filter(pl.col("kind") == kind)
    wanted = sorted(rows.select("start", "end").iter_rows())
    found = bars(draw(LIVES, TABLES), STRETCHES[kind])
    assert len(found) == len(wanted) > 0
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=0.01)


def test_the_longest_life_is_on_top_and_irae_stand_beside_it() -> None:
    places = placed(draw(LIVES, TABLES))
    y = [places[str(patient)][0][1] for patient in ORDER]
    assert y[1] - y[0] == y[2] - y[1] == LANE
    assert places["rash 1-2"][0][1] == pytest.approx(y[0], abs=1)
    assert places["colitis 3+"][0][1] == pytest.approx(y[1], abs=1)


def test_the_key_names_what_is_drawn_and_nothing_else() -> None:
    words = texts(draw(LIVES, TABLES))
    for kind in TABLES["histories"]["kind"].unique():
        assert words.count(kind) == 1
    short = {"histories": TABLES["histories"].filter(pl.col("patient") == 3)}
    assert {"on treatment", "death"} <= set(texts(draw(LIVES, short)))
    assert "rechallenge" not in texts(draw(LIVES, short))


def test_the_picture_does_not_depend_on_the_order_of_rows() -> None:
    shuffled = {"histories": TABLES["histories"].sample(fraction=1.0, shuffle=True, seed=4)}
    one, other = (placed(draw(LIVES, tables)) for tables in (TABLES, shuffled))
    assert one == other
    assert sorted(bars(draw(LIVES, shuffled), "accent")) == sorted(bars(draw(LIVES, TABLES), "accent"))


def test_words_for_those_who_do_not_see_it() -> None:
    said = describe(LIVES, TABLES)
    assert said == (
        "3 patients followed for 36 months: 2 had an irAE, 1 had one of grade 3 or above, 1 stopped for one, "
        "1 progressed and 2 died."
    )


def test_a_crowd_is_cut_to_a_sheet_of_paper() -> None:
    rows = [(i, "on treatment", 0.0, float(i), "") for i in range(1, 100)]
    crowd = {
        "histories": pl.DataFrame(rows, schema=["patient", "kind", "start", "end", "label"], orient="row")
    }
    found = bars(draw(Figure("swimmer", "histories"), crowd), "accent")
    assert len(found) == MOST_LANES
    assert found[-1][1] == pytest.approx(36, abs=0.01), "the longest life fills the plot"
