"""The first and the last lines of the page: what the study is, and how the report was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from coley.report.clean import clean, steady
from coley.report.words import format_number, join_words

if TYPE_CHECKING:
    from coley.model.study import Study

MOST_ARMS = 4  # named in the study line; more would not be read


@dataclass(frozen=True, slots=True)
class Footer:
    """How the report was made: facts in words, and the files that were read."""

    facts: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]


def about_study(study: Study) -> dict[str, Any]:
    """Return what the page says about a study, ready for `render_page`.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.model.study import About, Study
    >>> patients = pl.DataFrame({"patient_id": ["a", "b"], "arm": ["new", "old"]})
    >>> about_study(Study("tiny", {"patients": patients}, About(time_origin="first dose")))["arms"]
    {'new': 1, 'old': 1}
    """
    said = study.about
    made: dict[str, Any] = {
        "title": said.title,
        "citation": said.citation,
        "licence": said.licence,
    }
    if "patients" in study.tables:  # reports of harm have neither arms nor an origin of time
        made |= {"time_origin": said.time_origin, "randomised": said.randomised}
        patients = study.tables["patients"]
        made["patients"] = patients.height
        if study.has("patients", "arm"):
            counts = (
                patients["arm"]
                .drop_nulls()
                .cast(str)
                .value_counts()
                .sort(["count", "arm"], descending=[True, False])
            )
            made["arms"] = dict(counts.iter_rows())
    return made


def study_line(about: Mapping[str, Any]) -> str:
    """Return n, design and origin of time as one line.

    Examples
    --------
    >>> study_line({"patients": 850, "arms": {"A": 425, "B": 425}, "randomised": True,
    ...             "time_origin": "randomisation"})
    '850 patients (A 425, B 425) · randomised · time counted from randomisation'
    """
    parts = []
    if about.get("patients") is not None:
        count = int(about["patients"])
        arms = list((about.get("arms") or {}).items())
        named = [f"{steady(name)} {format_number(n)}" for name, n in arms[:MOST_ARMS]]
        rest = [f"{len(arms) - MOST_ARMS} further arms"] if len(arms) > MOST_ARMS else []
        inside = f" ({', '.join([*named, *rest])})" if named else ""
        parts.append(f"{format_number(count)} patient{'' if count == 1 else 's'}{inside}")
    if "randomised" in about:
        words = {True: "randomised", False: "not randomised", None: "not stated whether randomised"}
        parts.append(words[about["randomised"]])
    if "time_origin" in about:
        origin = clean(about["time_origin"] or "")
        parts.append(f"time counted from {origin}" if origin else "origin of time not stated")
    return " · ".join(parts)


def _moment(stamp: str | None) -> str:
    """Write an ISO time stamp as a person would; what is not one is left as it is."""
    try:
        return datetime.fromisoformat(stamp or "").astimezone(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    except ValueError:
        return stamp or ""


def footer(provenance: Mapping[str, Any]) -> Footer:
    """Return the record of a run in words.

    Examples
    --------
    >>> footer({"version": "0.1.0", "seed": {"respond": 1}, "seconds": {"Reading": 0.5, "Asking": 2.0}}).facts
    (('Coley', 'version 0.1.0'), ('Seed', '1'), ('Run time', '2.5 s'))
    """
    versions = provenance.get("versions") or {}
    seed = provenance.get("seed")
    seeds = sorted({str(s) for s in seed.values() if s is not None}) if isinstance(seed, Mapping) else [seed]
    seconds = provenance.get("seconds")
    total = sum(seconds.values()) if isinstance(seconds, Mapping) else seconds
    memory = provenance.get("peak_memory_mib")
    version = provenance.get("version") or versions.get("coley")
    libraries = [f"{name} {number}" for name, number in sorted(versions.items()) if name != "coley"]
    facts = (
        ("Coley", f"version {version}" if version else ""),
        ("Seed", join_words(str(s) for s in seeds if s is not None)),
        ("Finished", _moment(provenance.get("finished"))),
        ("Run time", "" if total is None else f"{total:.1f} s"),
        ("Most memory", "" if memory is None else f"{memory:,.0f} MiB"),
        ("Platform", provenance.get("platform") or ""),
        ("Libraries", ", ".join(libraries)),
    )
    inputs = tuple(
        (clean(item["file"]), format_number(item.get("bytes"), missing=""), clean(item.get("sha256") or ""))
        for item in provenance.get("inputs") or ()
    )
    return Footer(tuple((name, clean(text)) for name, text in facts if text), inputs)
