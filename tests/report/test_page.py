"""The page: every part of an answer, in its order, escaped, with its data to take away."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote

import polars as pl
import pytest
from tests.report import examples

from coley.model.answer import Answer, Check, Estimate
from coley.model.answer_json import from_dict
from coley.model.study import About, Study
from coley.report import about_study, draw, render_page
from coley.report.front import footer, study_line
from coley.report.sections import FURTHER_ROWS, KEY_ROWS, OPEN_ALERTS

ABOUT = {
    "patients": 850,
    "arms": {examples.NEW: 425, examples.OLD: 425},
    "randomised": True,
    "time_origin": "randomisation",
}
RECORD = {
    "versions": {"coley": "0.1.0", "numpy": "2.4.0"},
    "seed": {"respond": 1},
    "seconds": {"Reading": 0.5, "Asking": 2.0},
    "finished": "2026-11-04T09:05:00+00:00",
    "inputs": [{"file": "patients.csv", "bytes": 81234, "sha256": "9f2c" * 16}],
}
VOID = {"meta", "br", "img", "input", "link", "hr"}


class Page(HTMLParser):
    """Elements, headings and text of a page; refuses one whose tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.words.append(data)
        if self._open and re.fullmatch(r"h[1-6]", self._open[-1]):
            level, text = self.headings.pop()
            self.headings.append((level, text + data))

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def respond() -> Answer:
    return examples.respond_answer()


@pytest.fixture(scope="module")
def html(respond: Answer) -> str:
    answers = [respond, examples.unanswered()]
    return render_page(
        answers, title="OAK", about=ABOUT, provenance=RECORD, checks=[Check("ids", "warn", "Two ids.")]
    )


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_parts_stand_in_their_order(page: Page, respond: Answer) -> None:
    text = page.text
    order = [
        "850 patients (atezolizumab 425, docetaxel 425) · randomised · time counted from randomisation",
        "In short",
        respond.headline,
        "1 failed",
        "Before you read on",
        "12 patients with progressive disease",
        "ADaM's CNSR",
        "patients.csv, lines 14, 15, 92, 118, 240, column pfs_event, values 0, 0.0",
        "Numbers",
        "0.73 (0.62–0.86)",
        "Figures",
        "Further tables",
        "What it cannot tell",
        respond.cannot_tell[0],
        "To bear in mind",
        "checks passed",
        "How computed",
        "Citations",
        "For research. Coley is not a medical device",
        "version 0.1.0",
        "9f2c" * 16,
    ]
    start = text.index("Skip to the answers") + text[text.index("Skip to the answers") :].index(
        "How this page was made"
    )
    head, body = text[:start], text[start:]
    assert order[0] in head
    place = 0
    for part in order[1:]:
        found = body.find(part, place)
        assert found >= 0, part
        place = found


def test_everything_an_answer_says_is_on_the_page(page: Page, respond: Answer) -> None:
    said = [*respond.caveats, *respond.cannot_tell, *respond.citations, *(c.message for c in respond.checks)]
    said += (
        [c.remedy for c in respond.checks]
        + [f.caption for f in respond.figures]
        + [e.note for e in respond.estimates]
    )
    for sentence in said:
        assert " ".join(sentence.split()) in page.text


def test_headings_descend_one_level_at_a_time(page: Page) -> None:
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_link_leads_somewhere_on_the_page_and_nothing_comes_from_outside(page: Page, html: str) -> None:
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(set(ids)) == len(ids)
    for link in page.all("a"):
        address = link["href"] or ""
        assert address.startswith("data:") or address[1:] in ids, address[:80]
    assert not page.all("script") + page.all("link") + page.all("img") + page.all("iframe")
    assert not [a for _, a in page.elements for name in a if name.startswith("on") or name == "src"]
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_labels_refer_to_what_exists(page: Page) -> None:
    ids = {a["id"] for _, a in page.elements if a.get("id")}
    for _, attributes in page.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids


def test_tables_have_captions_and_scopes(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) > 10
    assert all(head.get("scope") in ("col", "row") for head in page.all("th"))


def test_figures_have_names(page: Page, respond: Answer) -> None:
    pictures = page.all("svg")
    assert len(pictures) == len(respond.figures)
    for picture, figure in zip(pictures, respond.figures, strict=True):
        assert picture["role"] == "img"
        assert figure.title in str(picture["aria-label"])


def test_every_table_can_be_taken_away_whole(page: Page, respond: Answer) -> None:
    links = {str(a["download"]): str(a["href"]) for a in page.all("a") if "download" in a}
    assert set(links) == {f"{name}.csv" for name in respond.tables} | {"answers.json"}
    for name, frame in respond.tables.items():
        head, _, body = links[f"{name}.csv"].partition(",")
        assert head == "data:text/csv;charset=utf-8"
        back = pl.read_csv(io.StringIO(unquote(body)), schema=frame.schema)
        assert back.equals(frame)


def test_the_answers_can_be_taken_away_as_json(page: Page, respond: Answer) -> None:
    address = next(str(a["href"]) for a in page.all("a") if a.get("download") == "answers.json")
    values = json.loads(base64.b64decode(address.partition("base64,")[2]))
    assert from_dict(values[0]) == respond
    assert from_dict(values[1]) == examples.unanswered()


def test_long_tables_are_cut_in_the_page_and_say_so(page: Page) -> None:
    assert "first 25 of 850 rows; all of them are in the CSV" in page.text


def test_families_of_tests_do_not_stand_among_the_key_numbers(html: str) -> None:
    first = html[html.index("<caption>Overall survival</caption>") : html.index("</table>")]
    assert "Treatment by factor interaction" not in first
    assert "p values corrected for multiplicity: Holm over 12 interactions." in html
    many = tuple(
        Estimate(f"number_{i}", 1.0, 0.5, 2.0, n=9, unit="ratio", method="cox", endpoint="os")
        for i in range(30)
    )
    text = Page(
        render_page([Answer("q", "Q?", "s", "h", estimates=many)], title="t", about={}, provenance={})
    ).text
    assert f"{30 - KEY_ROWS} further numbers" in text
    assert all(f"Number {i} " in text for i in range(30))


def test_an_unanswered_question_says_so_and_shows_no_empty_parts(page: Page) -> None:
    alone = Page(render_page([examples.unanswered()], title="OAK", about={}, provenance={}))
    assert "Cannot be answered: Table 'patients' of study 'OAK' has no column 'tmb_per_mb'." in alone.text
    titles = [text for _, text in alone.headings]
    assert "Numbers" not in titles
    assert "Figures" not in titles
    assert "What it cannot tell" in titles


def test_hostile_text_is_shown_and_never_markup() -> None:
    answer = examples.hostile_answer()
    html = render_page(
        [answer, answer],
        title=examples.HOSTILE[2],
        about={"title": examples.HOSTILE[0], "arms": dict.fromkeys(examples.HOSTILE, 1), "patients": 1,
               "time_origin": examples.HOSTILE[1], "citation": examples.HOSTILE[2], "licence": examples.HOSTILE[0]},
        provenance={"version": examples.HOSTILE[0], "finished": examples.HOSTILE[1], "platform": examples.HOSTILE[2],
                    "inputs": [{"file": examples.HOSTILE[0], "bytes": 1, "sha256": examples.HOSTILE[1]}]},
        checks=answer.checks,
    )  # fmt: skip
    page = Page(html)
    assert not page.all("script") + page.all("img") + page.all("style")[1:]
    assert not [a for _, a in page.elements for name in a if name.startswith("on")]
    ids = [a["id"] for _, a in page.elements if a.get("id") and not str(a["id"]).startswith("f")]
    assert len(set(ids)) == len(ids)
    for shown in ('<script>alert("arm")</script>', "{{ 7*7 }}{% raw %}", "W" * 200):
        assert shown in page.text
    assert not set(html) & set("\x00\x07\u202e\u200f")
    html.encode("utf-8")


def test_no_csv_in_the_page_starts_a_cell_with_a_formula() -> None:
    page = Page(render_page([examples.hostile_answer()], title="t", about={}, provenance={}))
    for link in page.all("a"):
        if str(link.get("download", "")).endswith(".csv"):
            body = unquote(str(link["href"]).partition(",")[2])
            assert not re.search(r'(^|,|\n)"?[=+@]', body)


def test_figures_drawn_before_are_not_drawn_again(respond: Answer, html: str) -> None:
    svgs = [draw(figure, respond.tables) for figure in respond.figures]
    again = render_page(
        [respond, examples.unanswered()], title="OAK", about=ABOUT, provenance=RECORD, figures={"respond": svgs},
        checks=[Check("ids", "warn", "Two ids.")],
    )  # fmt: skip
    assert again == html
    marked = render_page(
        [respond], title="OAK", about={}, provenance={}, figures={"respond": ["<svg></svg>"] * len(svgs)}
    )
    assert marked.count("<svg></svg>") == len(svgs)


def test_the_page_of_no_answers_is_still_a_page() -> None:
    assert "No checks were made." in Page(render_page([], title="empty", about={}, provenance={})).text


# a page of many markers


@pytest.fixture(scope="module")
def believe() -> Page:
    return Page(render_page([examples.believe_answer()], title="many", about={}, provenance={}))


def test_no_name_of_the_program_is_left_on_the_page(believe: Page, page: Page) -> None:
    assert [word for word in believe.text.split() if "_" in word] == []
    left = {word.strip(",.") for word in page.text.split() if "_" in word}
    assert left == {"pfs_event", "'tmb_per_mb'"}  # columns of the study's own files, named in checks


def test_many_further_numbers_are_folded_quantity_by_quantity_and_cut(believe: Page) -> None:
    assert "Odds ratio 70 further numbers" in believe.text
    assert f"First {FURTHER_ROWS} of 70; all of them are in the JSON at the end of this page." in believe.text
    assert "Ratio of hazard ratios, treated to control 5 further numbers" in believe.text


def test_failures_stand_open_and_many_warnings_are_folded() -> None:
    html = render_page([examples.believe_answer()], title="many", about={}, provenance={})
    start = html.index("Before you read on</h2>")
    opened = html[start : html.index("further warnings</summary>", start)]
    assert opened.count('class="alert fail"') == 2
    assert opened.count('class="alert warn"') == OPEN_ALERTS - 2
    assert "4 further warnings" in html


def test_cells_are_written_by_their_interval_and_p_values_as_such(believe: Page) -> None:
    row = "Overall survival"  # not of this table: endpoints are in words
    assert row not in believe.text[believe.text.index("Discrimination and form") :]
    assert "TMB per Mb Progression-free survival Uno's C 0.61 0.55 0.67 <0.001 12" in believe.text
    assert "LORIS Response Average precision 0.44 0.38 0.49 0.050 –" in believe.text


# front and footer


def test_the_study_line_says_what_nobody_said() -> None:
    study = Study("tiny", {"patients": pl.DataFrame({"patient_id": ["a"], "arm": ["x"]})}, About())
    assert (
        study_line(about_study(study))
        == "1 patient (x 1) · not stated whether randomised · origin of time not stated"
    )


def test_many_arms_are_counted_and_not_listed() -> None:
    line = study_line({"patients": 40, "arms": {f"arm {i}": 1 for i in range(40)}})
    assert line.endswith("36 further arms)")


def test_the_footer_reads_the_record_of_a_run() -> None:
    facts = dict(footer(RECORD).facts)
    assert facts["Finished"] == "4 November 2026, 09:05 UTC"
    assert facts["Run time"] == "2.5 s"
    assert facts["Libraries"] == "numpy 2.4.0"
    assert footer({"finished": "yesterday"}).facts == (("Finished", "yesterday"),)
