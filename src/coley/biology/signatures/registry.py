"""The registry of signatures: facts in tables, genes checked against HGNC, conflicts said aloud."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from coley.biology.genes import GENES_VERSION, gene_table, repair
from coley.biology.signatures.values import Conflict, Signature
from coley.model.errors import UnreadableInput
from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coley.biology.genes import Change

REGISTRY_VERSION = f"1 ({GENES_VERSION})"  # rises when a row of signatures.csv or composites.csv changes

Row = dict[str, str]


def signature(name: str) -> Signature:
    """Return one signature by its name.

    Raises
    ------
    UnknownName
        Where the registry has none of that name; the nearest is suggested.

    Examples
    --------
    >>> cyt = signature("CYT_geomean")
    >>> cyt.genes, cyt.method, cyt.direction
    (('GZMA', 'PRF1'), 'geometric_mean', 1)
    """
    return signatures()[name]


@cache
def signatures() -> Registry[Signature]:
    """Return the registry of signatures, in the order of its table; loaded and checked once.

    Raises
    ------
    UnreadableInput
        Where a table of the package names a gene that does not exist.

    Examples
    --------
    >>> sorted(name for name in signatures() if name.startswith("McDermott"))
    ['McDermott_Angio6', 'McDermott_Myeloid6', 'McDermott_Teff5']
    """
    parts: dict[str, list[tuple[str, float]]] = {}
    for row in table("composites"):
        parts.setdefault(row["name"], []).append((row["part"], float(row["coefficient"])))
    mends = {(row["signature"], row["given"]): (row["becomes"], row["reason"]) for row in table("mends")}
    registry: Registry[Signature] = Registry("signature")
    for made in load(table("signatures"), parts, mends):
        registry.add(made.name, made)
    return registry


@cache
def conflicts() -> tuple[Conflict, ...]:
    """Return every conflict between signatures, as the table has them."""
    return tuple(
        Conflict(
            row["topic"], tuple(row["names"].split(";")), row["preferred"], row["difference"], row["why"]
        )
        for row in table("conflicts")
    )


def conflicts_of(name: str) -> tuple[Conflict, ...]:
    """Return the conflicts that a signature takes part in.

    Raises
    ------
    UnknownName
        Where the registry has no signature of that name.

    Examples
    --------
    >>> [conflict.preferred for conflict in conflicts_of("IMPRES_Auslander")]
    ['IMPRES_15pairs']
    """
    known = signature(name).name
    return tuple(conflict for conflict in conflicts() if known in conflict.names)


def load(
    rows: Iterable[Row],
    parts: Mapping[str, list[tuple[str, float]]],
    mends: Mapping[tuple[str, str], tuple[str, str]],
) -> list[Signature]:
    """Make signatures of the rows of the table, and check every gene.

    Parameters
    ----------
    rows
        As `signatures.csv` has them.
    parts
        Composite to its parts and their coefficients.
    mends
        Signature and name in it to the right symbol ("" where there is none) and the reason.

    Raises
    ------
    UnreadableInput
        Where a gene does not exist and no mend is known, a weight is missing, or a part is.
    """
    made: dict[str, Signature] = {}
    for row in rows:
        own = tuple(parts.get(row["name"], ()))
        if absent := [part for part, _ in own if part not in made]:
            raise UnreadableInput(
                f"Signature {row['name']!r} is made of parts that do not stand above it.",
                where=f"signatures.csv: {', '.join(absent)}",
            )
        genes, changes, dropped = _genes(row, mends) if row["genes"] else _union(made[p] for p, _ in own)
        made[row["name"]] = _signature(row, genes, own, changes=changes, dropped=dropped)
    return list(made.values())


Genes = list[tuple[str, str, float]]  # approved symbol, as given, weight


def _genes(
    row: Row, mends: Mapping[tuple[str, str], tuple[str, str]]
) -> tuple[Genes, tuple[Change, ...], tuple[tuple[str, str], ...]]:
    name = row["name"]
    pairs = row["method"] == "gene_pairs"
    given = row["genes"].replace(">", ";").split(";")
    weights = [float(w) for w in row["weights"].split(";")] if row["weights"] else [1.0] * len(given)
    if len(weights) != len(given):
        raise UnreadableInput(f"Signature {name!r} has {len(given)} genes and {len(weights)} weights.")
    mended = [mends.get((name, gene), (gene, ""))[0] for gene in given]
    repaired = repair(mended)
    genes: dict[Any, tuple[str, str, float]] = {}
    dropped = []
    for i, (old, symbol, weight) in enumerate(zip(given, repaired.symbols, weights, strict=True)):
        if (name, old) in mends and not mended[i]:
            dropped.append((old, mends[name, old][1]))
        elif symbol in gene_table():
            genes.setdefault(
                i if pairs else symbol, (symbol, old, weight)
            )  # two names of one gene count once
        elif not any(c.position == i and c.candidates[0] in repaired.symbols for c in repaired.left_alone):
            raise UnreadableInput(
                f"Gene {old!r} of signature {name!r} does not exist.",
                where="signatures.csv",
                cause="A typing error in the source, or a symbol that was withdrawn.",
                remedy="Find out what was meant, and add a row to mends.csv with the reason.",
            )
    return list(genes.values()), repaired.renamed, tuple(dropped)


def _union(
    parts: Iterable[Signature],
) -> tuple[Genes, tuple[Change, ...], tuple[tuple[str, str], ...]]:
    genes: dict[str, tuple[str, str, float]] = {}
    dropped: dict[str, str] = {}
    for part in parts:
        dropped |= dict(part.dropped)
        for symbol, old in zip(part.genes, part.given, strict=True):
            genes.setdefault(symbol, (symbol, old, 1.0))
    return list(genes.values()), (), tuple(dropped.items())


def _signature(
    row: Row,
    genes: Genes,
    parts: tuple[tuple[str, float], ...],
    *,
    changes: tuple[Change, ...],
    dropped: tuple[tuple[str, str], ...],
) -> Signature:
    name = row["name"]
    involved = [conflict for conflict in conflicts() if name in conflict.names]
    others = tuple(dict.fromkeys(n for c in involved for n in c.names if n != name))
    beaten = tuple(dict.fromkeys(n for c in involved if c.preferred == name for n in c.names if n != name))
    return Signature(
        name=name,
        genes=tuple(symbol for symbol, _, _ in genes),
        given=tuple(old for _, old, _ in genes),
        weights=tuple(weight for _, _, weight in genes) if row["weights"] else (),
        method=row["method"],
        scale=row["scale"],
        direction=int(row["direction"]),
        parts=parts,
        paper=row["paper"],
        source=row["source"],
        licence=row["licence"],
        version=int(row["version"]),
        preferred=row["preferred"] == "yes",
        supersedes=beaten,
        conflicts=others,
        changes=changes,
        dropped=dropped,
        note=row["note"],
    )


@cache
def _text(name: str) -> str:
    return files("coley.biology.signatures").joinpath(f"resources/{name}.csv").read_text(encoding="utf-8")


def table(name: str) -> list[Row]:
    """Return the rows of one table of the package ("signatures", "conflicts", "mends" ...)."""
    return list(csv.DictReader(_text(name).splitlines()))
