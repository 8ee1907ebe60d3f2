"""What the linter rests on, as tables beside this file: thresholds with reasons, names of columns, steps."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from coley.read.doctor.thresholds import Threshold


@cache
def thresholds() -> Mapping[str, Threshold]:
    """Return every threshold by name."""
    return {row["name"]: Threshold(float(row["value"]), row["reason"]) for row in rows("thresholds")}


def limit(name: str) -> float:
    """Return the value of one threshold.

    Examples
    --------
    >>> limit("rank.trend")
    0.95
    """
    return thresholds()[name].value


@cache
def words(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the spellings known for each entry of a table: the roles of columns, the steps of an analysis.

    Examples
    --------
    >>> words("roles")["fold"][0]
    'fold'
    """
    return {row["name"]: tuple(row["words"].split("|")) for row in rows(table)}


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a resource table of the linter."""
    text = files("coley.read.linter").joinpath("resources", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
