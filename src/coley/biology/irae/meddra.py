"""The user's own MedDRA: lowest level terms to preferred terms, system organ classes, standardised queries.

MedDRA is licensed, and nothing of it is in Coley. These functions read the ASCII files that a subscriber
has, and only if they are asked to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.biology.irae.spelling import standard_term
from coley.model.errors import MissingData, UnknownName, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# MedDRA has fewer than 100,000 lowest level terms, of a few hundred characters a line with all their fields:
# a file or a line far beyond that is none of MedDRA.
LARGEST_FILE = 100_000_000  # bytes
LONGEST_LINE = 100_000  # bytes

_NARROW, _BROAD = "2", "1"  # term_scope of smq_content.asc
_PREFERRED, _LOWEST, _QUERY = "4", "5", "0"  # term_level of smq_content.asc


@dataclass(frozen=True, slots=True)
class Query:
    """A standardised MedDRA query: its narrow terms, and those that it adds when searched broadly.

    Terms are preferred terms, lower case; a query that is made of others holds their terms. The name is without
    "(SMQ)".
    """

    code: str
    name: str
    narrow: frozenset[str]
    broad: frozenset[str]


@dataclass(frozen=True, slots=True)
class MedDRA:
    """The parts of MedDRA that reports are read with.

    Attributes
    ----------
    preferred
        Lowest level term to preferred term, lower case; preferred terms stand for themselves.
    organ_class
        Preferred term to its primary system organ class, as written.
    queries
        Standardised queries by name, lower case; empty where the folder has none.
    """

    preferred: Mapping[str, str]
    organ_class: Mapping[str, str]
    queries: Mapping[str, Query]


def read_meddra(folder: str | Path) -> MedDRA:
    """Read the ASCII files of a MedDRA distribution: llt.asc, pt.asc, mdhier.asc, and smq_*.asc if present.

    Parameters
    ----------
    folder
        The folder that holds them (MedAscii in the distribution).

    Raises
    ------
    UnreadableInput
        Where a file is missing, is not what its name says, or points at terms that are not there.

    References
    ----------
    MedDRA distribution file format document (ICH), sections on llt.asc, pt.asc, mdhier.asc and smq_*.asc.

    Examples
    --------
    >>> read_meddra("nowhere")
    Traceback (most recent call last):
    ...
    coley.model.errors.UnreadableInput: There is no llt.asc in this folder.
      where:  nowhere
      cause:  The folder is not the one with the ASCII files of MedDRA, which is often named MedAscii.
      remedy: Give the folder that holds llt.asc, pt.asc and mdhier.asc.
    """
    folder = Path(folder)
    names = {path.name.lower(): path for path in folder.iterdir()} if folder.is_dir() else {}
    for needed in ("llt.asc", "pt.asc", "mdhier.asc"):
        if needed not in names:
            raise UnreadableInput(
                f"There is no {needed} in this folder.",
                where=str(folder),
                cause="The folder is not the one with the ASCII files of MedDRA, which is often named MedAscii.",
                remedy="Give the folder that holds llt.asc, pt.asc and mdhier.asc.",
            )
    of_code = {code: standard_term(name) for _, (code, name) in _rows(names["pt.asc"], 2)}
    lowest: dict[str, str] = {}
    preferred = {term: term for term in of_code.values()}
    for number, (code, name, parent) in _rows(names["llt.asc"], 3):
        lowest[code] = _known(of_code, parent, names["llt.asc"], number)
        preferred.setdefault(standard_term(name), lowest[code])
    organ_class = {}
    for number, row in _rows(names["mdhier.asc"], 12):
        if row[11].upper() == "Y":
            organ_class[_known(of_code, row[0], names["mdhier.asc"], number)] = row[7]
    queries = _queries(names, of_code, lowest)
    return MedDRA(MappingProxyType(preferred), MappingProxyType(organ_class), MappingProxyType(queries))


def choose_queries(
    meddra: MedDRA, wanted: Iterable[str], *, broad: bool = False
) -> Mapping[str, frozenset[str]]:
    """Return the terms of standardised queries by the names of the queries, in the order in which they are wanted.

    Parameters
    ----------
    meddra
        The user's own MedDRA.
    wanted
        Names, with or without "(SMQ)" and in any case, or codes.
    broad
        Whether broad terms belong to them as well as narrow ones.

    Raises
    ------
    MissingData
        Where this MedDRA came without queries, or a query has no term of the scope.
    UnknownName
        For a query that it does not have, with the nearest that it has.

    Examples
    --------
    >>> from types import MappingProxyType as View
    >>> gut = Query("20000001", "Made-up gut", frozenset({"colitis"}), frozenset({"diarrhoea"}))
    >>> own = MedDRA(View({}), View({}), View({"made-up gut": gut}))
    >>> {name: sorted(terms) for name, terms in choose_queries(own, ["20000001"], broad=True).items()}
    {'Made-up gut': ['colitis', 'diarrhoea']}
    """
    by_code = {query.code: query for query in meddra.queries.values()}
    chosen = {}
    for name in wanted:
        if not meddra.queries:
            raise MissingData(
                f"There is no standardised query {name!r}: this MedDRA has none.",
                cause="smq_list.asc or smq_content.asc is not in the folder with llt.asc.",
                remedy="Copy both files of the same distribution into that folder.",
            )
        key = name.lower().strip().removesuffix(" (smq)")
        query = meddra.queries.get(key) or by_code.get(key)
        if query is None:
            raise UnknownName("standardised MedDRA query", key, meddra.queries)
        terms = query.narrow | query.broad if broad else query.narrow
        if not terms:
            raise MissingData(
                f"The standardised query {query.name!r} has no narrow terms.",
                remedy="Search it broadly (query_scope = broad).",
            )
        chosen[query.name] = terms
    return MappingProxyType(chosen)


def _queries(
    names: Mapping[str, Path], of_code: Mapping[str, str], lowest: Mapping[str, str]
) -> dict[str, Query]:
    if "smq_list.asc" not in names or "smq_content.asc" not in names:
        return {}
    title = {row[0]: row[1] for _, row in _rows(names["smq_list.asc"], 2)}
    own: dict[str, dict[str, set[str]]] = {code: {_NARROW: set(), _BROAD: set()} for code in title}
    children: dict[str, set[str]] = {code: set() for code in title}
    for number, (query, term, level, scope, *_, status) in _rows(names["smq_content.asc"], 7):
        if status.upper() != "A":
            continue
        _known(title, query, names["smq_content.asc"], number)
        if level == _QUERY:
            _known(title, term, names["smq_content.asc"], number)
            children[query].add(term)
        elif level in (_PREFERRED, _LOWEST) and scope in (_NARROW, _BROAD):
            terms = of_code if level == _PREFERRED else lowest
            own[query][scope].add(_known(terms, term, names["smq_content.asc"], number))
    made = {}
    for code, name in title.items():
        family = _family(code, children)
        narrow = frozenset[str]().union(*(own[member][_NARROW] for member in family))
        broad = frozenset[str]().union(*(own[member][_BROAD] for member in family))
        plain = re.sub(r" \(SMQ\)$", "", name, flags=re.IGNORECASE)
        made[plain.lower()] = Query(code, plain, narrow, broad - narrow)
    return made


def _family(code: str, children: Mapping[str, set[str]]) -> set[str]:
    """Return a query and all that it is made of; a circle of queries is walked once."""
    family: set[str] = set()
    waiting = [code]
    while waiting:
        member = waiting.pop()
        if member not in family:
            family.add(member)
            waiting.extend(children[member])
    return family


def _known(known: Mapping[str, str], code: str, path: Path, line: int) -> str:
    if code not in known:
        raise UnreadableInput(
            f"The code {code!r} points at nothing.",
            where=f"{path.name}, line {line}",
            cause="The files come from different versions of MedDRA, or one of them is cut short.",
            remedy="Copy all files from one distribution again.",
        )
    return known[code]


def _rows(path: Path, fields: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line and its first fields."""
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableInput(
            f"{path.name} is larger than any file of MedDRA.",
            where=str(path),
            remedy="Give the folder with the ASCII files of MedDRA.",
        )
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                text = line.decode("latin-1")
            if not text.strip():
                continue
            row = text.rstrip("\r\n").split("$")
            if len(row) < fields:
                raise UnreadableInput(
                    f"A line has {len(row)} fields, not {fields} or more.",
                    where=f"{path.name}, line {number}",
                    cause="The file is not of MedDRA's ASCII distribution, whose fields end with $, or is cut short.",
                    remedy="Copy the file from the distribution again, unchanged.",
                )
            yield number, [field.strip() for field in row[:fields]]
