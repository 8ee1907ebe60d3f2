"""The oracle cohort (see oracles/make_*), and scores of it by other programs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from coley.biology.scoring import GeneSets, gene_sets

ORACLES = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], np.ndarray]:
    """Read the numbers of a table: all columns but the first."""

    def read(name: str) -> np.ndarray:
        with (ORACLES / f"{name}.csv").open(encoding="utf-8") as file:
            return np.array([[float(x) for x in row[1:]] for row in list(csv.reader(file))[1:]])

    return read


@pytest.fixture(scope="session")
def cohort(oracle: Callable[[str], np.ndarray]) -> tuple[np.ndarray, GeneSets]:
    """Log expression of 200 genes in 15 samples, and six sets of 2 to 60 genes."""
    with (ORACLES / "sets.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["set"] for row in table))
    members = [[int(row["gene"][1:]) - 1 for row in table if row["set"] == name] for name in names]
    return oracle("expression"), gene_sets(names, members)


@pytest.fixture
def tied() -> np.ndarray:
    """Expression of 60 genes in 50 samples, on a grid coarse enough that many genes tie, many of them at 0."""
    rng = np.random.default_rng(5)
    return np.round(np.maximum(rng.normal(1, 1, (60, 50)) * rng.uniform(0.5, 2, (60, 1)), 0), 1)
