"""The immune-mediated adverse reactions that labels warn of, and which of them a database can show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.biology.irae.terms import resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl


# Share of terms of several words below which a database is said to hold single words only. In full
# vocabularies it is three quarters; where only single words were kept, "hepatitis b" and its like remain.
ONE_WORD = 0.05


@dataclass(frozen=True, slots=True)
class LabelIrae:
    """An adverse reaction of the label, as a set of reaction terms.

    Attributes
    ----------
    name, title, organ_class
        Its name, how it is written in tables, and the class that it belongs to.
    core
        Whether it is one of those that any method must find: colitis, pneumonitis, hepatitis, myocarditis,
        myasthenia gravis, hypophysitis, thyroid disease, adrenal insufficiency, type 1 diabetes, SJS/TEN.
    terms
        The terms that mean it, lower case.
    broad_terms
        Terms that may mean it and often mean something else; not among `terms`.
    source
        The section of the label.
    """

    name: str
    title: str
    organ_class: str
    core: bool
    terms: frozenset[str]
    broad_terms: frozenset[str]
    source: str

    @property
    def single_word(self) -> frozenset[str]:
        """The terms of one word: all that a database without longer terms can hold."""
        return frozenset(term for term in self.terms if " " not in term)


@dataclass(frozen=True, slots=True)
class Observable:
    """Which label irAEs a database can show.

    Attributes
    ----------
    seen
        Label irAE to the terms of it that occur in the database.
    unseen
        Label irAEs none of whose terms occur, with the reason: there is nothing to count, which is not the
        same as no signal.
    """

    seen: Mapping[str, frozenset[str]]
    unseen: Mapping[str, str]


@cache
def label_iraes() -> Mapping[str, LabelIrae]:
    """Return the label irAEs by name.

    References
    ----------
    US prescribing information of Opdivo and Yervoy, section 5.1 (immune-mediated adverse reactions).

    Examples
    --------
    >>> sorted(label_iraes()["sjs_ten"].terms)
    ['sjs-ten overlap', 'stevens-johnson syndrome', 'toxic epidermal necrolysis']
    >>> sorted(label_iraes()["colitis"].single_word)
    ['colitis', 'enteritis', 'enterocolitis']
    """
    terms: dict[tuple[str, str], set[str]] = {}
    for row in resource("label_terms.csv"):
        terms.setdefault((row["irae"], row["scope"]), set()).add(row["term"].lower())
    return MappingProxyType(
        {
            row["irae"]: LabelIrae(
                row["irae"],
                row["title"],
                row["organ_class"],
                row["core"] == "yes",
                frozenset(terms[row["irae"], "narrow"]),
                frozenset(terms.get((row["irae"], "broad"), ())),
                row["source"],
            )
            for row in resource("label_iraes.csv")
        }
    )


def label_table() -> pl.DataFrame:
    """Return term, irae: one row for each term that means a label irAE, to be joined to events.

    Examples
    --------
    >>> import polars as pl
    >>> label_table().filter(pl.col("term") == "hypophysitis").row(0)
    ('hypophysitis', 'hypophysitis')
    """
    import polars as pl

    rows = [(term, irae.name) for irae in label_iraes().values() for term in sorted(irae.terms)]
    return pl.DataFrame(rows, schema=["term", "irae"], orient="row")


def observable(terms: Iterable[str]) -> Observable:
    """Say which label irAEs can be seen in a database in which these terms occur.

    Parameters
    ----------
    terms
        Every distinct term of the database (of any drug), standardised.

    Examples
    --------
    >>> can = observable(["colitis", "back pain"])
    >>> can.seen["colitis"]
    frozenset({'colitis'})
    >>> can.unseen["myasthenia_gravis"]
    'none of 5 terms for it occurs in any report'
    """
    present = set(terms)
    longer = sum(" " in term for term in present)
    one_word = longer <= ONE_WORD * len(present)
    seen: dict[str, frozenset[str]] = {}
    unseen: dict[str, str] = {}
    for irae in label_iraes().values():
        found = frozenset(irae.terms & present)
        if found:
            seen[irae.name] = found
        elif one_word:
            unseen[irae.name] = (
                f"the database holds terms of one word only; of {len(irae.terms)} terms for it "
                f"{len(irae.single_word)} have one word, and none of those occurs"
            )
        else:
            unseen[irae.name] = f"none of {len(irae.terms)} terms for it occurs in any report"
    return Observable(MappingProxyType(seen), MappingProxyType(unseen))
