"""h5ad files, by way of the package anndata, which is an extra."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.read.expression.matrix import Matrix, check_size
from coley.read.kinds import head_of, kind_of

if TYPE_CHECKING:
    from pathlib import Path

SYMBOLS = (
    "gene_symbol",
    "gene_symbols",
    "symbol",
    "gene_name",
    "gene_names",
    "feature_name",
)  # columns of var
_ENSEMBL = "ENSG"


def read_h5ad(path: Path) -> Matrix:
    """Read the matrix X of an h5ad file, samples in rows and genes in columns as anndata has them.

    Raises
    ------
    UnreadableInput
        Where anndata is not installed, the file is broken, or it holds no X.
    """
    kind, title = kind_of(head_of(path))
    if kind != "hdf5":
        raise UnreadableInput(f"{path.name} is {title}, not an h5ad file.", where=str(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the libraries about each other
            import anndata
    except ImportError:
        raise UnreadableInput(
            f"{path.name} is an h5ad file, and the package anndata, which reads it, is not installed.",
            where=str(path),
            remedy="pip install 'coley[anndata]'; or export the matrix as TSV.",
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = anndata.read_h5ad(path, backed="r")
            n = int(data.n_obs) * int(data.n_vars)
            check_size(n, path.name)
            data = data.to_memory()
    except UnreadableInput:
        raise
    except Exception as error:  # h5py, anndata and pandas each raise errors of their own about the file
        raise UnreadableInput(
            f"{path.name} is an HDF5 file that anndata cannot read.",
            where=str(path),
            cause=str(error).split("\n")[0],
        ) from None
    if data.X is None:
        layers = ", ".join(map(str, data.layers)) or "none"
        raise UnreadableInput(
            f"{path.name} has no matrix X.",
            where=f"{path}; its layers: {layers}",
            remedy="Put the layer into X.",
        )
    values = np.asarray(data.X.toarray() if hasattr(data.X, "toarray") else data.X, dtype=np.float64)
    genes = tuple(map(str, data.var_names))
    notes: tuple[Check, ...] = ()
    named = next((name for name in SYMBOLS if name in data.var.columns), None)
    if named is not None and sum(gene.startswith(_ENSEMBL) for gene in genes) > len(genes) / 2:
        genes = tuple(map(str, data.var[named]))
        notes = (
            Check("gene_symbols", "pass", f"Genes are named by var[{named!r}].", where=Where(path.name)),
        )
    rows = tuple(map(str, data.obs_names))
    return Matrix(path.name, values, rows, genes, tuple(range(1, len(rows) + 1)), "columns", notes)
