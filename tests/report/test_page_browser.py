"""The page in Chromium: nothing runs, nothing is fetched, everything is legible at every width and on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.report import examples, signals, worth
from tests.report.test_page import ABOUT, RECORD
from tests.report.test_palette import contrast

from coley.report import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = ("whole", "believe", "signals", "worth", "hostile")
WIDTHS = (1400, 400)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: the page cannot be opened")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    hostile = examples.hostile_answer()
    made = {
        "whole": render_page(
            [examples.respond_answer(), examples.unanswered()], title="OAK", about=ABOUT, provenance=RECORD
        ),
        "believe": render_page(
            [examples.believe_answer()], title="many cohorts", about=ABOUT, provenance=RECORD
        ),
        "signals": render_page(
            [signals.signals_answer()], title="reports", about={"title": "reports"}, provenance=RECORD
        ),
        "worth": render_page(
            [worth.worth_answer()], title="a model", about={"title": "a model"}, provenance=RECORD
        ),
        "hostile": render_page(
            [hostile],
            title=examples.HOSTILE[2],
            about={"title": examples.HOSTILE[8], "patients": 1, "arms": dict.fromkeys(examples.HOSTILE, 1)},
            provenance={"version": examples.HOSTILE[1]},
            checks=hostile.checks,
        ),
    }
    for name, html in made.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@contextmanager
def opened(
    browser: Browser, path: Path, *, width: int = 1400, dark: bool = False, script: bool = True
) -> Iterator[Tab]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    try:
        tab = context.new_page()
        tab.goto(path.as_uri())
        yield tab
    finally:
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_and_nothing_is_fetched(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    heard: list[str] = []
    context = chromium.new_context()
    tab = context.new_page()
    tab.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
    tab.on("console", lambda message: heard.append(f"console {message.text}"))
    tab.on("pageerror", lambda error: heard.append(f"error {error}"))
    tab.on(
        "request", lambda request: heard.append(request.url) if request.url != pages[name].as_uri() else None
    )
    tab.goto(pages[name].as_uri())
    for summary in tab.locator("summary").all():
        summary.click()
    assert tab.locator("script, img, iframe, object, embed, foreignObject").count() == 0
    context.close()
    assert heard == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(
    chromium: Browser, pages: dict[str, Path], name: str, width: int
) -> None:
    with opened(chromium, pages[name], width=width) as tab:
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        spilt = tab.evaluate(
            """width => [...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .unseen, .skip, svg')
                 && e.getBoundingClientRect().right > width + 1).map(e => e.tagName + '.' + e.className)"""
        , width)  # fmt: skip
        assert spilt == []


def test_the_key_numbers_can_be_read_on_a_telephone(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["whole"], width=400) as tab:
        box = tab.get_by_text("0.73 (0.62–0.86)", exact=True).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 400


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_text_has_the_contrast_that_wcag_asks_for(
    chromium: Browser, pages: dict[str, Path], name: str, dark: bool
) -> None:
    with opened(chromium, pages[name], dark=dark) as tab:
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        pairs = tab.evaluate(
            """() => {
              const hex = c => '#' + c.match(/\\d+/g).slice(0, 3)
                .map(n => (+n).toString(16).padStart(2, '0')).join('');
              const ground = e => { for (; e; e = e.parentElement) {
                const c = getComputedStyle(e).backgroundColor;
                if (!/, 0\\)$/.test(c)) return hex(c); } return null; };
              const found = new Set();
              for (const e of document.querySelectorAll('body *:not(svg *)')) {
                if ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.checkVisibility())
                  found.add(hex(getComputedStyle(e).color) + ' ' + ground(e));
              }
              return [...found];
            }"""
        )
        assert len(pairs) > 5
        for pair in pairs:
            ink, paper = pair.split()
            assert contrast(ink, paper) >= 4.5, pair


@pytest.mark.parametrize("name", ["whole", "believe", "signals", "worth"])
def test_dark_mode_turns_the_page_and_the_figures(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    seen = {}
    for dark in (False, True):
        with opened(chromium, pages[name], dark=dark) as tab:
            seen[dark] = tab.evaluate(
                """() => [getComputedStyle(document.body).backgroundColor,
                          ...[...document.querySelectorAll('figure svg > rect')].map(e => getComputedStyle(e).fill),
                          ...[...document.querySelectorAll('figure svg text')].map(e => getComputedStyle(e).fill)]"""
            )
    assert len(seen[True]) > 100
    assert all(light != dark for light, dark in zip(seen[False], seen[True], strict=True))


@pytest.mark.parametrize("name", ["whole", "believe"])
def test_dark_screens_print_on_white_paper(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    with opened(chromium, pages[name], dark=True) as tab:
        tab.emulate_media(media="print", color_scheme="dark")
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", ["whole", "believe"])
def test_details_open_on_paper_without_script(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    with opened(chromium, pages[name]) as tab:
        hidden = tab.locator("details:not(.screen) dl, details:not(.screen) table, details ul.passed")
        assert hidden.count() > 5
        assert not any(hidden.nth(i).is_visible() for i in range(hidden.count()))
        tab.emulate_media(media="print")
        assert all(hidden.nth(i).is_visible() for i in range(hidden.count()))


@pytest.mark.parametrize("name", ["whole", "believe", "signals", "worth"])
def test_figures_are_not_split_between_sheets(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    with opened(chromium, pages[name]) as tab:
        tab.emulate_media(media="print")
        assert set(
            tab.evaluate(
                "[...document.querySelectorAll('.drawing')].map(e => getComputedStyle(e).breakInside)"
            )
        ) == {"avoid"}
        tallest = tab.evaluate(
            "Math.max(...[...document.querySelectorAll('.drawing')].map(e => e.getBoundingClientRect().height))"
        )
        assert tallest < (297 - 34) / 25.4 * 96  # A4 less its margins, in CSS pixels


def test_the_accessibility_tree_names_what_matters(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["whole"]) as tab:
        for role in ("main", "navigation", "banner", "contentinfo"):
            assert tab.get_by_role(role).count() == 1, role
        pictures = tab.get_by_role("img")
        assert pictures.count() == len(examples.respond_answer().figures)
        assert tab.get_by_role("img", name="Kaplan–Meier curves of overall survival in 2 groups").count() == 1
        assert tab.get_by_role("table", name="Overall survival", exact=True).count() == 1


def test_the_accessibility_tree_names_verdicts_and_their_figures(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    answer = examples.believe_answer()
    with opened(chromium, pages["believe"]) as tab:
        assert tab.get_by_role("img").count() == len(answer.figures)
        for figure in answer.figures:
            assert tab.get_by_role("img", name=figure.title).count() == 1
        assert tab.get_by_role("heading", name="Grade B: Holds across cohorts 2", exact=True).count() == 1
        assert tab.get_by_role("heading", level=5, name="PD-L1 TPS", exact=True).count() == 1
        tab.get_by_role("link", name="Grade E: 18 Not shown").click()
        assert tab.get_by_role("heading", name="Grade E: Not shown 18").is_visible()


def test_every_card_is_whole_on_paper(chromium: Browser, pages: dict[str, Path]) -> None:
    cards = examples.verdict_cards()
    with opened(chromium, pages["believe"]) as tab:
        found = tab.locator(".card")
        assert found.count() == len(cards)
        assert sum(found.nth(i).is_visible() for i in range(len(cards))) < len(cards)
        tab.emulate_media(media="print")
        assert all(found.nth(i).is_visible() for i in range(len(cards)))
        assert set(
            tab.evaluate("[...document.querySelectorAll('.card')].map(e => getComputedStyle(e).breakInside)")
        ) == {"avoid"}


def test_the_lines_of_cards_stand_in_one_column(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["believe"]) as tab:
        left = tab.evaluate(
            """() => [...document.querySelectorAll('.card dd')].filter(e => e.checkVisibility())
                 .map(e => Math.round(e.getBoundingClientRect().left))"""
        )
        assert len(left) > 20
        assert len(set(left)) == 1


def test_the_keyboard_reaches_the_answers_first(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["whole"]) as tab:
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Skip to the answers"
        assert tab.get_by_text("Skip to the answers").bounding_box()["x"] >= 0
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "main"


def test_a_table_is_saved_from_within_the_page(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["whole"]) as tab:
        with tab.expect_download() as saved:
            tab.locator("a[download='factors_os.csv']").click()
        assert saved.value.suggested_filename == "factors_os.csv"
        assert (
            Path(saved.value.path())
            .read_text("utf-8")
            .startswith("section,label,value,low,high,n,events,p,highlight")
        )


def test_the_page_is_whole_without_script(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["whole"], script=False) as tab:
        assert tab.get_by_role("heading", name="Who responds?").count() > 0
        tab.locator("summary").first.click()
        assert tab.locator("details[open]").count() == 1


def test_a_cell_leads_to_its_reports_and_back_without_script(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    with opened(chromium, pages["signals"], script=False) as tab:
        tab.get_by_text("From each cell to its reports").click()
        links = tab.locator(".cells a")
        assert links.count() > 20
        place = links.nth(9).get_attribute("href")
        links.nth(9).focus()
        tab.keyboard.press("Enter")
        listed = tab.locator(str(place)).get_by_role("table")
        assert listed.is_visible()
        assert listed.locator("tbody tr").count() == 5
        tab.locator(str(place)).get_by_text("Back to the cells").click()
        assert tab.url.endswith("-cells")


def test_only_the_lists_that_stand_open_are_printed(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["signals"]) as tab:
        lists, drill = tab.locator(".reports"), tab.locator(".drill")
        tab.emulate_media(media="print")
        assert not drill.is_visible()
        tab.evaluate("document.querySelector('.drill').open = true")
        tab.evaluate("document.querySelectorAll('.reports')[3].open = true")
        assert [i for i in range(lists.count()) if lists.nth(i).is_visible()] == [3]
        assert lists.nth(3).get_by_role("table").is_visible()
