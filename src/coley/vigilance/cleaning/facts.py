"""The small tables of cleaning: codes of roles and reporters, age groups, terms that name no indication."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def facts(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one table.

    Examples
    --------
    >>> [row["code"] for row in facts("roles")]
    ['PS', 'SS', 'I', 'C']
    """
    with (files("coley.vigilance.cleaning") / "resources" / f"{name}.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))
