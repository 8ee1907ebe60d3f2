"""Values of R's maxstat; see oracles/make_maxstat.R."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def maxstat() -> Callable[[str], pl.DataFrame]:
    """Read a table of oracle values by name; the first line of each file is the call that made it."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#")

    return read
