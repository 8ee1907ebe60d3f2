"""Figures: their geometry says what their tables say."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import examples, signals, worth

from coley.model.answer import Figure
from coley.model.errors import ColeyError, UnknownName
from coley.report.figures import FIGURES, describe, draw
from coley.report.figures.decision_curve import better
from coley.report.figures.kaplan_meier import _steps, survival_at
from coley.report.palette import colour, palette

SVG = "{http://www.w3.org/2000/svg}"
ANSWER = examples.respond_answer()
BELIEVE = examples.believe_answer()
SIGNALS = signals.signals_answer()
WORTH = worth.worth_answer()
EVERY = [(figure, answer.tables) for answer in (ANSWER, BELIEVE, SIGNALS, WORTH) for figure in answer.figures]
EXTREME = [*examples.extreme_figures(), *worth.extreme_figures()]
NAMES = [f"{figure.kind}-{figure.table}" for figure, _ in EVERY]
HOSTILE = examples.hostile_answer()


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def drawn(kind: str, place: int = 0) -> str:
    found = [figure for figure in ANSWER.figures if figure.kind == kind]
    return draw(found[place], ANSWER.tables)


def believed(kind: str, place: int = 0, **options: object) -> str:
    """Draw a figure of the answer to "Which biomarker can be believed?", options changed."""
    figure = [figure for figure in BELIEVE.figures if figure.kind == kind][place]
    return draw(Figure(kind, figure.table, figure.title, "", {**figure.options, **options}), BELIEVE.tables)


def paths(svg: str, **attributes: str) -> list[list[tuple[float, float]]]:
    """Points of each path with these attributes (an underscore stands for a hyphen)."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    found = []
    for element in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        if all(element.get(name) == value for name, value in wanted.items()):
            numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", element.get("d", ""))]
            found.append(list(zip(numbers[::2], numbers[1::2], strict=False)))
    return found


def placed(svg: str) -> dict[str, list[tuple[float, float]]]:
    """Text to its places in the picture, nested shifts added up."""
    found: dict[str, list[tuple[float, float]]] = {}

    def walk(element: ElementTree.Element, x: float, y: float) -> None:
        shift = re.search(r"translate\(([-\d.]+),\s*([-\d.]+)\)", element.get("transform", ""))
        if shift:
            x, y = x + float(shift[1]), y + float(shift[2])
        if element.tag == f"{SVG}text":
            found.setdefault("".join(element.itertext()), []).append((x, y))
        for child in element:
            walk(child, x, y)

    walk(ElementTree.fromstring(svg), 0, 0)
    return found


def test_an_unknown_kind_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownName, match="kaplan_meier"):
        draw(Figure("kaplan_maier", "survival_os"), ANSWER.tables)


def test_missing_columns_and_tables_are_named() -> None:
    with pytest.raises(ColeyError, match="survival, high"):
        draw(Figure("kaplan_meier", "t"), {"t": pl.DataFrame({"group": ["a"], "time": [1.0], "low": [0.1]})})
    with pytest.raises(ColeyError, match="which the answer lacks"):
        draw(Figure("forest", "absent"), {})


@pytest.mark.parametrize(("figure", "tables"), EVERY, ids=NAMES)
def test_the_same_answer_gives_the_same_picture_with_a_name(
    figure: Figure, tables: dict[str, pl.DataFrame]
) -> None:
    svg = draw(figure, tables)
    assert svg == draw(figure, tables)
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert figure.title in str(root.get("aria-label"))
    assert describe(figure, tables) in str(root.get("aria-label"))


@pytest.mark.parametrize(("figure", "tables"), EVERY, ids=NAMES)
def test_every_colour_of_a_figure_comes_from_the_palette(
    figure: Figure, tables: dict[str, pl.DataFrame]
) -> None:
    known = {role.light for role in palette().values()} | {"none", "transparent"}
    for element in ElementTree.fromstring(draw(figure, tables)).iter():
        assert {element.get("fill", "none"), element.get("stroke", "none")} <= known


def test_ids_differ_between_figures() -> None:
    ids = [set(re.findall(r' id="([^"]+)"', draw(figure, tables))) for figure, tables in EVERY]
    assert sum(map(len, ids)) == len(set().union(*ids))


@pytest.mark.parametrize("figure", HOSTILE.figures, ids=lambda figure: figure.kind)
def test_no_text_becomes_an_element_or_leaves_the_frame(figure: Figure) -> None:
    root = ElementTree.fromstring(draw(figure, HOSTILE.tables))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "g", "path", "text", "rect", "line", "defs", "clipPath", "tspan",
    }  # fmt: skip
    assert not [
        name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name
    ]
    if figure.kind != "dot_interval":  # ten series of one row each need ten columns
        assert float(root.get("width", "0")) < 1100


@pytest.mark.parametrize(
    ("figure", "tables"),
    EXTREME,
    ids=lambda value: value.kind if isinstance(value, Figure) else f"{value['t'].height}-rows",
)
def test_empty_missing_and_crowded_tables_are_drawn(figure: Figure, tables: dict[str, pl.DataFrame]) -> None:
    words = " ".join(texts(draw(figure, tables)))
    if not tables["t"].height:
        assert "nothing to draw" in words
    assert "None" not in words
    assert "NaN" not in words
    if tables["t"].height == 40 and figure.kind in ("kaplan_meier", "line_band"):
        assert "32 further groups are in the table" in words


def test_every_kind_is_drawn_somewhere_in_these_tests() -> None:
    assert {figure.kind for figure, _ in EXTREME} == set(FIGURES)


# kaplan_meier


def test_numbers_at_risk_stand_under_their_ticks() -> None:
    svg = drawn("kaplan_meier")
    places = placed(svg)
    risk = ANSWER.tables["at_risk_os"].filter(pl.col("group") == examples.NEW, pl.col("time") <= 24)
    for time, count in risk.select("time", "at_risk").iter_rows():
        ticks = [x for x, _ in places[f"{time:g}"]]
        assert min(abs(x - tick) for x, _ in places[str(count)] for tick in ticks) < 1.5


def test_the_curve_passes_through_its_milestones() -> None:
    curve = [
        row for row in ANSWER.tables["survival_os"].iter_rows(named=True) if row["group"] == examples.NEW
    ]
    at_12 = [row["survival"] for row in curve if row["time"] <= 12][-1]
    assert survival_at(_steps(curve), 12) == at_12
    assert survival_at(_steps(curve), 0) == 1
    assert survival_at(_steps(curve), 1000) is None
    assert f"{100 * at_12:.0f} %" in texts(drawn("kaplan_meier"))


def test_the_control_arm_is_grey_and_dashed_whatever_the_order() -> None:
    table = ANSWER.tables["survival_os"]
    for frame in (
        table,
        pl.concat([table.filter(pl.col("group") == g) for g in (examples.NEW, examples.OLD)]),
    ):
        root = ElementTree.fromstring(draw(ANSWER.figures[1], {**ANSWER.tables, "survival_os": frame}))
        dashed = [
            e for e in root.iter() if e.get("stroke-dasharray") == "8,3" and e.get("stroke") == colour("grey")
        ]
        assert len(dashed) == 2  # the curve and its sample in the key


def test_the_curve_does_not_depend_on_the_order_of_rows() -> None:
    shuffled = (
        ANSWER.tables["survival_os"].sample(fraction=1, shuffle=True, seed=3).sort("group", descending=True)
    )
    ordered = ANSWER.tables["survival_os"].sort("group", descending=True, maintain_order=True)
    figure = ANSWER.figures[1]
    assert draw(figure, {**ANSWER.tables, "survival_os": shuffled}) == draw(
        figure, {**ANSWER.tables, "survival_os": ordered}
    )


# forest


def test_a_forest_prints_every_estimate_and_clips_with_arrows() -> None:
    svg = drawn("forest", 1)
    words = texts(svg)
    assert "0.73 (0.62–0.86)" in words
    assert "850 (569)" in words
    assert "not estimable" in words
    assert "← atezolizumab" in words
    assert "docetaxel →" in words
    triangles = [
        e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if "rotate" in e.get("transform", "")
    ]
    assert len(triangles) == 2  # both ends of the one interval that reaches beyond the axis


def test_an_estimate_at_the_reference_lies_on_its_line() -> None:
    table = pl.DataFrame({"label": ["a"], "value": [1.0], "low": [0.5], "high": [2.0], "n": [9]})
    root = ElementTree.fromstring(draw(Figure("forest", "t"), {"t": table}))
    rules = [
        e for e in root.iter(f"{SVG}line") if e.get("stroke") == colour("grey") and float(e.get("y2", 0)) > 10
    ]
    square = next(
        e for e in root.iter(f"{SVG}path") if e.get("fill") == colour("muted") and "h" in e.get("d", "")
    )

    def x(element: ElementTree.Element) -> float:
        return float(re.findall(r"translate\(([-\d.]+)", element.get("transform", ""))[0])

    assert min(abs(x(rule) - x(square)) for rule in rules) < 1


# bars


def test_bars_are_as_wide_as_their_shares_and_print_every_count() -> None:
    svg = drawn("stacked_bar")
    words = " ".join(texts(svg))
    for row in ANSWER.tables["response_categories"].filter(pl.col("n") > 0).iter_rows(named=True):
        assert f"{row['category']} {row['n']} ({100 * row['share']:.1f} %)" in words
    widths = [
        float(match[1])
        for match in re.finditer(
            rf'<path[^>]*d="M[-\d.]+,[-\d.]+h([\d.]+)v26[^"]*"[^>]*fill="{colour("response PD")}"', svg
        )
    ]
    shares = ANSWER.tables["response_categories"].filter(pl.col("category") == "PD")["share"].to_list()
    assert widths == pytest.approx([540 * share for share in shares], abs=0.1)


def test_what_is_left_unexplained_is_told() -> None:
    words = " ".join(texts(drawn("share_bar")))
    assert "explained by known factors 21.3 % (17.0–27.0); left unexplained 78.7 %" in words


def test_raw_and_shrunken_rates_stand_side_by_side() -> None:
    words = texts(drawn("dot_interval"))
    assert {"observed", "shrunken", "41 % (29–53)"} <= set(words)


# waterfall


def test_a_waterfall_falls_and_counts_those_without_a_change() -> None:
    table = examples.lesions().with_columns(
        pl.when(pl.int_range(pl.len()) < 7)
        .then(None)
        .otherwise(pl.col("change_percent"))
        .alias("change_percent")
    )
    svg = draw(Figure("waterfall", "t"), {"t": table})
    assert any("113 patients" in words and "7 without a measured change" in words for words in texts(svg))
    shrunk = table.filter(pl.col("change_percent") <= -30).height
    assert f"{shrunk} shrank by 30 % or more" in describe(Figure("waterfall", "t"), {"t": table})


def test_a_spider_has_one_line_a_patient() -> None:
    courses = examples.courses()
    svg = draw(Figure("spider", "t"), {"t": courses})
    lines = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("stroke-width") == "1.4"]
    assert len(lines) == courses["patient_id"].n_unique()


# calibration


def test_calibration_has_equal_axes_and_a_diagonal() -> None:
    svg = believed("calibration")
    (diagonal,) = [
        p
        for p in paths(svg, stroke=colour("grey"), stroke_dasharray="5,3")
        if len(p) == 2 and p[0][0] != p[1][0] and p[0][1] != p[1][1]
    ]
    (x0, y0), (x1, y1) = diagonal
    assert x1 - x0 == pytest.approx(y0 - y1)
    curve = max(paths(svg, stroke=colour("accent")), key=len)
    for (x, y), (said, seen) in zip(curve, examples.promised().select("x", "value").iter_rows(), strict=True):
        assert (x - x0) / (x1 - x0) == pytest.approx(said, abs=1e-3)
        assert (y0 - y) / (y0 - y1) == pytest.approx(seen, abs=1e-3)


def test_calibration_reads_small_probabilities_on_a_shorter_axis() -> None:
    small = examples.promised().with_columns(pl.all() * 0.2)
    words = texts(draw(Figure("calibration", "t"), {"t": small}))
    assert "100 %" not in words
    assert words.count("20 %") == 2


def test_calibration_shows_where_the_patients_are() -> None:
    table = pl.DataFrame({"x": [0.2] * 30 + [0.8] * 10})
    tables = {**BELIEVE.tables, "predictions_loris": table}
    figure = BELIEVE.figures[1]
    bars = [
        e
        for e in ElementTree.fromstring(draw(figure, tables)).iter(f"{SVG}line")
        if e.get("stroke") == colour("muted") and e.get("stroke-width") == "2"
    ]
    lengths = sorted(abs(float(e.get("y2", "0"))) for e in bars)
    assert len(lengths) == 2
    assert lengths[1] == pytest.approx(3 * lengths[0])


def test_calibration_is_told_in_words() -> None:
    words = describe(BELIEVE.figures[1], BELIEVE.tables)
    assert words == "Calibration. observed 0 % where 5 %, 28 % where 49 %, 83 % where 90 % was predicted."


# decision_curve


def test_the_model_alone_has_a_colour_and_its_rivals_are_grey() -> None:
    svg = believed("decision_curve")
    assert paths(svg, stroke=colour("accent"), stroke_width="2.2")
    assert len(paths(svg, stroke=colour("grey"), stroke_width="1.6")) == 2
    assert not paths(svg, stroke=colour("group 2"))
    assert {"treat all", "treat none", "LORIS (pan-cancer)"} <= set(texts(svg))


def test_losses_of_treating_everybody_do_not_flatten_what_can_be_gained() -> None:
    labels = [
        float(words.replace("−", "-"))
        for words in texts(believed("decision_curve"))
        if re.fullmatch(r"−?0\.\d+", words)
    ]
    assert min(labels) > -0.15
    assert max(labels) >= 0.2


def test_where_a_model_is_worth_using_is_told() -> None:
    rows = [
        {"group": group, "x": x, "value": value}
        for group, values in (
            ("m", (0.1, 0.2, 0.1)),
            ("treat all", (0.2, 0.1, -0.1)),
            ("treat none", (0.0,) * 3),
        )
        for x, value in zip((0.1, 0.2, 0.3), values, strict=True)
    ]
    assert better(rows, "m") == [0.2, 0.3]
    table = pl.DataFrame(rows).with_columns(low=pl.col("value"), high=pl.col("value"))
    told = describe(Figure("decision_curve", "t"), {"t": table})
    assert "m lies above both treat all and treat none at 2 thresholds, 20 % to 30 %" in told


# roc


def test_areas_stand_in_the_key_of_the_roc() -> None:
    words = texts(believed("roc"))
    assert "TMB, AUC 0.62 (0.57–0.68)" in words
    assert "no better than chance" in words
    assert "LORIS (pan-cancer) AUC 0.74 (0.69–0.79)" in describe(BELIEVE.figures[3], BELIEVE.tables)


def test_the_area_drawn_is_the_area_told() -> None:
    svg = believed("roc")
    (curve,) = [p for p in paths(svg, stroke=colour("accent")) if len(p) == 40]
    (x0, y0), (x1, y1) = curve[0], curve[-1]
    area = sum((b[0] - a[0]) * (2 * y0 - a[1] - b[1]) / 2 for a, b in pairwise(curve))
    assert area / ((x1 - x0) * (y0 - y1)) == pytest.approx(1 / 1.6, abs=0.003)


# cutpoint


def test_the_chosen_and_the_published_cuts_are_marked_in_the_units_of_readers() -> None:
    words = texts(believed("cutpoint"))
    assert "best here: 10.0 (6.0–18.0)" in words
    assert "published: 16 mutations" in words
    assert {"1", "10", "20", "50"} <= set(words)
    told = describe(BELIEVE.figures[4], BELIEVE.tables)
    assert "the largest |z| is 3.40, at 10, against 2.70 that chance alone reaches" in told


def test_the_chosen_cut_lies_at_the_peak_of_its_curve() -> None:
    svg = believed("cutpoint")
    (curve,) = [p for p in paths(svg, stroke=colour("ink")) if len(p) > 40]
    peak = min(curve, key=lambda point: point[1])[0]
    rules = [
        float(re.findall(r"translate\(([-\d.]+)", e.get("transform", ""))[0])
        for e in ElementTree.fromstring(svg).iter(f"{SVG}line")
        if e.get("stroke") == colour("accent") and float(e.get("y2", "0")) != 0
    ]
    assert any(abs(rule - peak) < 1 for rule in rules)


def test_a_cut_beyond_the_axis_is_told_and_not_drawn() -> None:
    def rules(svg: str) -> int:
        return len(
            [e for e in ElementTree.fromstring(svg).iter(f"{SVG}line") if e.get("stroke-dasharray") == "7,3"]
        )

    far = believed("cutpoint", published={"500 mutations": 9.0})
    assert "published: 500 mutations" in texts(far)
    assert rules(believed("cutpoint", published={"16 mutations": 4.1})) == rules(far) + 1


# forest and line_band of many cohorts


def test_the_dotted_reach_is_explained_where_it_is_drawn() -> None:
    key = "dotted: where a new cohort is expected"
    assert key in texts(believed("forest"))
    plain = BELIEVE.tables["forest_response"].drop("reach_low")
    assert key not in texts(draw(BELIEVE.figures[0], {"forest_response": plain}))


def test_forty_rows_fit_a_sheet_of_paper_with_their_labels_whole() -> None:
    svg = believed("forest")
    root = ElementTree.fromstring(svg)
    assert float(root.get("height", "0")) < 1000
    assert "Signature of cytotoxic T cells 39" in texts(svg)
    assert {"Cohorts", "n (responders)", "q"} <= set(texts(svg))


@pytest.mark.parametrize("reach", [1.1, 1.5, 3.0, 9.0, 80.0])
def test_the_ratio_of_no_effect_is_labelled(reach: float) -> None:
    table = pl.DataFrame(
        {
            "label": ["a", "b"],
            "value": [reach, 1 / reach],
            "low": [1.0, 1 / reach],
            "high": [reach, 1.0],
            "n": [9, 9],
        }
    )
    assert "1" in texts(draw(Figure("forest", "t"), {"t": table}))


def test_a_logarithm_is_labelled_in_the_units_before_it() -> None:
    words = texts(believed("line_band"))
    assert {"0", "1", "5", "20", "50"} <= set(words)
    assert "at 0 to 1.82 at 63" in describe(BELIEVE.figures[5], BELIEVE.tables)


def test_both_arms_are_told_in_words() -> None:
    assert describe(BELIEVE.figures[6], BELIEVE.tables) == (
        "Value along Percentile of TMB: Treated from 30 % at 0 to 40 % at 100; Control from 30 % at 0 to 70 % at 100."
    )
