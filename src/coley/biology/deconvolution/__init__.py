"""What a tumour sample is made of, as far as its bulk expression tells.

Every method is `f(X, genes, *, unit, samples=None, ...)` on genes x samples and returns `Fractions`;
`DECONVOLUTION` is their catalogue, `estimate` calls one by name, `deconvolve` takes your own reference.
"""

from coley.biology.deconvolution.catalogue import DECONVOLUTION, DeconvolutionMethod, estimate
from coley.biology.deconvolution.immunophenoscore import immunophenoscore
from coley.biology.deconvolution.mcp_counter import mcp_counter
from coley.biology.deconvolution.own_reference import deconvolve
from coley.biology.deconvolution.quantiseq import quantiseq
from coley.biology.deconvolution.values import Fractions

__all__ = [
    "DECONVOLUTION",
    "DeconvolutionMethod",
    "Fractions",
    "deconvolve",
    "estimate",
    "immunophenoscore",
    "mcp_counter",
    "quantiseq",
]
