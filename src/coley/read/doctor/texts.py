"""Text among numbers: a column of numbers that a few words turned into text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import data_columns, found, place, table
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    from coley.model.study import Study


@examination(
    "text_among_numbers",
    title="Text among numbers",
    looks_for="words in a column of numbers",
    needs=(Need("patients"),),
)
def text_among_numbers(study: Study) -> Findings:
    """Find further columns of which most values, but not all, are numbers."""
    import polars as pl

    frame = table(study, "patients")
    known = dictionary_table("patients").columns
    texts = [c for c in data_columns(frame) if frame.schema[c] == pl.String and c not in known]
    checks: Findings = []
    for column in texts:
        held = frame.filter(pl.col(column).str.strip_chars() != "")
        number = held[column].str.strip_chars().cast(pl.Float64, strict=False)
        words = held.filter(number.is_null())
        numerical = held.height - words.height
        if not words.height or numerical < limit("text.numbers"):
            continue
        if numerical / held.height < limit("text.share"):
            continue
        seen = words[column].unique(maintain_order=True).to_list()
        if len(seen) > limit("text.words"):
            continue  # codes of which most happen to be digits
        checks.append(
            found(
                "text_among_numbers",
                "warn",
                f"{column} is a column of numbers with words in {words.height} of {held.height} values; "
                "it was kept as text.",
                cause="A spelling of missing, a default of a program, or a bound.",
                remedy=f'If they mean missing, say so in study.toml: missing = ["{seen[0]}"].',
                where=place(words, column, seen),
            )
        )
    return checks
