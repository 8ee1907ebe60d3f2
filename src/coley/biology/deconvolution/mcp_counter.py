"""MCP-counter: the abundance of ten populations, each only against itself in other samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.expression import expression
from coley.biology.deconvolution.facts import mcp_markers
from coley.biology.deconvolution.matching import match, require
from coley.biology.deconvolution.values import Fractions
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BECHT = (
    "Becht E, Giraldo NA, Lacroix L, et al. Estimating the population abundance of tissue-infiltrating immune "
    "and stromal cell populations using gene expression. Genome Biol 2016;17:218."
)
# Share of all markers that must be there; the published method takes whatever it finds, and a score from a
# few of its markers is another score.
LEAST_COVERAGE = 0.8


@method(
    "mcp_counter",
    title="MCP-counter",
    summary="Abundance scores of eight immune populations, endothelial cells and fibroblasts: mean log2 of markers.",
    needs="expression of the marker genes: TPM, FPKM, or counts scaled to a million",
    limits="Scores are not fractions. They compare one population between samples of one platform and one "
    "quantification, and never two populations, because each has markers of its own. CD8 T cells rest on "
    "one gene (CD8B), whose score has no interval. The interval is one of the comparison with the mean of "
    "the cohort, so it needs other samples; the score itself does not depend on them.",
    references=(BECHT,),
)
def mcp_counter(
    X: ArrayLike,
    genes: Sequence[str],
    *,
    unit: str,
    samples: Sequence[str] | None = None,
    least_coverage: float = LEAST_COVERAGE,
    level: float = 0.95,
) -> Fractions:
    """Score ten cell populations by the mean log2(expression + 1) of their markers.

    Parameters
    ----------
    X
        Genes x samples in `unit`.
    genes, samples
        Gene symbols of the rows (former ones are recognised), names of the columns.
    unit
        "tpm", "log2_tpm1", "fpkm", "counts" ...
    least_coverage
        Least share of the markers of all populations that the data must hold.
    level
        Coverage of the intervals: Student's t over the markers, each taken from its own mean in the cohort.

    Raises
    ------
    UnreadableInput
        Where the matrix is not what it is said to be.
    MissingData
        Where too few markers are there.

    References
    ----------
    Becht 2016, Methods: the arithmetic mean of log2 expression of the markers of a population.

    Examples
    --------
    >>> markers = [gene for genes in mcp_markers().values() for gene in genes]
    >>> found = mcp_counter(np.full((111, 2), [1.0, 3.0]), markers, unit="tpm")
    >>> found.of("T cells")
    array([1., 2.])
    """
    if not 0 < level < 1:
        raise InvalidSetting(f"A level of {level} is no coverage of an interval.", remedy="Give 0.95, say.")
    data = expression(X, genes, unit=unit, samples=samples)
    populations = mcp_markers()
    matched = match([gene for markers in populations.values() for gene in markers], data.genes, data.values)
    require(matched, least=least_coverage, what="MCP-counter")
    logs = np.log2(matched.values + 1)
    scores, low, high = np.full((3, len(populations), len(data.samples)), np.nan)
    coverage = np.zeros(len(populations))
    start = 0
    for i, markers in enumerate(populations.values()):
        own = slice(start, start + len(markers))
        start += len(markers)
        there = logs[own][matched.found[own]]
        coverage[i] = matched.found[own].mean()
        if len(there):
            scores[i] = there.mean(axis=0)
            half = _half_width(there, level)
            low[i], high[i] = scores[i] - half, scores[i] + half
    notes = ["Compare a population between samples only, never two populations."]
    absent = [name for name, share in zip(populations, coverage, strict=True) if share == 0]
    if absent:
        notes.append(f"No marker is there of: {', '.join(absent)}.")
    if len(data.samples) < 2:
        notes.append("No intervals: with one sample nothing shows how far markers disagree.")
    return Fractions(
        method="mcp_counter",
        unit=f"mean log2({data.label} + 1)",
        cells=tuple(populations),
        samples=data.samples,
        values=scores,
        low=low,
        high=high,
        level=level,
        coverage=coverage,
        missing=matched.missing,
        notes=(*notes, *matched.notes()),
    )


def _half_width(logs: Floats, level: float) -> Floats:
    """Half the t interval of a mean of markers x samples, each marker taken from its mean over samples.

    Markers differ in level for good, which says nothing about a sample; what they say about it is how far
    they agree once that is taken out. With n samples the centring removes 1/n of the variance.
    """
    from scipy.special import stdtrit

    m, n = logs.shape
    if m < 2 or n < 2:
        return np.full(n, np.nan)
    spread = (logs - logs.mean(axis=1, keepdims=True)).std(axis=0, ddof=1) / np.sqrt(1 - 1 / n)
    return np.asarray(stdtrit(m - 1, (1 + level) / 2) * spread / np.sqrt(m))
