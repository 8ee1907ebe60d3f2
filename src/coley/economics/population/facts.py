"""The fact tables of this room, read once."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `resources/<name>.csv`."""
    text = files("coley.economics.population").joinpath("resources", f"{name}.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))
