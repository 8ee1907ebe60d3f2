"""The table of genes: whole, with a source, small enough to ship."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

from coley.biology.genes import gene_table
from coley.biology.genes.build import build

RESOURCES = files("coley.biology.genes").joinpath("resources")


def test_it_holds_the_genes_of_the_genome() -> None:
    table = gene_table()
    assert sum(map(table.is_protein_coding, table.approved)) > 19_000
    for symbol, locus in [
        ("IGHG1", "immunoglobulin gene"),
        ("TRBC1", "T cell receptor gene"),
        ("MALAT1", "RNA, long non-coding"),
    ]:
        assert table.approved[symbol] == locus
    assert table.ensembl[111537] == "IFNG"
    assert table.entrez[925] == "CD8A"


def test_no_name_is_both_approved_and_withdrawn() -> None:
    table = gene_table()
    assert not table.withdrawn & table.approved.keys()
    assert not table.withdrawn & table.previous.keys()
    assert not table.withdrawn & table.alias.keys()


def test_each_part_says_where_it_comes_from_and_its_licence() -> None:
    rows = list(csv.DictReader(RESOURCES.joinpath("sources.csv").read_text("utf-8").splitlines()))
    assert rows
    assert all(row["source"] and row["version"] and row["licence"].startswith("CC0") for row in rows)
    assert len(RESOURCES.joinpath("genes.parquet").read_bytes()) < 2**20


def test_it_can_be_built_anew(tmp_path: Path) -> None:
    import polars as pl

    header = (
        "symbol\tlocus_type\tlocus_group\tstatus\tprev_symbol\talias_symbol\tensembl_gene_id\tentrez_id\n"
    )
    kind = "gene with protein product\tprotein-coding gene"
    now, then, out = (tmp_path / name for name in ("now.txt", "then.txt", "genes.parquet"))
    now.write_text(f'{header}VSIR\t{kind}\tApproved\tC10orf54\t"VISTA|B7H5"\tENSG00000107738\t64115\n')
    then.write_text(
        f"{header}C10orf54\t{kind}\tApproved\t\t\t\t\nGONE1\t{kind}\tApproved\t\t\t\t\n"
        f"OLD1\twithdrawn\twithdrawn\tEntry Withdrawn\t\t\t\t\n"
    )
    build(now, then, out)
    assert pl.read_parquet(out).rows() == [
        ("GONE1", "withdrawn", "withdrawn", None, None, None, None),
        ("OLD1", "withdrawn", "withdrawn", None, None, None, None),
        ("VSIR", "gene with protein product", "protein-coding gene", "C10orf54", "VISTA|B7H5", 107738, 64115),
    ]
