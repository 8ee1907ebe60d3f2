"""The facts of the simulator of reports: tables in `resources/`, each row with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CLASSES = ("pd1", "pdl1", "ctla4")  # columns of resources/irae.csv


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one resource table as text.

    Examples
    --------
    >>> rows("drugs")[0]["drug"]
    'nivolumab'
    """
    text = (files("coley.toy.reports") / "resources" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True)
class OncologyDrug:
    """A drug of the oncology regimens, under its real name.

    Attributes
    ----------
    name, group
        Generic name; pd1, pdl1, ctla4, lag3, chemotherapy or tki.
    written, misspelt
        As reports write it, the most frequent first; and as they misspell it.
    """

    name: str
    group: str
    written: tuple[str, ...]
    misspelt: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImmuneTerm:
    """An immune-related term: how often others report it, when it begins and how often it is fatal.

    Attributes
    ----------
    term, organ
        Preferred term and organ.
    rate
        Mean mentions in a report without any checkpoint inhibitor.
    ratios
        Class to the ratio that its drugs have.
    shape, median_days
        Weibull distribution of the time from the first dose, for a single agent.
    fatal
        Share of reports with it that are fatal by it.
    """

    term: str
    organ: str
    rate: float
    ratios: dict[str, float]
    shape: float
    median_days: float
    fatal: float


@cache
def oncology_drugs() -> tuple[OncologyDrug, ...]:
    """Return the drugs of the oncology regimens."""
    return tuple(
        OncologyDrug(
            row["drug"],
            row["group"],
            tuple(filter(None, [row["brand"], *row["other_names"].split("|")])),
            tuple(row["misspelt"].split("|")),
        )
        for row in rows("drugs")
    )


@cache
def immune_terms() -> tuple[ImmuneTerm, ...]:
    """Return the immune-related terms."""
    return tuple(
        ImmuneTerm(
            term=row["term"],
            organ=row["organ"],
            rate=float(row["per_1000"]) / 1000,
            ratios={group: float(row[group]) for group in CLASSES},
            shape=float(row["onset_shape"]),
            median_days=float(row["onset_median_days"]),
            fatal=float(row["fatal_share"]),
        )
        for row in rows("irae")
    )


@cache
def regimens() -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return the oncology regimens: their drugs, and their share among reports with a regimen."""
    return tuple((tuple(row["drugs"].split("|")), float(row["share"])) for row in rows("regimens"))


@cache
def irae_signals() -> tuple[tuple[str, str, float], ...]:
    """Return the pairs of checkpoint inhibitor and immune-related term whose ratio is above 1.

    Examples
    --------
    >>> ("nivolumab", "Myocarditis", 14.0) in irae_signals()
    True
    """
    return tuple(
        (drug.name, term.term, term.ratios[drug.group])
        for drug in oncology_drugs()
        if drug.group in CLASSES
        for term in immune_terms()
        if term.ratios[drug.group] > 1
    )
