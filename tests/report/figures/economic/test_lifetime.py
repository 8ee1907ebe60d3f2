"""Extrapolation, hazards and states: curves lie where their tables say, in the data and beyond."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import worth
from tests.report.test_figures import SVG, paths, placed, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.figures.economic.lifetime import GAP, HEAD, HEIGHT, PLOT
from coley.report.figures.economic.panel import Panel
from coley.report.palette import Stroke, colour

TABLES = worth.worth_answer().tables
LIFE = {
    **worth.EVERY,
    "follow_up_years": worth.FOLLOWED,
    "at_risk": "at_risk_os",
    "endpoint": "Overall survival",
}
CURVES = Figure("extrapolation", "curves_os", options=LIFE)
HAZARDS = Figure("hazards", "hazards_os", options=LIFE)
STATES = Figure("state_area", "states", options=worth.EVERY)
NEW = worth.LABELS[1]


def rows(kind: str, name: str = NEW, table: str = "curves_os") -> pl.DataFrame:
    return TABLES[table].filter(pl.col("strategy") == name, pl.col("kind") == kind).sort("time")


def test_the_model_runs_through_its_table_in_both_panels() -> None:
    left, right = paths(draw(CURVES, TABLES), stroke=colour("accent"), stroke_width="2.4")
    table = rows("model")
    for points, start, years in ((left, 0.0, worth.FOLLOWED), (right, PLOT + GAP, worth.HORIZON)):
        inside = table.filter(pl.col("time") <= years)
        for (x, y), (time, value) in zip(points, inside.select("time", "value").iter_rows(), strict=False):
            assert x == pytest.approx(start + PLOT * time / years, abs=0.02)
            assert y == pytest.approx(HEAD + HEIGHT * (1 - value), abs=0.02)
        assert points[-1][0] == pytest.approx(start + PLOT, abs=0.02)


def test_steps_of_the_data_start_at_one_and_end_where_the_data_do() -> None:
    steps = paths(draw(CURVES, TABLES), stroke=colour("ink"), stroke_width="1.2")
    assert len(steps) == 6  # three strategies in two panels
    for points in steps:
        assert points[0][1] == HEAD
    last = rows("observed").row(-1, named=True)
    ends = [(points[-1][0], points[-1][1]) for points in steps]
    wanted = (PLOT * last["time"] / worth.FOLLOWED, HEAD + HEIGHT * (1 - last["value"]))
    assert any(end == pytest.approx(wanted, abs=0.6) for end in ends)


def test_numbers_at_risk_stand_under_their_years() -> None:
    places = placed(draw(CURVES, TABLES))
    for year, n in (
        TABLES["at_risk_os"].filter(pl.col("strategy") == NEW).select("time", "at_risk").iter_rows()
    ):
        assert any(abs(x - tick) < 1 for x, _ in places[f"{n}"] for tick, _ in places[f"{year:g}"])


def test_the_general_population_is_drawn_and_no_strategy() -> None:
    svg = draw(CURVES, TABLES)
    dotted = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("stroke-dasharray") == "3,5"]
    assert len(dotted) == 2
    assert "General population" in texts(svg)
    without = TABLES["curves_os"].filter(pl.col("kind") != "population")
    assert "General population" not in texts(draw(CURVES, {**TABLES, "curves_os": without}))


def test_the_end_of_the_data_is_marked_where_it_is() -> None:
    svg = draw(CURVES, TABLES)
    places = placed(svg)
    left, right = places["data"][0][0] + 6, places["model alone →"][0][0] - 6
    assert left == pytest.approx(right)
    zero, last = (min(x for x, _ in places[year] if x > PLOT) for year in ("0", "30"))
    assert (left - zero) / (last - zero) == pytest.approx(worth.FOLLOWED / worth.HORIZON, abs=0.005)


def test_data_that_reach_far_need_one_panel_alone() -> None:
    short = TABLES["curves_os"].filter(pl.col("time") <= 8)
    svg = draw(CURVES, {**TABLES, "curves_os": short})
    assert len(paths(svg, stroke=colour("accent"), stroke_width="2.4")) == 1
    assert texts(svg).count("Years") == 1


def test_other_families_are_thin_lines_of_their_strategy() -> None:
    more = pl.concat(
        rows("model").with_columns(
            kind=pl.lit("alternative"), family=pl.lit(name), value=pl.col("value") ** power
        )
        for name, power in (("Weibull", 1.2), ("Gompertz", 0.8))
    )
    both = pl.concat([TABLES["curves_os"], more], how="diagonal")
    svg = draw(CURVES, {**TABLES, "curves_os": both})
    assert len(paths(svg, stroke=colour("accent"), stroke_width="1")) == 4
    places = placed(svg)
    assert places["Gompertz"][0][1] < places["Weibull"][0][1]  # lives longer: stands higher


def test_survival_is_told_at_the_end_of_the_data_and_of_the_horizon() -> None:
    told = describe(CURVES, TABLES)
    seen, far = rows("observed")["value"][-1], rows("model")["value"][-1]
    assert f"{NEW}, {100 * seen:.0f} % in the data at" in told
    assert f"{100 * far:.0f} % at 30 years" in told
    assert "The data end at 6.50 years." in told


def test_hazards_lie_on_a_logarithm() -> None:
    svg = draw(HAZARDS, TABLES)
    places = placed(svg)
    high, low = (min(y for _, y in places[label]) for label in ("0.5", "0.05"))
    (curve, _) = paths(svg, stroke=colour("accent"), stroke_width="2.4")
    table = rows("model", table="hazards_os")
    above = min(y for _, y in placed(svg)["0.5"])
    shift = above - _frame_of(svg)
    decade = low - high
    for (_, y), value in list(zip(curve, table["value"], strict=False))[:20]:
        assert y == pytest.approx(shift + decade * (math.log10(0.5) - math.log10(value)), abs=0.6)


def _frame_of(svg: str) -> float:
    """Pixels from the top of the picture to the origin of its marks."""
    places = placed(svg)
    return places["Events per year at risk, logarithmic"][0][1] - (HEAD - 14)


def test_observed_hazards_are_dots_with_limits_and_many_of_them_a_line() -> None:
    def limits(svg: str) -> int:
        return len(
            [
                e
                for e in ElementTree.fromstring(svg).iter(f"{SVG}line")
                if e.get("stroke") == colour("accent") and abs(float(e.get("y2", "0"))) > 1
            ]
        )

    n = rows("observed", table="hazards_os").height
    assert limits(draw(HAZARDS, TABLES)) == 2 * n
    smooth = rows("model", table="hazards_os").with_columns(kind=pl.lit("observed"))
    rest = TABLES["hazards_os"].filter(pl.col("kind") != "observed")
    svg = draw(HAZARDS, {**TABLES, "hazards_os": pl.concat([rest, smooth])})
    assert limits(svg) == 0
    assert len(paths(svg, stroke=colour("accent"), stroke_width="1.1")) == 2


def test_a_hazard_of_nothing_does_not_break_the_logarithm() -> None:
    none = TABLES["hazards_os"].with_columns(
        value=pl.when(pl.col("kind") == "observed").then(0.0).otherwise(pl.col("value")), low=0.0
    )
    svg = draw(HAZARDS, {**TABLES, "hazards_os": none})
    assert "NaN" not in svg
    assert "Infinity" not in svg


# state_area


def test_areas_are_stacked_to_the_shares_of_the_table() -> None:
    one = TABLES["states"].filter(pl.col("strategy") == NEW)
    svg = draw(STATES, {"states": one})
    at = one.filter((pl.col("time") - 5).abs() < 0.05)
    share = dict(at.select("state", "share").iter_rows())
    panel = Panel(0, 24, 280, 150, (0, worth.HORIZON), (0, 1))
    (free,) = paths(svg, fill=colour("state progression-free"))[:1]
    rim = [y for x, y in free if abs(x - panel.across(5)) < 1.5]
    assert min(rim) == pytest.approx(panel.down(share["progression_free"]), abs=2)
    (dead,) = paths(svg, fill=colour("state dead"))[:1]
    rim = [y for x, y in dead if abs(x - panel.across(5)) < 1.5]
    assert max(rim) == pytest.approx(panel.down(1 - share["dead"]), abs=2)
    assert min(rim) == pytest.approx(24, abs=0.1)


def test_states_keep_their_colours_whatever_else_there_is() -> None:
    more = TABLES["states"].with_columns(
        state=pl.when(pl.col("state") == "progressed").then(pl.lit("in hospital")).otherwise(pl.col("state"))
    )
    svg = draw(STATES, {"states": more})
    for role in ("state progression-free", "state dead", "state 4"):
        assert paths(svg, fill=colour(role))
    assert not paths(svg, fill=colour("state progressed"))


def test_years_in_states_are_told() -> None:
    told = describe(STATES, TABLES)
    assert f"{worth.CONTROL}, 1.00 years progression-free and 1.50 years progressed" in told


# panel


def test_a_line_is_cut_where_its_panel_ends() -> None:
    panel = Panel(0, 0, 100, 100, (0, 1), (0, 1))
    line = panel.line([{"x": 0.0, "value": 0.0}, {"x": 2.0, "value": 1.0}], Stroke("#000000", (1, 0)))
    assert line["data"]["values"] == [{"x": 0, "y": 100}, {"x": 100, "y": 50}]
    step = panel.line(
        [{"x": 0.0, "value": 0.2}, {"x": 2.0, "value": 1.0}], Stroke("#000000", (1, 0)), step=True
    )
    assert step["data"]["values"][-1] == {"x": 100, "y": 80}


def test_a_crowded_line_keeps_its_ends() -> None:
    panel = Panel(0, 0, 100, 100, (0, 1), (0, 1))
    rows = [{"x": i / 5000, "value": i / 5000} for i in range(5001)]
    values = panel.line(rows, Stroke("#000000", (1, 0)))["data"]["values"]
    assert len(values) < 210
    assert values[0] == {"x": 0, "y": 100}
    assert values[-1] == {"x": 100, "y": 0}


def _with(kind: str, table: str, **columns: object) -> dict[str, pl.DataFrame]:
    """Return the tables with rows of another kind for the new treatment."""
    old = TABLES[table]
    more = pl.DataFrame({"strategy": NEW, "kind": kind, **columns}, schema_overrides={"family": pl.String})
    return {**TABLES, table: pl.concat([old, more], how="diagonal_relaxed")}


def test_what_a_registry_saw_is_drawn_as_diamonds_with_limits() -> None:
    seen = {"time": [8.0, 10.0], "value": [0.4, 0.3], "low": [0.35, 0.2], "high": [0.45, None]}
    for figure, table in ((CURVES, "curves_os"), (HAZARDS, "hazards_os")):
        svg = draw(figure, _with("registry", table, **seen))
        assert "Diamonds: registry." in " ".join(texts(svg))
        assert "Diamonds" not in " ".join(texts(draw(figure, TABLES)))
    svg = draw(CURVES, _with("registry", "curves_os", **seen))
    diamonds = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("stroke-width") == "1.4"]
    places = [tuple(map(float, e.get("transform", "")[10:-1].split(","))) for e in diamonds]
    panel = Panel(PLOT + GAP, HEAD, PLOT, HEIGHT, (0, worth.HORIZON), (0, 1))
    for time, value in ((8.0, 0.4), (10.0, 0.3)):
        assert any(
            place == pytest.approx((panel.across(time), panel.down(value)), abs=0.6) for place in places
        )


def test_names_of_families_stand_beside_the_plot_and_not_under_it() -> None:
    ends = {"time": [0.0, worth.HORIZON] * 6, "value": [1.0, 0.001] * 6}
    families = [f"family {i} 10 %" for i in range(6) for _ in range(2)]
    svg = draw(CURVES, _with("alternative", "curves_os", family=families, **ends))
    down = [y for text, places in placed(svg).items() if text.startswith("family ") for _, y in places]
    assert len(down) == 6
    assert max(down) <= placed(svg)["0 %"][0][1], "under the axis stand the years"
    assert min(abs(a - b) for i, a in enumerate(down) for b in down[:i]) >= 11
