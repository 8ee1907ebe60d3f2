"""Answers to one self-contained HTML page: no network, no script, good on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from coley.report.clean import clean
from coley.report.front import footer, study_line
from coley.report.palette import style_variables
from coley.report.sections import OPEN_ALERTS, Section, alert, counts, section
from coley.report.tables import json_uri

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Template
    from markupsafe import Markup

    from coley.model.answer import Answer, Check


INTERVAL = re.compile(r"(\(\S{1,12}–\S{1,12}\))")
TOGETHER = re.compile(
    r"(?<=\b[pqnk]) (?=[<>]?\d)|(?<=\b[pqnk]) (?== \d)|(?<=\b[pqnk] =) (?=\d)|(?<=\d) (?=%)"
)
NO_BREAK = "\u00a0"


def render_page(
    answers: Sequence[Answer],
    *,
    title: str,
    about: Mapping[str, Any],
    provenance: Mapping[str, Any],
    figures: Mapping[str, Sequence[str]] | None = None,
    checks: Sequence[Check] = (),
    beside: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Return the report as one HTML page that needs nothing beside it.

    Whole tables can be saved from within the page. Only those that are too large for it, where `beside` says that
    files hold them, are links to these files.

    Parameters
    ----------
    answers
        What was found out, in the order of the page.
    title
        Of the page: the study's name.
    about
        What the study is: title, patients, arms (name to n), time_origin, randomised, citation, licence; as
        `coley.report.about_study` makes it. Keys that are absent are left out.
    provenance
        The record of the run: version or versions, seed, inputs (file, bytes, sha256), seconds,
        finished, platform, peak_memory_mib.
    figures
        Question to the SVG of each of its figures, in order, where they were drawn already.
    checks
        What the doctor found in the data before any question was asked.
    beside
        Question to table to the path of the CSV that holds it, from the folder of the page.

    Returns
    -------
    str
        HTML; every text from data is escaped, and a content security policy forbids scripts.

    Raises
    ------
    UnknownName, ColeyError
        Where a figure cannot be drawn: its kind is unknown or its table lacks a column.

    Examples
    --------
    >>> from coley.model.answer import Answer
    >>> page = render_page([Answer("respond", "Who responds?", "toy", "12 of 40 <respond>.")], title="toy",
    ...                    about={"patients": 40}, provenance={"version": "0.1.0"})
    >>> "12 of 40 &lt;respond&gt;." in page
    True
    """
    drawn, held = figures or {}, beside or {}
    sections = _distinct(
        [
            section(answer, place=i, drawn=drawn.get(answer.question), paths=held.get(answer.question, {}))
            for i, answer in enumerate(answers, 1)
        ]
    )
    found = [alert(check) for check in checks]
    return _template().render(
        title=clean(title),
        subtitle=clean(about.get("title") or ""),
        study_line=study_line(about),
        citation=clean(about.get("citation") or ""),
        licence=clean(about.get("licence") or ""),
        style=style_variables() + _resource("style.css"),
        sections=sections,
        data_alerts=sorted((a for a in found if a.level != "pass"), key=lambda a: a.level != "fail"),
        data_passed=[a for a in found if a.level == "pass"],
        data_counts=counts(checks),
        open_alerts=OPEN_ALERTS,
        all_counts=counts([*checks, *(check for answer in answers for check in answer.checks)]),
        footer=footer(provenance),
        json=json_uri(answers, held),
        whole=not any(table.beside for one in sections for table in one.every_table),
    )


def _distinct(sections: list[Section]) -> list[Section]:
    """Give sections of the same question anchors of their own."""
    seen: set[str] = set()
    made = []
    for i, one in enumerate(sections, 1):
        anchor = f"{one.anchor}-{i}" if one.anchor in seen else one.anchor
        seen.add(anchor)
        made.append(replace(one, anchor=anchor))
    return made


def _resource(name: str) -> str:
    return files("coley.report").joinpath(f"templates/{name}").read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    return environment.get_template("page.html")


def unbroken(text: str) -> Markup:
    r"""Return escaped text in which no line break divides an interval or a letter from its number.

    Examples
    --------
    >>> unbroken("<b> 0.73 (0.62–0.86)")
    Markup('&lt;b&gt; 0.73 <span class="whole">(0.62–0.86)</span>')
    >>> unbroken("12 cohorts (n = 703), q <0.001")
    Markup('12 cohorts (n\xa0=\xa0703), q\xa0&lt;0.001')
    """
    from markupsafe import Markup

    pieces = INTERVAL.split(TOGETHER.sub(NO_BREAK, text))
    return Markup("").join(
        Markup('<span class="whole">{}</span>').format(piece) if i % 2 else piece
        for i, piece in enumerate(pieces)
    )
