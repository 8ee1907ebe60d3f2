"""The catalogue of deconvolution methods, and of those that may not be shipped."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from coley.biology.deconvolution.facts import rows
from coley.biology.deconvolution.immunophenoscore import immunophenoscore
from coley.biology.deconvolution.mcp_counter import mcp_counter
from coley.biology.deconvolution.quantiseq import quantiseq
from coley.model.errors import InvalidSetting, nearest
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.biology.deconvolution.values import Fractions


@dataclass(frozen=True, slots=True)
class DeconvolutionMethod:
    """A way to tell what a sample is made of.

    Attributes
    ----------
    name, title
        Its key here and among the methods that answers cite, and its name in the field.
    needs
        Expression that it takes: "length-corrected" (TPM, FPKM) of the whole transcriptome, or "any" scaled
        to a million, of the markers alone.
    output
        What a value means.
    comparable_across
        Between what values may be compared: "samples", "cells" or both.
    function
        `function(X, genes, *, unit, samples=None, ...)` on genes x samples, to `Fractions`.
    """

    name: str
    title: str
    needs: str
    output: str
    comparable_across: tuple[str, ...]
    function: Callable[..., Fractions]


DECONVOLUTION: Registry[DeconvolutionMethod] = Registry("deconvolution method")
for _method in (
    DeconvolutionMethod(
        "quantiseq", "quanTIseq", "length-corrected", "fraction of cells", ("samples", "cells"), quantiseq
    ),
    DeconvolutionMethod(
        "mcp_counter", "MCP-counter", "any", "mean log2 of markers", ("samples",), mcp_counter
    ),
    DeconvolutionMethod(
        "immunophenoscore",
        "Immunophenoscore",
        "length-corrected",
        "z-scores of four classes, and a score from 0 to 10",
        ("samples",),
        immunophenoscore,
    ),
):
    DECONVOLUTION.add(_method.name, _method)


def estimate(
    X: ArrayLike, genes: Sequence[str], *, method: str = "quantiseq", unit: str, **options: Any
) -> Fractions:
    """Estimate what samples are made of, by a method of the catalogue.

    Parameters
    ----------
    X
        Genes x samples in `unit`.
    genes
        Gene symbols of the rows.
    method
        A name in `DECONVOLUTION`.
    unit
        "tpm", "log2_tpm1", "fpkm", "counts" ...
    **options
        Of the method: samples, level, and what else it takes.

    Raises
    ------
    InvalidSetting
        For a method whose licence keeps it out, with what can be done instead, and for an unknown option.
    UnknownName
        For a method that nobody here knows.

    Examples
    --------
    >>> estimate([[1.0]], ["CD8A"], method="CIBERSORT", unit="tpm")
    Traceback (most recent call last):
    ...
    coley.model.errors.InvalidSetting: CIBERSORT is not part of Coley: its licence allows non-commercial use only.
      remedy: Licence holders: deconvolve(X, genes, signature=frame, unit=...) takes your own LM22 table.
    """
    barred = _not_shipped().get(_plain(method))
    if barred is not None:
        raise InvalidSetting(
            f"{barred['title']} is not part of Coley: {barred['reason']}", remedy=barred["remedy"]
        )
    function = DECONVOLUTION[method].function
    known = [name for name in inspect.signature(function).parameters if name not in ("X", "genes", "unit")]
    for name in options:
        if name not in known:
            close = nearest(name, known)
            raise InvalidSetting(
                f"Method {method!r} has no option {name!r}.",
                remedy=f"Did you mean {close!r}?" if close else f"Its options are: {', '.join(known)}.",
            )
    return function(X, genes, unit=unit, **options)


@cache
def _not_shipped() -> dict[str, dict[str, str]]:
    return {name: row for row in rows("not_shipped.csv") for name in row["names"].split("|")}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
