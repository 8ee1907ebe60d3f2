"""The immunophenoscore: four sides of immunogenicity, each from z-scores within the sample itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.expression import WHOLE_TRANSCRIPTOME, comparable_between_genes, expression
from coley.biology.deconvolution.facts import ScoredGene, immunophenoscore_genes
from coley.biology.deconvolution.least_squares import percentile_limits
from coley.biology.deconvolution.matching import match, require
from coley.biology.deconvolution.values import Fractions
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CHAROENTONG = (
    "Charoentong P, Finotello F, Angelova M, et al. Pan-cancer immunogenomic analyses reveal "
    "genotype-immunophenotype relationships and predictors of response to checkpoint blockade. "
    "Cell Rep 2017;18:248-262."
)
CLASSES = ("MHC", "EC", "SC", "CP")  # MHC molecules, effector cells, suppressor cells, checkpoints
TOP = 3.0  # the sum of the classes that scores 10; 0 and less scores 0 (Charoentong 2017)
LEAST_COVERAGE = 0.8  # share of the genes that must be there; the authors set none
DRAWS = 200


@method(
    "immunophenoscore",
    title="Immunophenoscore",
    summary="A score from 0 to 10 of MHC molecules, effector cells, suppressor cells and checkpoints in a sample.",
    needs="TPM of the whole transcriptome, by gene symbol",
    limits="Each z is taken against all genes of the sample, so samples compare only where the same genes were "
    "measured in the same way. The interval is a bootstrap over genes, within a group or within a class of single "
    "genes: it says how far the score hangs on the choice of genes, not how well it was measured.",
    references=(CHAROENTONG,),
)
def immunophenoscore(
    X: ArrayLike,
    genes: Sequence[str],
    *,
    unit: str,
    samples: Sequence[str] | None = None,
    least_coverage: float = LEAST_COVERAGE,
    draws: int = DRAWS,
    seed: int = 1,
    level: float = 0.95,
) -> Fractions:
    """Score each sample by itself; rows MHC, EC, SC, CP, their sum, and the score from 0 to 10.

    Weights are the published ones: suppressor cells and inhibitory checkpoints count negative.

    Parameters
    ----------
    X
        Genes x samples in `unit`: all genes that were measured.
    genes, samples
        Gene symbols of the rows (former ones are recognised), names of the columns.
    unit
        "tpm", "log2_tpm1" ...; counts are refused.
    least_coverage
        Least share of the genes that the data must hold. A group of which no gene is there makes its
        class NaN, and with it the score.
    draws, seed, level
        Bootstrap over genes; without draws there are no limits.

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where the matrix is not what it is said to be, or its unit does not compare genes.
    MissingData
        Where too few genes are there.

    References
    ----------
    Charoentong 2017, Methods, "Immunophenoscore".

    Examples
    --------
    >>> names = sorted({row.gene for row in immunophenoscore_genes()})
    >>> X = np.linspace(0, 200, 12_000)[:, None]
    >>> found = immunophenoscore(X, [*names, *map(str, range(12_000 - len(names)))], unit="tpm", draws=0)
    >>> found.cells
    ('MHC', 'EC', 'SC', 'CP', 'sum', 'score')
    """
    data = expression(X, genes, unit=unit, samples=samples, least_genes=WHOLE_TRANSCRIPTOME)
    comparable_between_genes(data, "The immunophenoscore")
    table = immunophenoscore_genes()
    logs = np.log2(data.values + 1)
    matched = match(tuple(dict.fromkeys(row.gene for row in table)), data.genes, logs)
    require(matched, least=least_coverage, what="The immunophenoscore")
    place = {gene: i for i, gene in enumerate(matched.wanted)}
    at = np.array([place[row.gene] for row in table])
    there = matched.found[at]
    rows = [row for row, known in zip(table, there, strict=True) if known]
    share, whole = _shares(table, rows)
    seen = (matched.values[at[there]] - logs.mean(axis=0)) / logs.std(axis=0, ddof=1)

    value = _scores(share @ seen, whole)
    low, high = np.full((2, *value.shape), np.nan)
    if draws > 0:
        times = _drawn(rows, draws, seed)
        low, high = percentile_limits(
            np.array([_scores((share * row) @ seen, whole) for row in times]), value, level
        )
    coverage = [
        np.mean([known for r, known in zip(table, there, strict=True) if r.category == c]) for c in CLASSES
    ]
    broken = [name for name, complete in zip(CLASSES, whole, strict=True) if not complete]
    notes = (f"A whole group of genes is missing from: {', '.join(broken)}.",) if broken else ()
    return Fractions(
        method="immunophenoscore",
        unit="weighted mean z (score: 0 to 10)",
        cells=(*CLASSES, "sum", "score"),
        samples=data.samples,
        values=value,
        low=low,
        high=high,
        level=level,
        coverage=np.array([*coverage, there.mean(), there.mean()]),
        missing=matched.missing,
        notes=notes + matched.notes(),
    )


def _shares(table: Sequence[ScoredGene], rows: Sequence[ScoredGene]) -> tuple[Floats, list[bool]]:
    """Return classes x genes: what one z adds to its class; and whether each class has all of its groups.

    A class is the mean over its groups of weight x mean z of the genes of the group.
    """
    groups = {c: {row.group for row in table if row.category == c} for c in CLASSES}
    size: dict[str, int] = {}
    for row in rows:
        size[row.group] = size.get(row.group, 0) + 1
    share = np.array(
        [
            [row.weight / size[row.group] / len(groups[c]) if row.category == c else 0.0 for row in rows]
            for c in CLASSES
        ]
    )
    return share, [groups[c] <= size.keys() for c in CLASSES]


def _scores(classes: Floats, whole: list[bool]) -> Floats:
    """Return the classes, their sum and the score; NaN where a class lacks a group."""
    known = np.where(np.array(whole)[:, None], classes, np.nan)
    total = known.sum(axis=0)
    return np.vstack([known, total, np.rint(np.clip(total / TOP, 0, 1) * 10)])


def _drawn(rows: Sequence[ScoredGene], draws: int, seed: int) -> Floats:
    """Return how often each gene is drawn: within its group, or among the single genes of class and sign."""
    rng = np.random.default_rng(seed)
    size: dict[str, int] = {}
    for row in rows:
        size[row.group] = size.get(row.group, 0) + 1
    strata: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        single = (row.category, str(np.sign(row.weight)))
        strata.setdefault((row.group,) if size[row.group] > 1 else single, []).append(i)
    times = np.empty((draws, len(rows)))
    for members in strata.values():
        m = len(members)
        times[:, members] = rng.multinomial(m, np.full(m, 1 / m), size=draws)
    return times
