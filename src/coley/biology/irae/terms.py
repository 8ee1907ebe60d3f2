"""Reaction terms that may be immune-related, by organ class, and how specific each of them is."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

Specific = Literal["yes", "broad", "not"]

# What each scope takes in. By default terms that name another cause (radiation, alcohol, an infection) stay
# out, and symptoms and laboratory findings stay in, as in the list of Chen et al.
SCOPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "specific": frozenset({"yes"}),
        "default": frozenset({"yes", "broad"}),
        "as_published": frozenset({"yes", "broad", "not"}),
    }
)


@dataclass(frozen=True, slots=True)
class OrganClass:
    """An organ class of immune-related adverse events, with its place in tables and figures."""

    name: str
    title: str
    order: int


@dataclass(frozen=True, slots=True)
class IraeTerm:
    """A reaction term in an organ class; one term may stand in two.

    Attributes
    ----------
    term
        Preferred term, lower case, British spelling, as in reports.
    organ_class
        Name of the class (`organ_classes`).
    specific
        "yes": names an inflammation or an immune disease; "broad": a symptom, a laboratory finding or a
        disease with many causes; "not": names another cause.
    reason
        Why it is broad or not.
    source
        Who put it into the class.
    """

    term: str
    organ_class: str
    specific: Specific
    reason: str
    source: str


@cache
def organ_classes() -> Mapping[str, OrganClass]:
    """Return the organ classes by name, in the order in which they are shown.

    Examples
    --------
    >>> list(organ_classes())[:3], organ_classes()["endocrine"].title
    (['skin', 'gastrointestinal', 'hepatic'], 'Endocrine glands')
    """
    rows = sorted(resource("organ_classes.csv"), key=lambda row: int(row["order"]))
    return MappingProxyType(
        {row["organ_class"]: OrganClass(row["organ_class"], row["title"], int(row["order"])) for row in rows}
    )


@cache
def irae_terms(scope: str = "default") -> tuple[IraeTerm, ...]:
    """Return the terms of a scope: "specific", "default" or "as_published".

    Raises
    ------
    InvalidSetting
        For any other scope.

    References
    ----------
    Chen C, Wu B, Zhang CY, Xu T. Int Immunopharmacol 2021, supplement mmc1, table 2; how specific each term
    is, and the newer "immune-mediated" terms, are Coley's.

    Examples
    --------
    >>> len(irae_terms("as_published")) > len(irae_terms()) > len(irae_terms("specific"))
    True
    """
    if scope not in SCOPES:
        raise InvalidSetting(
            f"There is no scope of terms named {scope!r}.", remedy=f"Choose one of {', '.join(SCOPES)}."
        )
    kept = []
    for row in resource("terms.csv"):
        specific: Specific = "yes" if row["specific"] == "yes" else "broad"
        if row["specific"] == "not":
            specific = "not"
        if specific in SCOPES[scope]:
            kept.append(
                IraeTerm(row["term"].lower(), row["organ_class"], specific, row["reason"], row["source"])
            )
    return tuple(kept)


def classes_of(term: str, *, scope: str = "default") -> tuple[str, ...]:
    """Return the organ classes of one term, as `standard_term` writes it; none if it is no irAE term.

    Examples
    --------
    >>> classes_of("eosinophilic myocarditis"), classes_of("radiation pneumonitis"), classes_of("headache")
    (('cardiovascular', 'haematological'), (), ())
    """
    return _by_term(scope).get(term, ())


def term_table(*, scope: str = "default") -> pl.DataFrame:
    """Return term, organ_class, specific: one row each, to be joined to the events of reports.

    Examples
    --------
    >>> import polars as pl
    >>> term_table().filter(pl.col("term") == "colitis").row(0)
    ('colitis', 'gastrointestinal', 'yes')
    """
    import polars as pl

    rows = [(term.term, term.organ_class, term.specific) for term in irae_terms(scope)]
    return pl.DataFrame(rows, schema=["term", "organ_class", "specific"], orient="row")


@cache
def _by_term(scope: str) -> Mapping[str, tuple[str, ...]]:
    made: dict[str, tuple[str, ...]] = {}
    for term in irae_terms(scope):
        made[term.term] = tuple(sorted({*made.get(term.term, ()), term.organ_class}))
    return made


def resource(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of this package."""
    text = files("coley.biology.irae.resources").joinpath(name).read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))
