"""The thresholds of the doctor, from the table beside this file, each with its reason."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit: its value and why it is that value."""

    value: float
    reason: str


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a resource table of the doctor."""
    text = files("coley.read.doctor").joinpath("resources", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def thresholds() -> Mapping[str, Threshold]:
    """Return every threshold by name."""
    return {row["name"]: Threshold(float(row["value"]), row["reason"]) for row in rows("thresholds.csv")}


def limit(name: str) -> float:
    """Return the value of one threshold.

    Examples
    --------
    >>> limit("time.longest_months")
    300.0
    """
    return thresholds()[name].value
