"""What CDISC data sets are, as tables: how each is known, which variable is which column, what responses mean."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Kind:
    """How a data set is known: variables it needs, some of which it has one, that it lacks; its usual name."""

    name: str
    needs: tuple[str, ...]
    one_of: tuple[str, ...]
    lacks: tuple[str, ...]
    file: str

    def fits(self, variables: Sequence[str], file: str) -> bool:
        """Say whether a file with these variables and this name is such a data set."""
        have = set(variables)
        if not have.issuperset(self.needs) or have.intersection(self.lacks):
            return False
        named = bool(self.file) and file.lower().startswith(self.file)
        return not self.one_of or named or bool(have.intersection(self.one_of))


@dataclass(frozen=True, slots=True)
class Response:
    """A response at one visit: its rank (1 is best), what it is under RECIST, whether later ones count."""

    rank: int
    response: str
    ends: bool


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the data sets that are read, in the order in which they are tried.

    Examples
    --------
    >>> kinds()["ADTTE"].fits(["USUBJID", "PARAMCD", "AVAL", "CNSR"], "tte.xpt")
    True
    """
    return {
        row["dataset"]: Kind(
            name=row["dataset"],
            needs=_split(row["needs"]),
            one_of=_split(row["one_of"]),
            lacks=_split(row["lacks"]),
            file=row["names"],
        )
        for row in _rows("cdisc_datasets")
    }


@cache
def variables(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return, for each column of a table, the variables that may hold it, best first.

    Examples
    --------
    >>> variables("adverse_events")["term"]
    ('AEDECOD', 'AETERM')
    """
    return {
        row["column"]: _split(row["variables"]) for row in _rows("cdisc_columns") if row["table"] == table
    }


@cache
def day_variables(table: str, dataset: str) -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return, for each column of days, the variables that hold it as study day and as date."""
    return {
        row["column"]: (_split(row["days"]), _split(row["dates"]))
        for row in _rows("cdisc_days")
        if row["table"] == table and row["dataset"] == dataset
    }


@cache
def responses() -> Mapping[str, Response]:
    """Return the responses at one visit, in capitals.

    Examples
    --------
    >>> responses()["NON-CR/NON-PD"].response
    'SD'
    """
    return {
        row["text"]: Response(int(row["rank"]), row["response"], row["ends"] == "yes")
        for row in _rows("cdisc_responses")
    }


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("coley.read").joinpath("resources", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
