"""The orders in which rows may have been listed, and what a table looks like when two of them were confused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from coley.read.linter.case import Case, Score

    Indices = npt.NDArray[np.intp]

FILE = "the order of the file"
SHIFTS = (1, -1, 2, -2, 3, -3)  # a header taken for a row, a row lost; further shifts have no usual cause


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Another owner for each value.

    Attributes
    ----------
    how
        How it would have come about.
    owner
        Row of each value's owner.
    place
        Position of each value in the order in which the values were listed.
    """

    how: str
    owner: Indices
    place: Indices


def orders_of(case: Case, score: Score) -> Mapping[str, Indices]:
    """Return the position of each row of `score.single` in every order that the data know.

    Orders that are the same as an earlier one are left out; the study's own comes first.
    """
    candidates = {name: place[score.at] for name, place in case.listings.items()}
    found: dict[str, Indices] = {}
    for name, place in candidates.items():
        ranks = _ranks(place)
        if (place >= 0).all() and not any(np.array_equal(ranks, known) for known in found.values()):
            found[name] = ranks
    return {**found, FILE: np.arange(len(score.at))}


def arrangements(orders: Mapping[str, Indices]) -> Iterator[Arrangement]:
    """Yield each way in which values listed in one order may have been given the ids of another."""
    seen: list[Indices] = [np.arange(len(next(iter(orders.values()))))]
    for arrangement in _all(orders):
        if not any(np.array_equal(arrangement.owner, known) for known in seen):
            seen.append(arrangement.owner)
            yield arrangement


def _all(orders: Mapping[str, Indices]) -> Iterator[Arrangement]:
    rows = {name: np.argsort(ranks) for name, ranks in orders.items()}
    for first, ranks in orders.items():
        n = len(ranks)
        for second, row in rows.items():
            if second != first:
                how = f"the values, listed in {first}, were given the ids in {second}"
                yield Arrangement(how, row[ranks], ranks)
        how = f"the values were listed backwards, from the end of {first}"
        yield Arrangement(how, rows[first][n - 1 - ranks], ranks)
        for shift in SHIFTS:
            text = f"{abs(shift)} row{'s' if abs(shift) > 1 else ''} {'down' if shift < 0 else 'up'}"
            how = f"the values were moved {text} in {first}"
            yield Arrangement(how, rows[first][(ranks + shift) % n], ranks)


def listings_of(case: Case) -> dict[str, Indices]:
    """Return the position of each patient of the truth in the orders that the study knows; -1 where absent."""
    import polars as pl

    ids = case.patients["patient_id"].cast(pl.String).fill_null("").to_list()
    made = {
        "the order of the study": np.arange(len(ids)),
        "the order of the sorted ids": _place_of_words(ids),
        "the order of the ids sorted by number": _place_of_words([_natural(one) for one in ids]),
    }
    tables = case.truth.tables
    listed: dict[str, list[str]] = {}
    patient_of: dict[str, str] = {}
    if "samples" in tables and {"patient_id", "sample_id"} <= set(tables["samples"].columns):
        frame = tables["samples"].select(pl.col("patient_id", "sample_id").cast(pl.String)).drop_nulls()
        listed["the order of the samples"] = frame["patient_id"].to_list()
        patient_of = dict(zip(frame["sample_id"].to_list(), frame["patient_id"].to_list(), strict=True))
    if "expression" in tables:
        columns = tables["expression"].columns
        listed["the order of the columns of the expression"] = [patient_of.get(c, c) for c in columns]
    for name, names in listed.items():
        place = {one: i for i, one in reversed(list(enumerate(names)))}
        made[name] = np.array([place.get(one, -1) for one in ids], dtype=np.intp)
    return made


def _ranks(values: Indices) -> Indices:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def _place_of_words(words: list[str]) -> Indices:
    return np.asarray(np.unique(np.asarray(words), return_inverse=True)[1], dtype=np.intp)


def _natural(word: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), word)
