"""Published draws of costs and effects, and what was published about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ORACLES = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], pl.DataFrame]:
    """Read a table of oracle values by name; the first lines of each file say what made it."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(ORACLES / f"{name}.csv", comment_prefix="#")

    return read


@pytest.fixture(scope="session")
def economics(shared):
    return shared / "economics"


def _expected(folder):
    return json.loads((folder / "expected.json").read_text())


@pytest.fixture(scope="session")
def vaccine(economics):
    folder = economics / "bcea_vaccine_smoking"
    table = pl.read_csv(folder / "vaccine_psa.csv")
    return table[:, 2:].to_numpy(), table[:, :2].to_numpy(), _expected(folder)["vaccine"]


@pytest.fixture(scope="session")
def smoking(economics):
    folder = economics / "bcea_vaccine_smoking"
    table = pl.read_csv(folder / "smoking_psa.csv")
    return table[:, 4:].to_numpy(), table[:, :4].to_numpy(), _expected(folder)["smoking"]


@pytest.fixture(scope="session")
def c_difficile(economics):
    folder = economics / "dampack_cdiff"
    costs, effects = (pl.read_csv(folder / f"psa_{kind}.csv") for kind in ("cost", "effect"))
    return costs.to_numpy(), effects.to_numpy(), costs.columns, _expected(folder)


@pytest.fixture(scope="session")
def chemotherapy(economics):
    folder = economics / "voi_chemo"
    table = pl.read_csv(folder / "chemo_psa.csv")
    costs, effects = (table.select(f"{x}_SoC", f"{x}_Novel").to_numpy() for x in "ce")
    return costs, effects, table.select(pl.exclude("^[ce]_(SoC|Novel)$")), _expected(folder)
