"""What a signature and a conflict between signatures are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coley.biology.genes import Change


@dataclass(frozen=True, slots=True)
class Signature:
    """A published list of genes with the rule that makes a score of it.

    Attributes
    ----------
    name
        Its key in the registry; "WHOLE:part" for parts of a composite.
    genes
        Approved symbols. In rules "first above second", the two genes of each rule in turn.
    given
        The same genes as the source writes them; as long as `genes`.
    weights
        One for each gene, or empty where all count alike.
    method
        Name of a scoring method, or "composite".
    scale
        What the method is given: "log" (log2(TPM + 1)), "linear" (TPM), "housekeeping" (log2, less the
        mean of the housekeeping genes), "sample_ranks" (rank of the sample within the cohort, 0 to 1).
    direction
        1 where higher values are associated with response in the source, -1 with resistance, 0 neither.
    parts
        Of a composite: names of its parts, each with its coefficient.
    paper, source, licence
        Who published it, the file it was read from, and the licence of that file.
    version
        Rises when genes, weights or rule change.
    preferred
        Whether this is the row to use among those that claim the same idea.
    supersedes
        Rows to which this one is preferred.
    conflicts
        Every other row that makes the same claim with other genes, weights, rule or direction.
    changes
        Names that were brought to approved symbols.
    dropped
        Names of the source that are no gene, with the reason; they count as genes that are never found.
    note
        What a reader must know beside it.
    """

    name: str
    genes: tuple[str, ...]
    given: tuple[str, ...]
    weights: tuple[float, ...]
    method: str
    scale: str
    direction: int
    parts: tuple[tuple[str, float], ...]
    paper: str
    source: str
    licence: str
    version: int
    preferred: bool
    supersedes: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Rules "first above second"; empty for every method but gene pairs."""
        if self.method != "gene_pairs":
            return ()
        return tuple(zip(self.genes[::2], self.genes[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Signatures that claim the same and differ: in what, which to prefer, and why."""

    topic: str
    names: tuple[str, ...]
    preferred: str
    difference: str
    why: str
