"""Values computed elsewhere, to which measures of disproportionality are held; see oracles/make_*."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def peers():
    """Read a table of oracle values by name; the first line of each file says what made it."""

    def read(name):
        return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#", infer_schema_length=None)

    return read
