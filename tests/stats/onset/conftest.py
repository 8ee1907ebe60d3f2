"""Oracle values of this folder; see oracles/make_onset.R."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def onset_oracle():
    """Read a table of oracle values by name; the first line of each file is the call that made it."""
    return lambda name: pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#")
