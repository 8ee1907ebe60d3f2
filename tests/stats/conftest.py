"""Values computed elsewhere, to which estimators are held; see oracles/make.R."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], pl.DataFrame]:
    """Read a table of oracle values by name; the first line of each file is the call that made it."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#")

    return read


@pytest.fixture(scope="session")
def loris_index():
    """The linear index of the pan-cancer LORIS (Chang 2024) from the columns of its workbook, written out anew."""
    terms = {  # any other type has none
        "Bladder": -0.3323,
        "Breast": -0.3323,
        "Colorectal": -0.102,
        "Endometrial": -0.0079,
        "Esophageal": 0.55,
        "Gastric": 0.2306,
        "Head & Neck": 0.0678,
        "Hepatobiliary": -0.1189,
        "Melanoma": -0.0086,
        "Mesothelioma": 0.1255,
        "NSCLC": 0.0008,
        "Ovarian": -0.052,
        "Pancreatic": -1.1169,
        "Renal": 0.5451,
        "Sarcoma": 0.0542,
        "SCLC": -0.0033,
    }
    return (
        0.0371 * pl.col("TMB").clip(upper_bound=50)
        - 0.8775 * pl.col("Systemic_therapy_history")
        + 0.5382 * pl.col("Albumin")
        - 0.033 * pl.col("NLR").clip(upper_bound=25)
        + 0.0049 * pl.col("Age").clip(upper_bound=85)
        + pl.col("CancerType").replace_strict(terms, default=0.0)
        - 2.0886
    )
