"""A reference as a file: numpy arrays in one archive, never pickled, examined before they are believed."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

import numpy as np

from coley.biology.scoring.catalogue import COHORT
from coley.biology.scoring.gene_sets import GeneSets
from coley.biology.scoring.reference import Reference, from_sorted
from coley.model.errors import ColeyError, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 1
MAX_BYTES = (
    4 << 30
)  # unpacked: 50,000 genes of 10,000 samples; more is not a reference but an attack or an error
KINDS = {"version": "i", "genes": "U", "values": "f"}
LOADINGS = {"set_names": "U", "set_indices": "i", "set_starts": "i", "set_loadings": "f"}


def save(reference: Reference, path: str | Path) -> None:
    """Write a reference to a file.

    Parameters
    ----------
    reference
        Of `freeze`.
    path
        By custom it ends in .npz.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from coley.biology.scoring import freeze
    >>> with TemporaryDirectory() as folder:
    ...     save(freeze(np.arange(20.0).reshape(2, 10), ["CD8A", "GZMB"]), Path(folder) / "cohort.npz")
    ...     load(Path(folder) / "cohort.npz").mean
    array([ 4.5, 14.5])
    """
    arrays: dict[str, NDArray[Any]] = {
        "version": np.array([VERSION]),
        "genes": np.array(reference.genes, dtype=np.str_),
        "values": reference.values,
    }
    if reference.loadings is not None:
        sets = reference.loadings
        arrays |= {
            "set_names": np.array(sets.names, dtype=np.str_),
            "set_indices": sets.indices,
            "set_starts": sets.starts,
            "set_loadings": sets.weights,
        }
    with Path(path).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load(path: str | Path) -> Reference:
    """Read a reference from a file.

    Raises
    ------
    UnreadableInput
        Where the file is not one that `save` wrote, whatever else it is.
    """
    try:
        with ZipFile(path) as archive:
            return _reference(_arrays(archive))
    except ColeyError as error:
        reason = error.what
    except (OSError, BadZipFile) as error:
        reason = str(error)
    except (
        Exception
    ) as error:  # hostile bytes fail in zlib, zipfile and numpy in more ways than can be listed
        reason = f"{type(error).__name__}: {error}"
    raise UnreadableInput(
        "This file is not a reference that can be read.",
        where=str(path),
        cause=reason,
        remedy="Make it again with `freeze` and `save`.",
    )


def _arrays(archive: ZipFile) -> dict[str, NDArray[Any]]:
    members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    if set(members) not in (set(KINDS), {*KINDS, *LOADINGS}) or len(members) < len(archive.infolist()):
        raise UnreadableInput("It holds other arrays than a reference has.")
    if sum(info.file_size for info in members.values()) > MAX_BYTES:
        raise UnreadableInput(f"Its arrays unpack to more than {MAX_BYTES >> 30} GiB.")
    arrays = {}
    for name, info in members.items():
        with archive.open(info) as file:
            arrays[name] = _array(name, file)
    return arrays


def _array(name: str, file: IO[bytes]) -> NDArray[Any]:
    """Read one array; nothing is made of the size that its header claims."""
    shape, fortran, dtype = _header(file)
    if dtype.kind != (KINDS | LOADINGS)[name] or (fortran and len(shape) > 1):
        raise UnreadableInput(f"Array {name} is of another kind than a reference has.")
    wanted = prod(shape) * dtype.itemsize
    content = file.read(wanted + 1)  # takes no more than is there, whatever the header claims
    if len(content) != wanted:
        raise UnreadableInput(f"Array {name} does not hold as many values as it claims.")
    array = np.frombuffer(content, dtype=dtype).reshape(shape)
    return array.astype({"i": np.int64, "f": np.float64}.get(dtype.kind, dtype))


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    from numpy.lib import format as npy

    if npy.read_magic(file) != (1, 0):
        raise UnreadableInput("Its arrays are written in a version that `save` does not use.")
    return npy.read_array_header_1_0(file)


def _reference(arrays: dict[str, NDArray[Any]]) -> Reference:
    genes, values = arrays["genes"], arrays["values"]
    if arrays["version"].tolist() != [VERSION]:
        raise UnreadableInput("It is of another version than this program writes.")
    if genes.ndim != 1 or values.ndim != 2 or len(genes) != len(values) or not values.size:
        raise UnreadableInput("It does not hold one row of values for each gene.")
    if len(np.unique(genes)) < len(genes):
        raise UnreadableInput("It names a gene twice.")
    if values.shape[1] < COHORT:
        raise UnreadableInput(f"It rests on fewer than {COHORT} samples.")
    if not np.isfinite(values).all() or (np.diff(values, axis=1) < 0).any():
        raise UnreadableInput("Its values are not finite numbers in ascending order.")
    loadings = _loadings(arrays, len(genes)) if "set_names" in arrays else None
    return from_sorted(tuple(genes.tolist()), np.ascontiguousarray(values), loadings)


def _loadings(arrays: dict[str, NDArray[Any]], genes: int) -> GeneSets:
    names, indices, starts, weights = (arrays[name] for name in LOADINGS)
    if any(array.ndim != 1 for array in (names, indices, starts, weights)):
        raise UnreadableInput("Its gene sets are not lists.")
    fits = (
        len(np.unique(names)) == len(names)
        and len(starts) == len(names) + 1
        and len(indices) == len(weights)
        and starts[0] == 0
        and starts[-1] == len(indices)
        and (np.diff(starts) >= 0).all()
        and ((indices >= 0) & (indices < genes)).all()
        and not np.isinf(weights).any()
    )
    if not fits:
        raise UnreadableInput("Its gene sets do not fit its genes.")
    return GeneSets(tuple(names.tolist()), indices, starts, weights)
