"""The catalogue of scoring methods: how to score a gene set in a sample, and what each way needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from coley.model.method import method
from coley.model.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Scale = Literal["log", "linear", "rank"]
Weights = Literal["value", "sign", "none"]
F = TypeVar("F", bound=Callable[..., Any])

# Samples from which a gene's mean and standard deviation are taken, at least: with ten, the standard
# deviation of a gene still has a relative standard error of 1 / sqrt(2 * 9), about a quarter.
COHORT = 10


@dataclass(frozen=True, slots=True)
class ScoringMethod:
    """A way to score gene sets, and what it asks of the data.

    Attributes
    ----------
    name, title
        Its key here and among the methods that answers cite, and its name in the field.
    single_sample
        True where the score of a sample depends on that sample alone. Every other method becomes so with
        a frozen reference.
    scale
        The expression that it takes: "log" (log2(TPM + 1), or microarray intensities on the log scale),
        "linear" (TPM), or "rank" (either, since only the order of genes within a sample counts).
    cohort_needs
        Least number of samples, without a reference.
    weights
        What it makes of weights: their "value", their "sign" (up, down), or "none": then a set with
        negative weights is refused, since its low genes would count as high ones.
    function
        `function(X, sets, *, reference=None, ...)`: genes x samples to sets x samples.
    """

    name: str
    title: str
    single_sample: bool
    scale: Scale
    cohort_needs: int
    weights: Weights
    function: Callable[..., NDArray[np.float64]]


SCORING: Registry[ScoringMethod] = Registry("scoring method")


def scoring(
    name: str,
    *,
    title: str,
    summary: str,
    needs: str,
    limits: str,
    references: Iterable[str],
    scale: Scale,
    weights: Weights,
    cohort_needs: int = 1,
) -> Callable[[F], F]:
    """Register the decorated function as a method and as a scoring method; return it unchanged."""

    def register(function: F) -> F:
        cited = method(name, title=title, summary=summary, needs=needs, limits=limits, references=references)(
            function
        )
        SCORING.add(
            name,
            ScoringMethod(name, title, cohort_needs == 1, scale, cohort_needs, weights, function),
        )
        return cited

    return register
