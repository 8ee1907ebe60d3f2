"""Cells: which genes the fractions are of, whose numbers they rest on, and why a method is not used."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.biology.deconvolution import quantiseq
from coley.biology.expression import prepare
from coley.run.score.cells import COLUMNS, cells_of
from coley.run.score.settings import CELLS, ScoreSettings, methods_asked

from .conftest import coding_genes

SMALL_RNA = ["SNORD33", "RNY5", "MIR650"]


def test_small_rna_among_fpkm_does_not_dilute_the_fractions(tpm: np.ndarray) -> None:
    genes, clean = coding_genes(), tpm[:, :2]
    rna = np.array([[4e6, 0.0], [2e6, 0.0], [3e6, 10.0]])  # most of the first sample, none of the second
    made = prepare(np.vstack([clean, rna]), unit="fpkm", genes=[*genes, *SMALL_RNA], samples=["many", "few"])
    found = cells_of(made, ("quantiseq",), by_reference=False).table
    expected = quantiseq(clean, genes, unit="tpm", samples=["many", "few"]).frame()
    both = found.join(expected, on=["sample_id", "cell"], suffix="_expected")
    assert both.height == 22
    assert both["value"].to_numpy() == pytest.approx(both["value_expected"].to_numpy(), abs=1e-3)


def test_whose_numbers_a_value_and_its_interval_depend_on(tpm: np.ndarray) -> None:
    made = prepare(tpm[:, :2], unit="tpm", genes=coding_genes(), samples=["a", "b"])
    methods = methods_asked(ScoreSettings())
    assert len(methods) == len(CELLS) == 3
    free = cells_of(made, methods, by_reference=False).table
    held = cells_of(made, methods, by_reference=True).table
    assert tuple(free.columns) == COLUMNS
    assert set(free["kind"]) == {"single-sample"}
    intervals = dict(free.select("method", "interval").unique().iter_rows())
    assert intervals == {
        "quantiseq": "single-sample",
        "mcp_counter": "cohort-relative (n = 2)",
        "immunophenoscore": "single-sample",
    }
    mcp = pl.col("method") == "mcp_counter"
    assert free.filter(mcp)["low"].null_count() < 20
    assert held.filter(mcp)["low"].null_count() == held.filter(mcp)["high"].null_count() == 20
    assert held.filter(mcp)["interval"].unique().to_list() == [""]
    assert held.filter(~mcp).equals(free.filter(~mcp))
    assert held["value"].equals(free["value"])


def test_methods_that_cannot_be_used_say_why(tpm: np.ndarray) -> None:
    z = (tpm - tpm.mean(axis=1, keepdims=True)) / tpm.std(axis=1, keepdims=True)
    names = [f"s{i}" for i in range(12)]
    for values, unit, used in ((z, "z_score", []), (np.rint(tpm * 20), "counts", ["mcp_counter"])):
        made = prepare(values, unit=unit, genes=coding_genes(), samples=names)
        cells = cells_of(made, ("quantiseq", "mcp_counter", "immunophenoscore"), by_reference=False)
        assert list(cells.notes) == used
        assert len(cells.refused) == 3 - len(used)
        assert all(cells.refused.values())
        assert set(cells.table["method"]) == set(used)
