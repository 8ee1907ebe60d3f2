"""Values computed by metafor; see oracles/make_pooling.R."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def pooled_by_metafor():
    """Read a table of oracle values by name; the first line of each file is the call that made it."""

    def read(name):
        return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#")

    return read


@pytest.fixture(scope="session")
def bcg(pooled_by_metafor):
    """Log risk ratios of the 13 trials of BCG vaccine (Colditz 1994) and their standard errors."""
    rows = pooled_by_metafor("studies").filter(pl.col("set") == "bcg")
    return rows["y"].to_numpy(), rows["v"].sqrt().to_numpy()
