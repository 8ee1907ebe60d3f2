"""An answer as the page shows it: the same parts in the same order for every question."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from coley.model.method import METHODS
from coley.report.clean import clean
from coley.report.drill import REPORTS_TABLE, Drill, drill
from coley.report.figures import draw
from coley.report.tables import Shown, columns_used, shown
from coley.report.words import format_estimate, format_level, format_number, format_p, in_words, is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coley.model.answer import Answer, Card, Check, Estimate, Where

OPEN_CARDS = 6  # of a grade; a reader compares a handful, and opens the rest
OPEN_IN_ALL = 12  # cards; the surest come first, and whole grades are folded after them
LEGEND = "grades"  # the table that says what each mark means and how it is given
OPEN_ALERTS = 5  # warnings of a part; failures always stand open
ONE_FOLD = 12  # further numbers in one folded table, whatever they are
OWN_FOLD = 5  # numbers of a quantity from which it is folded by itself
FURTHER_ROWS = 60  # of one quantity; the rest is in the JSON
KEY_ROWS = 8  # estimates of an endpoint that stand open; the rest is one click away
OPTIONAL_COLUMNS = ("group", "events", "p", "p_adjusted")
MARKS = {"fail": "✕", "warn": "!", "pass": "✓"}
LEVEL_WORDS = {"fail": ("failed", "failed"), "warn": ("warning", "warnings"), "pass": ("passed", "passed")}
LINES_SHOWN = 8  # line numbers of a finding; a reader looks up the first few


@dataclass(frozen=True, slots=True)
class Row:
    """One estimate in words."""

    name: str
    group: str
    text: str
    n: str
    events: str
    p: str
    p_adjusted: str
    method: str
    note: str


@dataclass(frozen=True, slots=True)
class Further:
    """Estimates that are folded away: all that are left, or those of one quantity."""

    title: str
    rows: tuple[Row, ...]
    used: Mapping[str, bool]
    height: int

    @property
    def left_out(self) -> int:
        """Estimates that are in the JSON alone."""
        return self.height - len(self.rows)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The estimates of one endpoint: those that stand open and those that are folded away."""

    title: str
    interval: str
    rows: tuple[Row, ...]
    used: Mapping[str, bool]
    further: tuple[Further, ...]
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """A check in words."""

    level: str
    mark: str
    message: str
    cause: str
    remedy: str
    where: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure with its caption, the table it was drawn from, and the lists that it leads down to."""

    title: str
    caption: str
    svg: str
    width: int
    table: Shown
    drill: Drill | None


@dataclass(frozen=True, slots=True)
class Deck:
    """Cards of one mark: those that stand open and those that are folded away."""

    mark: str
    words: str
    cards: tuple[Card, ...]
    further: tuple[Card, ...]

    @property
    def size(self) -> int:
        """Cards of this mark."""
        return len(self.cards) + len(self.further)


@dataclass(frozen=True, slots=True)
class Legend:
    """The marks with the rules by which they are given: (mark, meaning, rule, what would raise it)."""

    rules: tuple[tuple[str, str, str, str], ...]
    table: Shown


@dataclass(frozen=True, slots=True)
class Section:
    """Everything the page says about one answer."""

    anchor: str
    title: str
    headline: str
    answered: bool
    counts: tuple[tuple[str, str, str], ...]
    decks: tuple[Deck, ...]
    legend: Legend | None
    endpoints: tuple[Endpoint, ...]
    figures: tuple[Picture, ...]
    tables: tuple[Shown, ...]
    alerts: tuple[Alert, ...]
    passed: tuple[Alert, ...]
    cannot_tell: tuple[str, ...]
    caveats: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    methods: tuple[tuple[str, str, str], ...]
    citations: tuple[str, ...]

    @property
    def every_table(self) -> tuple[Shown, ...]:
        """The tables, those of figures and of their lists included."""
        lists = (figure.drill.table for figure in self.figures if figure.drill is not None)
        return (*self.tables, *(figure.table for figure in self.figures), *lists)


def section(
    answer: Answer,
    *,
    place: int,
    drawn: Sequence[str] | None = None,
    paths: Mapping[str, str] = MappingProxyType({}),
) -> Section:
    """Return an answer in the parts of the page.

    Parameters
    ----------
    answer
        The answer.
    place
        Its place on the page, which makes its anchor unique.
    drawn
        SVG of each of its figures, in order, where they were drawn before.
    paths
        Table to the CSV beside the page that holds it.
    """
    tables = {name: shown(name, frame, paths.get(name, "")) for name, frame in answer.tables.items()}
    svgs = drawn if drawn is not None else [draw(figure, answer.tables) for figure in answer.figures]
    figures = tuple(
        Picture(
            clean(figure.title),
            clean(figure.caption),
            svg,
            _width(svg),
            tables[figure.table],
            drill(figure, answer.tables, paths),
        )
        for figure, svg in zip(answer.figures, svgs, strict=True)
    )
    checks = [alert(check) for check in answer.checks]
    elsewhere = {figure.table for figure in answer.figures}
    elsewhere |= {str(figure.options.get(REPORTS_TABLE, "")) for figure in answer.figures}
    legend = _legend(answer, tables)
    if legend is not None:
        elsewhere.add(LEGEND)
    return Section(
        anchor=slug(answer.question) or f"question-{place}",
        title=clean(answer.title),
        headline=clean(answer.headline),
        answered=bool(answer.estimates or answer.figures or answer.cards),
        counts=counts(answer.checks),
        decks=tuple(_decks(answer.cards)),
        legend=legend,
        endpoints=tuple(_endpoints(answer.estimates)),
        figures=figures,
        tables=tuple(table for name, table in tables.items() if name not in elsewhere),
        alerts=tuple(sorted((c for c in checks if c.level != "pass"), key=lambda c: c.level != "fail")),
        passed=tuple(c for c in checks if c.level == "pass"),
        cannot_tell=tuple(clean(text) for text in answer.cannot_tell),
        caveats=tuple(clean(text) for text in answer.caveats),
        settings=tuple((in_words(clean(name)), setting(value)) for name, value in answer.settings.items()),
        methods=tuple(_methods(answer.estimates)),
        citations=tuple(clean(text) for text in answer.citations),
    )


def _decks(cards: Sequence[Card]) -> list[Deck]:
    """Sort cards into decks by their mark, in the order in which the marks first come."""
    told = [
        replace(
            card,
            title=clean(card.title),
            mark=clean(card.mark),
            mark_words=clean(card.mark_words),
            lead=clean(card.lead),
            lines=tuple((clean(term), clean(text)) for term, text in card.lines if text),
        )
        for card in cards
    ]
    decks: list[Deck] = []
    for key in dict.fromkeys((card.mark, card.mark_words) for card in told):
        own = tuple(card for card in told if (card.mark, card.mark_words) == key)
        left = OPEN_IN_ALL - sum(len(deck.cards) for deck in decks)
        opened = min(OPEN_CARDS, max(left, 0))
        decks.append(Deck(*key, own[:opened], own[opened:]))
    return decks


def _legend(answer: Answer, tables: Mapping[str, Shown]) -> Legend | None:
    """Return the rules of the marks, where the answer has cards and says how they are graded."""
    frame = answer.tables.get(LEGEND)
    if not answer.cards or frame is None or not {"grade", "title", "rule"} <= set(frame.columns):
        return None
    rules = tuple(
        tuple(clean(row.get(name) or "") for name in ("grade", "title", "rule", "raised_by"))
        for row in frame.iter_rows(named=True)
    )
    return Legend(rules, tables[LEGEND])  # type: ignore[arg-type]


def slug(name: str) -> str:
    """Return an anchor made of `name`.

    >>> slug("Who responds?")
    'who-responds'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]


def counts(checks: Iterable[Check]) -> tuple[tuple[str, str, str], ...]:
    """Return (level, mark, words) for each level that occurs, the worst first."""
    levels = [check.level for check in checks]
    return tuple(
        (level, MARKS[level], f"{levels.count(level)} {words[levels.count(level) != 1]}")
        for level, words in LEVEL_WORDS.items()
        if level in levels
    )


def alert(check: Check) -> Alert:
    """Return a check in words."""
    return Alert(
        check.level,
        MARKS[check.level],
        clean(check.message),
        clean(check.cause),
        clean(check.remedy),
        clean(place(check.where)) if check.where else "",
    )


def place(where: Where) -> str:
    """Return the place of a finding in words.

    Examples
    --------
    >>> from coley.model.answer import Where
    >>> place(Where("patients.csv", (14, 15), "os_event", ("2",)))
    'patients.csv, lines 14, 15, column os_event, values 2'
    """
    lines = ", ".join(map(str, where.lines[:LINES_SHOWN]))
    more = len(where.lines) - LINES_SHOWN
    parts = (
        where.file,
        f"line{'s' if len(where.lines) > 1 else ''} {lines}{f' and {more} more' if more > 0 else ''}"
        if lines
        else "",
        f"column {where.column}" if where.column else "",
        f"values {', '.join(where.values[:LINES_SHOWN])}" if where.values else "",
    )
    return ", ".join(part for part in parts if part)


def setting(value: Any) -> str:
    """Return the value of a setting in words."""
    if isinstance(value, (list, tuple)):
        return ", ".join(setting(item) for item in value) or "none given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return clean(value) if value not in (None, "") else "not set"


def _endpoints(estimates: Sequence[Estimate]) -> list[Endpoint]:
    found = []
    for key in dict.fromkeys(e.endpoint for e in estimates):
        own = [e for e in estimates if e.endpoint == key]
        levels = {e.level for e in own}
        # A family of tests is read as a whole or not at all: it never stands among the key numbers.
        key_rows = [e for e in own if not e.multiplicity][:KEY_ROWS] or own[:KEY_ROWS]
        one_level = len(levels) == 1
        rows = tuple(_row(e, one_level=one_level) for e in key_rows)
        further = [_row(e, one_level=one_level) for e in own if all(e is not k for k in key_rows)]
        found.append(
            Endpoint(
                title=in_words(clean(key), kind="endpoint") if key else "Other numbers",
                interval=format_level(own[0].level) if one_level else "interval",
                rows=rows,
                used=columns_used(rows, OPTIONAL_COLUMNS),
                further=tuple(_folds(further)),
                families=tuple(dict.fromkeys(clean(e.multiplicity) for e in own if e.multiplicity)),
            )
        )
    return found


def _folds(rows: Sequence[Row]) -> list[Further]:
    """Fold further numbers together; a quantity of which there are many has a fold of its own."""
    sizes = Counter(row.name for row in rows)
    alone = [name for name, size in sizes.items() if size >= OWN_FOLD and len(rows) > ONE_FOLD]
    sorts = [("", tuple(row for row in rows if row.name not in alone))]
    sorts += [(name, tuple(row for row in rows if row.name == name)) for name in alone]
    folds = []
    for title, own in sorts:
        if own:
            kept = own[:FURTHER_ROWS]
            folds.append(Further(title, kept, columns_used(kept, OPTIONAL_COLUMNS), len(own)))
    return folds


def _row(estimate: Estimate, *, one_level: bool) -> Row:
    text = format_estimate(estimate)
    return Row(
        name=in_words(clean(estimate.name)),
        group=clean(estimate.group),
        text=clean(text if one_level else f"{text}, {format_level(estimate.level)}"),
        n=format_number(estimate.n),
        events="" if estimate.events is None else format_number(estimate.events),
        p=format_p(estimate.p),
        p_adjusted=format_p(estimate.p_adjusted),
        method=method_name(estimate.method),
        note=clean(estimate.note),
    )


def method_name(name: str) -> str:
    """Return the short name of a method, else its title in the catalogue.

    >>> method_name("kaplan_meier")
    'Kaplan–Meier'
    """
    if name in METHODS and not is_known(name, kind="method"):
        return METHODS[name].title
    return in_words(clean(name), kind="method")


def _methods(estimates: Sequence[Estimate]) -> list[tuple[str, str, str]]:
    """Return title, summary and limits of each method used, as far as the catalogue knows them."""
    made = []
    for name in dict.fromkeys(e.method for e in estimates):
        if name in METHODS:
            method = METHODS[name]
            made.append((method.title, method.summary, method.limits))
        else:
            made.append((method_name(name), "", ""))
    return made


def _width(svg: str) -> int:
    found = re.search(r'<svg[^>]*? width="(\d+)', svg)
    return int(found.group(1)) if found else 640
