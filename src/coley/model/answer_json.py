"""Answers to JSON and back, without loss."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from coley.model.answer import Answer, Card, Check, Estimate, Figure, Where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl


def to_dict(answer: Answer, table_paths: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return `answer` as plain JSON values.

    Parameters
    ----------
    answer
        The answer.
    table_paths
        Name of each table to the path of the CSV that holds it; without it the tables are written
        into the value itself, with their types.

    Examples
    --------
    >>> to_dict(Answer("respond", "Who responds?", "toy", "12 of 40 respond."))["headline"]
    '12 of 40 respond.'
    """
    return {
        "question": answer.question,
        "title": answer.title,
        "study": answer.study,
        "headline": answer.headline,
        "estimates": [asdict(e) for e in answer.estimates],
        "checks": [asdict(c) for c in answer.checks],
        "caveats": list(answer.caveats),
        "cannot_tell": list(answer.cannot_tell),
        "tables": dict(table_paths)
        if table_paths is not None
        else {name: _frame_to_dict(frame) for name, frame in answer.tables.items()},
        "figures": [{**asdict(f), "options": dict(f.options)} for f in answer.figures],
        "cards": [{**asdict(c), "lines": [list(line) for line in c.lines]} for c in answer.cards],
        "settings": dict(answer.settings),
        "citations": list(answer.citations),
    }


def from_dict(value: Mapping[str, Any], folder: Path | None = None) -> Answer:
    """Return the answer that `to_dict` wrote; `folder` is where table paths start from."""
    return Answer(
        question=value["question"],
        title=value["title"],
        study=value["study"],
        headline=value["headline"],
        estimates=tuple(Estimate(**e) for e in value["estimates"]),
        checks=tuple(_check(c) for c in value["checks"]),
        caveats=tuple(value["caveats"]),
        cannot_tell=tuple(value["cannot_tell"]),
        tables={name: _frame(table, folder) for name, table in value["tables"].items()},
        figures=tuple(Figure(**f) for f in value["figures"]),
        cards=tuple(Card(**c) for c in value.get("cards", ())),
        settings=value["settings"],
        citations=tuple(value["citations"]),
    )


def _check(value: Mapping[str, Any]) -> Check:
    where = value["where"]
    if where is not None:
        where = Where(where["file"], tuple(where["lines"]), where["column"], tuple(where["values"]))
    return Check(**{**value, "where": where})


def _frame_to_dict(frame: pl.DataFrame) -> dict[str, Any]:
    return {
        name: {"type": str(column.dtype), "values": column.to_list()}
        for name, column in zip(frame.columns, frame.iter_columns(), strict=True)
    }


def _frame(table: str | Mapping[str, Any], folder: Path | None) -> pl.DataFrame:
    import polars as pl

    if isinstance(table, str):
        if folder is None:
            raise ValueError("this answer names its tables by path: say from which folder")
        return pl.read_csv(folder / table)
    columns = [
        pl.Series(name, column["values"], dtype=getattr(pl, column["type"])) for name, column in table.items()
    ]
    return pl.DataFrame(columns)
