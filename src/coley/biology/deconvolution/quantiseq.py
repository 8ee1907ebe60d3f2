"""quanTIseq: ten immune cell types and the uncharacterised rest, as fractions of all cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.expression import (
    WHOLE_TRANSCRIPTOME,
    comparable_between_genes,
    expression,
    to_million,
)
from coley.biology.deconvolution.facts import til10
from coley.biology.deconvolution.least_squares import capped_least_squares, cells_from_mrna, with_limits
from coley.biology.deconvolution.matching import match, require
from coley.biology.deconvolution.values import Fractions
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FINOTELLO = (
    "Finotello F, Mayer C, Plattner C, et al. Molecular and pharmacological modulators of the tumor immune "
    "contexture revealed by deconvolution of RNA-seq data. Genome Med 2019;11:34."
)
OTHER = "Other"
CD4, TREGS = "CD4 T cells", "Tregs"
# Below this fraction the fit cannot tell Tregs from CD4 T cells, and the authors refit (Finotello 2019, Methods).
FEW_TREGS = 0.02
# Share of the signature that must be there. The authors set none; with a fifth missing, whole cell types
# lose most of their markers.
LEAST_COVERAGE = 0.8
DRAWS = 200  # of the bootstrap: enough for 95 % limits, and a millisecond a sample


@method(
    "quantiseq",
    title="quanTIseq",
    summary="Fractions of ten immune cell types, and of all other cells together, from bulk RNA-seq.",
    needs="TPM of the whole transcriptome, by gene symbol",
    limits="The interval is a bootstrap over signature genes: it holds noise of genes and misfit of the "
    "profiles, but no error that all genes share. In simulated mixtures whose genes err by 20 to 80 %, "
    "intervals of level 0.95 held the truth in 0.91 to 0.87 of cases. Tregs and CD4 T cells are hard to tell "
    "apart, so few Tregs are fitted twice. Short RNAs are left out of the scale to one million. Fractions "
    "from other quantifications or library preparations differ.",
    references=(FINOTELLO,),
)
def quantiseq(
    X: ArrayLike,
    genes: Sequence[str],
    *,
    unit: str,
    samples: Sequence[str] | None = None,
    tumour: bool = True,
    least_coverage: float = LEAST_COVERAGE,
    draws: int = DRAWS,
    seed: int = 1,
    level: float = 0.95,
) -> Fractions:
    """Estimate immune cell fractions with the TIL10 signature.

    Parameters
    ----------
    X
        Genes x samples in `unit`: all genes that were measured.
    genes, samples
        Gene symbols of the rows (former ones are recognised), names of the columns.
    unit
        "tpm", "log2_tpm1", "fpkm" ...; counts are refused.
    tumour
        Leave out 17 signature genes that tumour cells of some cancers express themselves.
    least_coverage
        Least share of the signature genes that the data must hold.
    draws, seed, level
        Bootstrap over signature genes; without draws there are no limits.

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where the matrix is not what it is said to be, or its unit does not compare genes.
    MissingData
        Where too few genes are there.

    References
    ----------
    Finotello 2019, Methods, "quanTIseq deconvolution".

    Examples
    --------
    >>> reference = til10()
    >>> X = np.zeros((12_000, 1))
    >>> X[:170, 0] = reference.profiles @ np.full(10, 0.05)
    >>> X[170, 0] = 1e6 - X.sum()
    >>> genes = [*reference.genes, *(f"gene {i}" for i in range(11_830))]
    >>> float(quantiseq(X, genes, unit="tpm").of("Other").round(3)[0])
    0.5
    """
    data = expression(X, genes, unit=unit, samples=samples, least_genes=WHOLE_TRANSCRIPTOME)
    comparable_between_genes(data, "quanTIseq")
    reference = til10()
    unfit = {"rnaseq", "tumour"} if tumour else {"rnaseq"}
    used = np.array([not (why & unfit) for why in reference.left_out_for])
    wanted = tuple(gene for gene, use in zip(reference.genes, used, strict=True) if use)
    scaled, notes = to_million(data)
    matched = match(wanted, data.genes, scaled)
    require(matched, least=least_coverage, what="quanTIseq")
    value, low, high = with_limits(
        _fractions,
        reference.profiles[used][matched.found],
        matched.values[matched.found],
        draws=draws,
        seed=seed,
        level=level,
    )
    cells = (*reference.cells, OTHER)
    return Fractions(
        method="quantiseq",
        unit="fraction of cells",
        cells=cells,
        samples=data.samples,
        values=value,
        low=low,
        high=high,
        level=level,
        coverage=np.full(len(cells), matched.found.mean()),
        missing=matched.missing,
        notes=notes + matched.notes(),
    )


def _fractions(A: Floats, B: Floats, weights: Floats | None) -> Floats:
    """Return cells x samples, the rest last: fit, mRNA content, the second look at Tregs, sum one."""
    reference = til10()
    cells = cells_from_mrna(capped_least_squares(A, B, weights), reference.mrna)
    rest = np.maximum(0.0, 1.0 - cells.sum(axis=0))
    cd4, tregs = reference.cells.index(CD4), reference.cells.index(TREGS)
    few = np.flatnonzero(cells[tregs] < FEW_TREGS)
    if len(few):
        # Tregs are CD4 T cells; where a fit finds hardly any, it is made again without CD4 T cells, the two
        # answers are averaged, and what Tregs gain is taken from CD4 T cells.
        kept = np.array([cell != CD4 for cell in reference.cells])
        without = cells_from_mrna(capped_least_squares(A[:, kept], B[:, few], weights), reference.mrna[kept])
        second = without[tregs - (cd4 < tregs)]
        cells[tregs, few] = (second + cells[tregs, few]) / 2
        cells[cd4, few] = np.maximum(0.0, cells[cd4, few] - (second + cells[tregs, few]) / 2)
    found = np.vstack([cells, rest])
    return np.asarray(found / found.sum(axis=0))
