"""Repair of gene names: each reason once by hand, and what must hold for every list."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.genes import gene_table, repair


@pytest.mark.parametrize(
    ("name", "symbol", "reason"),
    [
        ("SQRDL", "SQOR", "previous symbol"),  # the four that quanTIseq's M1 signature needs
        ("FAM179A", "TOGARAM2", "previous symbol"),
        ("BZRAP1", "TSPOAP1", "previous symbol"),
        ("ADRBK2", "GRK3", "previous symbol"),
        ("CCRN4L", "NOCT", "previous symbol"),
        ("C10orf54", "VSIR", "previous symbol"),
        ("VISTA", "VSIR", "alias"),
        ("PDL2", "PDCD1LG2", "alias"),
        ("SEPT2", "SEPTIN2", "previous symbol"),  # also an alias of SEPTIN6: the official name goes first
        ("3-Sep", "SEPTIN3", "Excel date"),
        ("Sep-03", "SEPTIN3", "Excel date"),
        ("2017-09-03", "SEPTIN3", "Excel date"),
        ("2017-09-03 00:00:00", "SEPTIN3", "Excel date"),
        ("15-Sep", "SELENOF", "Excel date"),
        ("1-Dec", "DELEC1", "Excel date"),
        ("ENSG00000111537", "IFNG", "Ensembl id"),
        ("ENSG00000111537.4", "IFNG", "Ensembl id"),
        ("925", "CD8A", "Entrez id"),
        ("LOC925", "CD8A", "LOC and an Entrez id"),
        ("CD8A|925", "CD8A", "symbol with an id"),
        ("?|925", "CD8A", "symbol with an id"),
        ("Cd8a", "CD8A", "case"),
        ("C10ORF54", "VSIR", "case, previous symbol"),
        ("TIGIT'", "TIGIT", "spaces or quotes"),
        (" GZMA\u00a0", "GZMA", "spaces or quotes"),
        ('"SQRDL"', "SQOR", "spaces or quotes, previous symbol"),
        ("HLA.DRA", "HLA-DRA", "punctuation"),
        ("HLA_A", "HLA-A", "punctuation"),
    ],
)
def test_each_reason(name: str, symbol: str, reason: str) -> None:
    repaired = repair([name])
    assert repaired.symbols == (symbol,)
    assert [change.reason for change in repaired.renamed] == [reason]


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("1-Mar", ("MARCHF1", "MTARC1")),
        ("2017-03-02", ("MARCHF2", "MTARC2")),
        ("3/9/2017", ("MARCHF9", "SEPTIN3")),  # 3 September or 9 March
    ],
)
def test_a_date_of_two_genes_is_left_alone_and_named(name: str, candidates: tuple[str, ...]) -> None:
    repaired = repair([name])
    assert repaired.symbols == (name,)
    (change,) = repaired.left_alone
    assert change.reason == "ambiguous"
    assert change.candidates == candidates


def test_of_two_genes_the_one_without_a_row_is_meant() -> None:
    assert repair(["1-Mar", "MTARC1"]).symbols == ("MARCHF1", "MTARC1")
    assert repair(["MARC1", "1-Mar"]).symbols == ("MTARC1", "MARCHF1")
    repaired = repair(["EPRS", "QARS"])  # EPRS was called QARS once
    assert repaired.symbols == ("EPRS1", "QARS1")
    assert repaired.changes[1].reason == "previous symbol, the other gene is there"
    assert repair(["1-Mar", "1-Mar", "MTARC1"]).symbols == ("1-Mar", "1-Mar", "MTARC1")
    assert repair(["OCT1", "POU2F1"]).symbols == ("OCT1", "POU2F1")  # nobody labels rows by aliases


def test_an_alias_gives_way_to_a_previous_symbol_of_the_same_gene() -> None:
    repaired = repair(["VISTA", "C10orf54"])
    assert repaired.symbols == ("VISTA", "VSIR")
    assert repaired.left_alone[0].given == "VISTA"


def test_an_alias_of_several_genes_is_ambiguous() -> None:
    (change,) = repair(["OCT1"]).left_alone  # POU2F1 and SLC22A1
    assert change.reason == "ambiguous"
    assert set(change.candidates) == {"POU2F1", "SLC22A1"}


def test_an_approved_symbol_is_never_rewritten_even_where_it_is_an_alias() -> None:
    table = gene_table()
    both = [name for name in table.alias if name in table]
    assert len(both) > 100
    assert repair(both).symbols == tuple(both)


def test_an_old_name_beside_its_gene_stays_a_row_of_its_own() -> None:
    repaired = repair(["S1PR3", "C9orf47"])
    assert repaired.symbols == ("S1PR3", "C9orf47")
    assert repaired.left_alone[0].reason == "gene that is also there under its symbol"
    assert repair(["C9orf47"]).symbols == ("S1PR3",)


def test_two_old_names_of_one_gene_collide_and_are_named() -> None:
    repaired = repair(["SEPT4", "CD8A", "C17orf47"])
    assert repaired.collisions == {"SEPTIN4": (0, 2)}


def test_withdrawn_symbols_are_named_and_unknown_ones_listed() -> None:
    repaired = repair(["A12M1", "NOT-A-GENE"])
    assert repaired.symbols == ("A12M1", "NOT-A-GENE")
    assert [change.reason for change in repaired.changes] == ["withdrawn"]
    assert repaired.unknown == ("NOT-A-GENE",)


def test_mixed_identifiers_are_seen() -> None:
    assert repair(["CD8A", "ENSG00000111537"]).mixed
    assert not repair(["CD8A", "LOC925", "3-Sep"]).mixed
    assert not repair(["ENSG00000111537.4", "ENSG00000107738"]).mixed


def test_mouse_symbols_are_seen() -> None:
    assert repair(["Cd8a", "Gzma", "Prf1", "Foxp3"]).mouse_like == 1
    assert repair(["CD8A", "C10orf54", "SEPT2"]).mouse_like == 0


def test_the_table_of_changes_has_a_row_for_each() -> None:
    frame = repair(["CD8A", "SQRDL", "1-Mar"]).table()
    assert frame.rows() == [
        (1, "SQRDL", "SQOR", "previous symbol", "SQOR"),
        (2, "1-Mar", "1-Mar", "ambiguous", "MARCHF1; MTARC1"),
    ]


NAMES = st.lists(
    st.sampled_from(["CD8A", "Cd8a", "SQRDL", "SQOR", "1-Mar", "VISTA", "VSIR", "C10orf54", "X1", "925"]),
    max_size=12,
)


@given(NAMES)
@settings(max_examples=60, deadline=None)
def test_repair_of_a_repaired_list_changes_nothing(names: list[str]) -> None:
    once = repair(names)
    assert len(once.symbols) == len(names)
    assert repair(once.symbols).symbols == once.symbols


@given(NAMES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_names_does_not_matter(names: list[str], random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(names)))
    random.shuffle(order)
    symbols = repair(names).symbols
    assert repair([names[i] for i in order]).symbols == tuple(symbols[i] for i in order)


@pytest.mark.real
def test_a_cohort_of_2016_gets_its_old_symbols_back(shared) -> None:  # type: ignore[no-untyped-def]
    with gzip.open(shared / "hugo2016_full" / "expression_log2fpkm1.tsv.gz", "rt") as lines:
        names = [line.split("\t", 1)[0] for line in lines][1:]
    repaired = repair(names)
    table = gene_table()
    before = sum(table.is_protein_coding(name) for name in set(names))
    after = sum(table.is_protein_coding(name) for name in set(repaired.symbols))
    assert after - before > 900  # about 1,000 protein-coding genes had other symbols then
    assert "VSIR" not in names
    assert "VSIR" in repaired.symbols
