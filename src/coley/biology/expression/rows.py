"""Which rows of a matrix are genes, and which row stands for a gene that has several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.genes import Repair, gene_table, repair
from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KNOWN = 0.2  # of the row names at least; annotations with every clone of GENCODE still have half
MOUSE = 0.5  # of the names written like Cd8a: no habit of writing human genes
SHOWN = 5  # names in a message; the whole list stands in `Expression.repair`


def named_genes(rows: list[str], columns: list[str]) -> tuple[Repair, tuple[Check, ...]]:
    """Return the names of the rows after repair, and what is to be said about them.

    Raises
    ------
    UnreadableInput
        Where the rows are not human genes: a transposed matrix, probes of an array, genes of the mouse.
    """
    table = gene_table()
    repaired = repair(rows)
    known = sum(symbol in table for symbol in repaired.symbols) / len(rows)
    across = sum(name in table or name.startswith("ENSG") for name in columns) / len(columns)
    if known < KNOWN:
        transposed = across > max(known, KNOWN)
        raise UnreadableInput(
            "The columns are genes, and the rows are not: the matrix lies on its side."
            if transposed
            else f"Only {known:.0%} of the {len(rows)} row names are human genes.",
            where=f"rows {', '.join(rows[:3])}; columns {', '.join(columns[:3])}",
            cause="" if transposed else "Probes of an array, transcripts, or another species.",
            remedy="Turn it round: genes in rows, samples in columns."
            if transposed
            else "Name rows by HGNC symbols, Ensembl gene ids or Entrez ids.",
        )
    if repaired.mouse_like > MOUSE:
        raise UnreadableInput(
            f"{repaired.mouse_like:.0%} of the row names are written like genes of the mouse.",
            where=", ".join(rows[:SHOWN]),
            remedy="Translate them to human orthologues; signatures are of human genes.",
        )
    return repaired, _notes(repaired)


def _notes(repaired: Repair) -> tuple[Check, ...]:
    notes = []
    if renamed := repaired.renamed:
        shown = ", ".join(f"{c.given} to {c.symbol} ({c.reason})" for c in renamed[:SHOWN])
        notes.append(
            Check("gene_names", "pass", f"{len(renamed)} names were brought to approved symbols: {shown} ...")
        )
    ambiguous = [c for c in repaired.left_alone if c.reason == "ambiguous"]
    if ambiguous:
        shown = ", ".join(f"{c.given} ({' or '.join(c.candidates)})" for c in ambiguous[:SHOWN])
        notes.append(
            Check(
                "ambiguous_genes",
                "warn",
                f"{len(ambiguous)} names can mean more than one gene and were left alone: {shown}.",
                cause="Dates that a spreadsheet made of symbols, or aliases of several genes.",
                remedy="Take the matrix from before the spreadsheet.",
                where=Where(values=tuple(c.given for c in ambiguous)),
            )
        )
    if repaired.mixed:
        kinds = ", ".join(f"{n} are {kind}s" for kind, n in repaired.kinds.items() if kind != "unknown")
        notes.append(
            Check(
                "mixed_identifiers",
                "warn",
                f"The rows mix kinds of names: {kinds}.",
                cause="Tables joined that were annotated in different ways; a gene may stand there twice.",
                remedy="Name all rows in one way.",
            )
        )
    return tuple(notes)


def one_row_each(
    repaired: Repair, values: Floats, rows: list[str]
) -> tuple[NDArray[np.int64], tuple[Check, ...]]:
    """Return the rows to keep, so that each gene has one: the row with the highest mean; nothing is summed.

    The row with the higher mean is the one that measured the gene; rows of dead probes, of pseudo-autosomal
    copies and of merged loci are low. For z scores, whose means are all 0, it is the first.
    """
    keep = np.ones(len(rows), dtype=bool)
    means = values.mean(axis=1)
    twice = repaired.collisions
    for positions in twice.values():
        at = np.array(positions)
        keep[at] = False
        keep[at[np.argmax(np.round(means[at], 9))]] = True
    if not twice:
        return np.flatnonzero(keep), ()
    shown = "; ".join(
        f"{symbol} from {', '.join(rows[i] for i in at)}" for symbol, at in list(twice.items())[:SHOWN]
    )
    return np.flatnonzero(keep), (
        Check(
            "duplicated_genes",
            "warn",
            f"{len(twice)} genes have several rows ({shown}); the row with the highest mean stands for the gene.",
            cause="Rows that are one gene under two names, or a gene given twice.",
            where=Where(values=tuple(twice)),
        ),
    )
