"""Named streams of random numbers, so that one draw never shifts another."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Streams:
    """One generator per name, all of them determined by one seed.

    Draws are made patient by patient (rows first), each name once. Patient i therefore keeps his values
    when the study grows, and adding a table changes none of the others.

    Parameters
    ----------
    seed
        Any non-negative integer.

    Examples
    --------
    >>> a, b = Streams(1)("age").random(3), Streams(1)("age").random(5)
    >>> bool((a == b[:3]).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, *name: str) -> np.random.Generator:
        """Return the generator of this name, at its start."""
        return np.random.default_rng([self.seed, crc32("/".join(name).encode())])

    def uniform(self, name: str, patients: int, width: int = 0) -> Floats:
        """Return uniform draws of shape (patients,) or (patients, width), inside (0, 1)."""
        shape = (patients, width) if width else (patients,)
        return np.clip(self(name).random(shape), 1e-12, 1 - 1e-12)

    def normal(self, name: str, patients: int, width: int = 0) -> Floats:
        """Return standard normal draws of shape (patients,) or (patients, width)."""
        return self(name).standard_normal((patients, width) if width else (patients,))
