"""Names of genes brought to approved symbols, each change with its reason; what is ambiguous is left alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.biology.genes.dates import dates_of, symbols_of
from coley.biology.genes.table import GeneTable, gene_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

# What can happen to a name, in words; the first group changes it, the second leaves it as it is.
CHANGES = (
    "previous symbol",
    "alias",
    "Ensembl id",
    "Entrez id",
    "LOC and an Entrez id",
    "Excel date",
    "case",
    "spaces or quotes",
    "punctuation",
    "symbol with an id",
)
LEFT_ALONE = (
    "ambiguous",
    "withdrawn",
    "gene that is also there under its symbol",
    "Excel date, gene not known",
)

# Letters of an alias that is looked up whatever its case; "a" and "b" are names of samples, "A" and "B" of genes.
SHORTEST_ALIAS = 3

# How spreadsheets and scripts wrap a name: blanks, quotes of every kind, commas and full stops around it.
_WRAPPING = " \t\r\n\xa0\ufeff'\"`´\u2018\u2019\u201c\u201d,;."

Resolved = tuple[str, str, tuple[str, ...]]  # symbol, reason ("" where nothing is known), candidates

_ENSEMBL = re.compile(r"ENSG0*(\d{1,11})(?:\.\d+)?(?:_PAR_Y)?", re.IGNORECASE)
_ENTREZ = re.compile(r"(\d{1,9})")
_LOCUS = re.compile(r"LOC(\d{1,9})")
_TITLE = re.compile(r"[A-Z][a-z0-9]*[a-z][a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Change:
    """One name that is not an approved symbol, and what became of it.

    Attributes
    ----------
    position
        Its place in the list, from 0.
    given, symbol
        The name as it was and as it is now; the same where it was left alone.
    reason
        One or more of `CHANGES` (joined by ", "), or one of `LEFT_ALONE`. "The other gene is there" says that
        of two genes which the name can mean, one has a row already.
    candidates
        The genes it may stand for.
    """

    position: int
    given: str
    symbol: str
    reason: str
    candidates: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the name was changed."""
        return self.symbol != self.given


@dataclass(frozen=True, slots=True)
class Repair:
    """Names of genes after repair.

    Attributes
    ----------
    symbols
        As many as were given, in the same order; names that nothing is known of stand as they were.
    changes
        Every name that was changed, and every one that was recognised and left alone.
    unknown
        Names of which the table knows nothing.
    kinds
        How many names were symbols, Ensembl ids, Entrez ids, dates or unknown.
    """

    symbols: tuple[str, ...]
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    kinds: Mapping[str, int]

    @property
    def renamed(self) -> tuple[Change, ...]:
        """The names that were changed."""
        return tuple(change for change in self.changes if change.changed)

    @property
    def left_alone(self) -> tuple[Change, ...]:
        """The names that were recognised but not changed."""
        return tuple(change for change in self.changes if not change.changed)

    @property
    def mixed(self) -> bool:
        """Whether identifiers of more than one kind (symbols, Ensembl, Entrez) stand side by side."""
        return sum(self.kinds.get(kind, 0) > 0 for kind in ("symbol", "Ensembl id", "Entrez id")) > 1

    @property
    def collisions(self) -> Mapping[str, tuple[int, ...]]:
        """Each symbol that occurs more than once now, with its positions."""
        places: dict[str, list[int]] = {}
        for i, symbol in enumerate(self.symbols):
            places.setdefault(symbol, []).append(i)
        return {symbol: tuple(at) for symbol, at in places.items() if len(at) > 1}

    @property
    def mouse_like(self) -> float:
        """Share of the names that are written like genes of the mouse (Cd8a)."""
        alike = [c for c in self.renamed if c.reason.startswith("case") and _TITLE.fullmatch(c.given)]
        return len(alike) / max(len(self.symbols), 1)

    def table(self) -> pl.DataFrame:
        """Return the changes as a frame: position, given, symbol, reason, candidates."""
        import polars as pl

        rows = [(c.position, c.given, c.symbol, c.reason, "; ".join(c.candidates)) for c in self.changes]
        schema = {"position": pl.Int64, "given": pl.String, "symbol": pl.String, "reason": pl.String}
        return pl.DataFrame(rows, schema={**schema, "candidates": pl.String}, orient="row")


def repair(symbols: Iterable[str]) -> Repair:
    """Bring names of human genes to the approved symbols of HGNC.

    An approved symbol is never rewritten, even where it is also an alias of another gene. A previous symbol
    goes before an alias, because tables of expression are labelled with the official symbols of their time.
    Neither is rewritten where its gene stands in the list under its own symbol already: then it is a row of
    its own that HGNC has merged since. A name that can mean two genes (the date 1-Mar: MARCHF1 or MTARC1) is
    left as it is and named, unless the list has a row for every one of them but one.

    Parameters
    ----------
    symbols
        Symbols, Ensembl gene ids (a version is dropped), Entrez ids, or "SYMBOL|id".

    Returns
    -------
    Repair
        The names after repair, and what was done to which, and why.

    References
    ----------
    HGNC (genenames.org), CC0; Ziemann M et al. Genome Biol 2016;17:177 (symbols turned into dates).

    Examples
    --------
    >>> repaired = repair(["CD8A", "C10orf54", "3-Sep", "1-Mar", "ENSG00000111537.4"])
    >>> repaired.symbols
    ('CD8A', 'VSIR', 'SEPTIN3', '1-Mar', 'IFNG')
    >>> [change.reason for change in repaired.changes]
    ['previous symbol', 'Excel date', 'ambiguous', 'Ensembl id']
    """
    table = gene_table()
    given = [str(symbol) for symbol in symbols]
    resolved = [(n, "", (n,)) if n in table.approved else _resolve(n, table) for n in given]
    settled = _settled(given, resolved, table)
    changes, unknown = [], []
    for i, (name, (symbol, reason, candidates)) in enumerate(zip(given, settled, strict=True)):
        if reason:
            changes.append(Change(i, name, symbol, reason, candidates))
        elif name not in table.approved:
            unknown.append(name)
    kinds = Counter(
        "symbol" if name in table.approved else _kind(reason)
        for name, (_, reason, _) in zip(given, settled, strict=True)
    )
    return Repair(tuple(symbol for symbol, _, _ in settled), tuple(changes), tuple(unknown), dict(kinds))


def _settled(given: list[str], resolved: list[Resolved], table: GeneTable) -> list[Resolved]:
    """Decide what depends on the other names of the list."""
    present = table.approved.keys() & set(given)
    taken = present | {symbol for symbol, reason, _ in resolved if reason and "alias" not in reason}
    settled = []
    for name, (symbol, reason, candidates) in zip(given, resolved, strict=True):
        beaten = symbol in taken if "alias" in reason else symbol in present and "previous" in reason
        settled.append((name, LEFT_ALONE[2], (symbol,)) if beaten else (symbol, reason, candidates))
    once = {name for name, n in Counter(given).items() if n == 1}
    open_ = {
        i
        for i, (name, (_, reason, _)) in enumerate(zip(given, settled, strict=True))
        if reason == "ambiguous" and name in once and (name in table.previous or dates_of(name))
    }
    while open_:
        left = {i: [c for c in settled[i][2] if c not in taken] for i in open_}
        sure = {i: remaining[0] for i, remaining in left.items() if len(remaining) == 1}
        if not sure:
            break
        for i, symbol in sure.items():
            how = "Excel date" if dates_of(given[i]) else "previous symbol"
            settled[i] = (symbol, f"{how}, the other gene is there", settled[i][2])
        taken |= set(sure.values())
        open_ -= sure.keys()
    return settled


def _kind(reason: str) -> str:
    if reason in ("Ensembl id", "Entrez id"):
        return reason
    if "date" in reason:
        return "date"
    return "symbol" if reason else "unknown"


def _resolve(name: str, table: GeneTable) -> Resolved:
    """Return the symbol, the reason ("" where nothing is known) and the candidates."""
    bare = name.strip(_WRAPPING)
    if bare != name:
        if bare in table.approved:
            return bare, "spaces or quotes", (bare,)
        symbol, reason, candidates = _resolve(bare, table) if bare else ("", "", ())
        return (
            (symbol, f"spaces or quotes, {reason}", candidates)
            if symbol != bare
            else (name, reason, candidates)
        )
    if "|" in name:  # "CD8A|925" and "?|925" of RSEM tables, "ENSG...|CD8A" of others
        for part in name.split("|"):
            symbol = part if part in table.approved else _resolve(part, table)[0]
            if symbol in table.approved:
                return symbol, "symbol with an id", (symbol,)
        return name, "", ()
    for step in (_by_name, _by_id, _by_date, _by_case, _by_punctuation):
        if (resolved := step(name, table)) is not None:
            return resolved
    return name, "withdrawn" if name in table.withdrawn else "", ()


def _by_name(name: str, table: GeneTable) -> Resolved | None:
    for reason, names in (("previous symbol", table.previous), ("alias", table.alias)):
        if candidates := names.get(name):
            return (
                (candidates[0], reason, candidates)
                if len(candidates) == 1
                else (name, "ambiguous", candidates)
            )
    return None


def _by_id(name: str, table: GeneTable) -> Resolved | None:
    for reason, pattern, ids in (
        ("Ensembl id", _ENSEMBL, table.ensembl),
        ("Entrez id", _ENTREZ, table.entrez),
        ("LOC and an Entrez id", _LOCUS, table.entrez),
    ):
        if (match := pattern.fullmatch(name)) and (symbol := ids.get(int(match[1]))):
            return symbol, reason, (symbol,)
    return None


def _by_date(name: str, table: GeneTable) -> Resolved | None:
    if not dates_of(name):
        return None
    for names in (table.previous, table.alias):
        candidates = tuple(dict.fromkeys(s for old in symbols_of(name) for s in names.get(old, ())))
        if len(candidates) == 1:
            return candidates[0], "Excel date", candidates
        if candidates:
            return name, "ambiguous", candidates
    return name, LEFT_ALONE[3], ()


def _by_case(name: str, table: GeneTable) -> Resolved | None:
    written = table.folded.get(name.upper(), ())
    official = [w for w in written if w in table.approved]
    old = [w for w in written if w in table.previous]
    aliases = list(written) if len(name) >= SHORTEST_ALIAS else []
    for names in (official, old, aliases):
        candidates = {s: None for w in names for s in ((w,) if w in table.approved else _all(w, table))}
        if len(candidates) == 1:
            symbol = next(iter(candidates))
            how = "" if symbol in names else ", previous symbol" if names is old else ", alias"
            return symbol, f"case{how}", (symbol,)
        if candidates:
            return name, "ambiguous", tuple(candidates)
    return None


def _all(name: str, table: GeneTable) -> tuple[str, ...]:
    return table.previous.get(name) or table.alias.get(name, ())


def _by_punctuation(name: str, table: GeneTable) -> Resolved | None:
    """R turns HLA-A into HLA.A; others write HLA_A."""
    hyphens = re.sub(r"[._ ]", "-", name)
    if hyphens == name:
        return None
    if hyphens in table.approved:
        return hyphens, "punctuation", (hyphens,)
    resolved = _by_name(hyphens, table)
    if resolved and resolved[1] == "previous symbol":
        return resolved[0], "punctuation, previous symbol", resolved[2]
    return None
