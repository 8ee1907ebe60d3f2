"""Published formulas: their terms, caps and cancer types, and the cohorts that they were fitted on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Term:
    """One input of a formula: coefficient x min(value, cap)."""

    column: str
    label: str
    unit: str
    coefficient: float
    cap: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """A cohort that shares patients with the training set of a model.

    `overlap` is "all", "part", "possible" (the same hospital, and ids that cannot be joined) or "none".
    """

    cohort: str
    overlap: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A published formula that turns a patient's baseline into a score.

    Attributes
    ----------
    name, title, target
        "loris"; its title; what it was fitted to.
    link
        "logistic": the score is 1 / (1 + exp(-sum)).
    intercept, terms
        The linear predictor.
    cancer_terms
        What each cancer type adds; empty where the formula has no such term.
    applies_to
        The one cancer type the formula is for; empty where it is for all that have a term.
    overlaps
        Cohorts on which its performance is in sample, or may be.
    limits, reference, source, licence
        When not to believe it; the paper; where the coefficients were read.
    """

    name: str
    title: str
    target: str
    link: str
    intercept: float
    terms: tuple[Term, ...]
    cancer_terms: Mapping[str, float]
    applies_to: str
    overlaps: tuple[Overlap, ...]
    limits: str
    reference: str
    source: str
    licence: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `patients` that it needs."""
        kind = ("cancer_type",) if self.cancer_terms or self.applies_to else ()
        return (*(term.column for term in self.terms), *kind)

    def overlap(self, cohort: str) -> Overlap | None:
        """Return how a cohort overlaps with the training set; None where no overlap is known.

        Examples
        --------
        >>> PUBLISHED["loris"].overlap("Chowell train").overlap
        'all'
        >>> PUBLISHED["loris"].overlap("Chowell_test") is None
        True
        """
        key = plain(cohort)
        return next((known for known in self.overlaps if plain(known.cohort) == key), None)


@cache
def synonyms() -> Mapping[str, tuple[str, bool]]:
    """Return normalised cancer type to its name here, and whether the word is sure to mean it.

    Examples
    --------
    >>> synonyms()["nonsmallcelllungcancer"]
    ('NSCLC', True)
    """
    return {
        plain(row["synonym"]): (row["cancer_type"], row["sure"] == "yes")
        for row in _rows("cancer_synonyms.csv")
    }


def plain(text: str) -> str:
    """Return letters and digits of a name, in lower case; "&" reads as "and".

    Examples
    --------
    >>> plain("Head & Neck") == plain("head and neck")
    True
    """
    return "".join(letter for letter in text.lower().replace("&", "and") if letter.isalnum())


def _rows(name: str) -> list[dict[str, str]]:
    text = files("coley.biology.published").joinpath("resources", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _models() -> Registry[PublishedModel]:
    registry: Registry[PublishedModel] = Registry("published model")
    terms, kinds, overlaps = (
        _rows(name) for name in ("terms.csv", "cancer_terms.csv", "training_cohorts.csv")
    )
    for row in _rows("models.csv"):
        name = row["model"]
        registry.add(
            name,
            PublishedModel(
                name=name,
                title=row["title"],
                target=row["target"],
                link=row["link"],
                intercept=float(row["intercept"]),
                terms=tuple(
                    Term(
                        t["column"],
                        t["label"],
                        t["unit"],
                        float(t["coefficient"]),
                        float(t["cap"]) if t["cap"] else None,
                        t["source"],
                    )
                    for t in terms
                    if t["model"] == name
                ),
                cancer_terms={k["cancer_type"]: float(k["coefficient"]) for k in kinds if k["model"] == name},
                applies_to=row["applies_to"],
                overlaps=tuple(
                    Overlap(o["cohort"], o["overlap"], o["note"], o["source"])
                    for o in overlaps
                    if o["model"] == name
                ),
                limits=row["limits"],
                reference=row["reference"],
                source=row["source"],
                licence=row["licence"],
            ),
        )
    return registry


PUBLISHED: Registry[PublishedModel] = _models()
