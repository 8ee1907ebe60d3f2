"""The catalogue: what it holds, what it refuses, and that its tables say where they come from."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
import pytest

from coley.biology.deconvolution import DECONVOLUTION, estimate
from coley.biology.deconvolution.facts import mcp_markers
from coley.biology.genes import gene_table
from coley.model.errors import InvalidSetting, UnknownName
from coley.model.method import METHODS

RESOURCES = files("coley.biology.deconvolution.resources")


def table(name):
    return list(csv.DictReader(RESOURCES.joinpath(name).read_text(encoding="utf-8").splitlines()))


def test_every_method_can_be_cited_and_called_by_name():
    assert set(DECONVOLUTION) == {"quantiseq", "mcp_counter", "immunophenoscore"}
    for name, entry in DECONVOLUTION.items():
        assert METHODS[name].title == entry.title
        assert METHODS[name].references
        assert set(entry.comparable_across) <= {"samples", "cells"}
    genes = [gene for genes in mcp_markers().values() for gene in genes]
    found = estimate(np.ones((111, 2)), genes, method="mcp_counter", unit="tpm", samples=["a", "b"])
    assert found.method == "mcp_counter"
    assert found.samples == ("a", "b")
    frame = found.frame()
    assert frame.height == 20
    assert frame["low"].null_count() == 2  # CD8 T cells have one marker
    with pytest.raises(UnknownName, match="cell type"):
        found.of("T cell")


@pytest.mark.parametrize(
    "name", ["EPIC", "CIBERSORT", "CIBERSORTx", "LM22", "ABIS", "xCell", "ConsensusTME", "MFP", "ESTIMATE"]
)
def test_methods_that_may_not_be_shipped_are_refused_with_the_reason(name):
    with pytest.raises(InvalidSetting, match="is not part of Coley: its") as error:
        estimate([[1.0]], ["CD8A"], method=name, unit="tpm")
    assert error.value.remedy


def test_misspelt_methods_and_options():
    with pytest.raises(UnknownName, match="quantiseq"):
        estimate([[1.0]], ["CD8A"], method="quantiseek", unit="tpm")
    with pytest.raises(InvalidSetting, match="Did you mean 'tumour'"):
        estimate([[1.0]], ["CD8A"], method="quantiseq", unit="tpm", tumor=True)


def test_every_table_has_a_source_and_a_licence():
    sources = table("SOURCES.csv")
    shipped = {entry.name for entry in RESOURCES.iterdir() if entry.name.endswith(".csv")} - {"SOURCES.csv"}
    assert {row["resource"] for row in sources} == shipped
    assert all(row["source"] and row["version"] and row["licence"] for row in sources)
    notice = RESOURCES.joinpath("NOTICE").read_text(encoding="utf-8")
    assert notice.count("Innsbruck Medical University") == 2
    for row in sources:
        if row["licence"].startswith("BSD"):
            assert row["resource"] in notice


@pytest.mark.parametrize("name", ["til10_signature.csv", "mcp_counter.csv", "immunophenoscore.csv"])
def test_markers_are_genes_that_hgnc_knows(name):
    genes = gene_table()
    known = genes.approved.keys() | genes.previous.keys() | genes.alias.keys() | set(genes.withdrawn)
    assert {row["gene"] for row in table(name)} <= known | {"MGC40069"}  # in no list of HGNC


@pytest.mark.real
def test_tables_equal_the_published_files(shared):
    folder = shared / "deconvolution"
    rows = [
        line.split("\t") for line in (folder / "quantiseq_TIL10/TIL10_signature.txt").read_text().splitlines()
    ]
    ours = table("til10_signature.csv")
    assert [row["gene"] for row in ours] == [row[0] for row in rows[1:]]
    assert [list(row.values())[2:] for row in ours] == [row[1:] for row in rows[1:]]
    for word, name in (("rnaseq", "rmgenes"), ("tumour", "TCGA_aberrant_immune_genes")):
        listed = set((folder / f"quantiseq_TIL10/TIL10_{name}.txt").read_text().split())
        assert {row["gene"] for row in ours if word in row["left_out_for"].split("|")} == listed
    theirs = [
        line.split("\t") for line in (folder / "ips_immunophenogram/IPS_genes.txt").read_text().splitlines()
    ]
    assert [list(row.values()) for row in table("immunophenoscore.csv")] == theirs[1:]
    lines = (folder / "mcpcounter/genes.txt").read_text().replace('"', "").splitlines()[1:]
    published = [tuple(line.split("\t")[:2]) for line in lines]
    assert [(row["published_symbol"], row["population"]) for row in table("mcp_counter.csv")] == published
