"""Tables of pairs: those of openEBGM, and the real ones beside the repository."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="session")
def caers(peers):
    """Count and expected count of 17,189 pairs of food supplement and event (FDA's CAERS)."""
    table = peers("mgps_caers")
    many = table["pairs"].to_numpy()
    return np.repeat(table["N"].to_numpy(), many), np.repeat(table["E"].to_numpy(), many)


@pytest.fixture(scope="session")
def real_pairs(shared):
    """Read the cells of a real table by name, with what its margins expect."""

    def read(name):
        if name == "phvid_whole":
            path = shared / "phvid_example" / "phvid_pairs.csv.gz"
            table = pl.read_csv(path, new_columns=["drug", "event", "n"])
            counts = table.pivot(on="event", index="drug", values="n").drop("drug").fill_null(0).to_numpy()
            counts = counts.astype(float)
        elif name == "phvid":
            names = ["drug", "event", "n"]
            table = pl.read_csv(shared / "phvid_example" / "phvid_pairs.csv.gz", new_columns=names)
            n = pl.col("n")
            e = table.select(n.sum().over("drug") * n.sum().over("event") / n.sum()).to_series()
            return table["n"].to_numpy().astype(float), e.to_numpy()
        else:
            (path,) = shared.glob(f"*_contingency_tables/{name}.csv*")
            counts = pl.read_csv(path).drop("").to_numpy().astype(float)
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
        return counts.ravel(), expected.ravel()

    return read
