"""What a registry counted, interval by interval, as a model file names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.projection.registry_data import Counts
from coley.model.errors import UnreadableInput
from coley.read.model_columns import alike, numbers
from coley.read.tables import filter_rows

if TYPE_CHECKING:
    from coley.economics.model_file.registry import Registry
    from coley.read.raw import RawTable

    Floats = np.ndarray[Any, np.dtype[np.float64]]

LONGEST_YEARS = 100.0  # nobody is followed for longer
TOGETHER = 1e-6  # years: ends of intervals within it are one moment


def counts_of(raw: RawTable, spec: Registry, place: str) -> Counts:
    """Return the counts of a registry in years, in order of time.

    Parameters
    ----------
    raw
        The file.
    spec
        What the model file says of it.
    place
        The curve, for messages.

    Raises
    ------
    UnreadableInput
        For columns that are not there, intervals that end before they begin or lie over each other, more deaths or
        survivors than people, survival that rises or is not known where an interval begins.
    """
    from coley.economics.analysis.survival import PER_YEAR

    for column in (spec.start, spec.stop):
        alike(column, spec.time_unit, place)
    rows = filter_rows(raw, spec.where)
    told = spec.deaths or spec.survivors or spec.survival
    columns = numbers(rows, (spec.start, spec.stop, spec.at_risk, told), place)
    lines = np.array([rows.line(i) for i in range(len(columns))])
    order = np.argsort(columns[:, 0], kind="stable")
    (start, stop, at_risk, last), lines = columns[order].T, lines[order]
    start, stop = start / PER_YEAR[spec.time_unit], stop / PER_YEAR[spec.time_unit]

    def refuse(wrong: Any, what: str, cause: str, remedy: str) -> None:
        if np.any(wrong):
            line = lines[int(np.argmax(wrong))]
            raise UnreadableInput(what, where=f"{place}, {raw.file}:{line}", cause=cause, remedy=remedy)

    refuse(
        (start < 0) | (stop <= start),
        f"An interval of {raw.file} begins before zero, or ends before it begins.",
        f"the columns {spec.start} and {spec.stop} in each other's place",
        "Give where each interval begins and ends, counted from where the curve begins.",
    )
    refuse(
        stop > LONGEST_YEARS,
        f"An interval of {raw.file} ends after {stop.max():.0f} years.",
        f"another unit than {spec.time_unit}, or calendar years",
        "Mend time_unit; count time from diagnosis or from the start of treatment.",
    )
    refuse(
        np.r_[False, start[1:] < stop[:-1] - TOGETHER],
        f"Intervals of {raw.file} lie over each other: people would count twice.",
        "several groups or periods in one file",
        "Choose one group by where.",
    )
    refuse(
        at_risk <= 0,
        f"In an interval of {raw.file} nobody is at risk.",
        "an interval after the last person",
        "Leave it out.",
    )
    if spec.survival:
        survivors = at_risk * _lived_through(start, stop, last, refuse=refuse, file=raw.file)
    else:
        refuse(
            (last < 0) | (last > at_risk),
            f"In an interval of {raw.file} more {'die' if spec.deaths else 'survive'} than are at risk.",
            "numbers of another interval, or percentages for counts",
            f"Look at the columns {spec.at_risk} and {told}.",
        )
        survivors = at_risk - last if spec.deaths else last
    kept = start >= spec.from_years - TOGETHER
    if not kept.any():
        raise UnreadableInput(
            f"No interval of {raw.file} begins at {spec.from_years:g} years or later.",
            where=place,
            remedy="Lower from_years, or leave the registry out.",
        )
    return Counts(start[kept], stop[kept], at_risk[kept], survivors[kept], source=spec.source or raw.file)


def _lived_through(start: Floats, stop: Floats, survival: Floats, *, refuse: Any, file: str) -> Floats:
    """Return the share of those alive at the start of each interval who are alive at its end."""
    shares = survival / 100 if survival.max() > 1 else survival
    refuse(
        (shares < 0) | (shares > 1),
        f"Survival in {file} lies outside 0 to 1 (or 0 to 100 %).",
        "numbers of people for survival",
        "Name them under survivors.",
    )
    begins = [
        1.0 if at <= TOGETHER else next(iter(shares[np.abs(stop - at) <= TOGETHER]), np.nan) for at in start
    ]
    before = np.array(begins)
    refuse(
        np.isnan(before),
        f"Survival at the start of an interval of {file} is not known.",
        "no row ends where this one begins",
        "Add the row that ends there (from_years leaves it out of the likelihood), or give deaths or survivors.",
    )
    refuse(shares > before, f"Survival rises in {file}.", "rows of several groups", "Choose one by where.")
    refuse(before == 0, f"In {file} an interval begins when nobody is alive.", "", "Leave it out.")
    return np.asarray(shares / before, dtype=np.float64)
