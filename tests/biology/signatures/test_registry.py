"""The registry: every gene exists, every conflict is said, and the lists are what the papers say."""

from __future__ import annotations

import itertools

import pytest

from coley.biology.genes import gene_table
from coley.biology.signatures import conflicts, conflicts_of, signature, signatures
from coley.biology.signatures.registry import load, table
from coley.model.errors import UnknownName, UnreadableInput


def row(**changes: str) -> dict[str, str]:
    base = dict.fromkeys(["name", "scale", "weights", "paper", "source", "licence", "note"], "")
    return {
        **base,
        "name": "S",
        "method": "mean_z",
        "direction": "1",
        "preferred": "no",
        "version": "1",
        **changes,
    }


def test_every_gene_is_an_approved_symbol() -> None:
    known = gene_table()
    assert [(s.name, g) for s in signatures().values() for g in s.genes if g not in known] == []


def test_no_gene_counts_twice_but_in_pair_rules() -> None:
    for s in signatures().values():
        assert s.method == "gene_pairs" or len(set(s.genes)) == len(s.genes), s.name


def test_every_row_says_paper_source_licence_and_an_explicit_direction() -> None:
    for s in signatures().values():
        assert s.paper, s.name
        assert s.source, s.name
        assert s.licence, s.name
        assert s.direction in (-1, 0, 1), s.name
        assert len(s.weights) in (0, len(s.genes)), s.name
        assert "GPL-2" not in s.licence


def test_a_misspelt_gene_stops_the_loading() -> None:
    with pytest.raises(UnreadableInput, match="'D68' of signature 'S' does not exist"):
        load([row(genes="CD68;D68")], {}, {})


def test_a_known_mend_is_applied_and_a_name_that_is_no_gene_is_set_aside_with_its_reason() -> None:
    mends = {("S", "D68"): ("CD68", "one letter lost"), ("S", "NM_1"): ("", "accession")}
    (made,) = load([row(genes="D68;NM_1;C10orf54")], {}, mends)
    assert made.genes == ("CD68", "VSIR")
    assert made.given == ("D68", "C10orf54")
    assert made.dropped == (("NM_1", "accession"),)
    assert [change.reason for change in made.changes] == ["previous symbol"]


def test_two_names_of_one_gene_count_once() -> None:
    (made,) = load([row(genes="CTGF;CCN2;ACTA2")], {}, {})
    assert sorted(made.genes) == ["ACTA2", "CCN2"]


def test_weights_must_fit() -> None:
    with pytest.raises(UnreadableInput, match="2 genes and 1 weights"):
        load([row(genes="CD68;CD14", weights="1")], {}, {})


def test_every_mend_is_of_a_row_and_used() -> None:
    used = {(s.name, g) for s in signatures().values() for g in [*s.given, *(old for old, _ in s.dropped)]}
    for mend in table("mends"):
        assert (mend["signature"], mend["given"]) in used
        assert mend["reason"]


def test_what_was_left_out_has_a_reason() -> None:
    names = {r["name"] for r in table("left_out")}
    assert not names & set(signatures())
    assert all(r["reason"] for r in table("left_out"))
    assert {"NetBio200.PD1", "ESTIMATE:ImmuneSignature"} <= names


def test_the_same_genes_with_opposite_directions_are_a_known_conflict() -> None:
    for a, b in itertools.combinations(signatures().values(), 2):
        shared = len(set(a.genes) & set(b.genes)) / max(len(set(a.genes) | set(b.genes)), 1)
        if a.direction * b.direction < 0 and shared > 0.8:
            assert b.name in a.conflicts, (a.name, b.name)


def test_conflicts_name_rows_that_exist_and_prefer_a_preferred_one() -> None:
    for conflict in conflicts():
        assert conflict.preferred in conflict.names
        assert signature(conflict.preferred).preferred
        assert [n for n in conflict.names if signature(n).preferred] == [conflict.preferred]
        assert conflict.difference
        assert conflict.why


def test_four_other_lists_stand_beside_the_preferred_tls() -> None:
    (conflict,) = conflicts_of("TLS_Cabrita")
    lists = {frozenset(signature(n).genes) for n in conflict.names}
    assert len(conflict.names) == 5
    assert len(lists) == 4  # IOBR's is the same as the preferred one
    assert set(signature("TLS_Cabrita").supersedes) == set(conflict.names) - {"TLS_Cabrita"}


def test_impres_is_fifteen_pairs_and_not_twenty_eight_genes() -> None:
    assert len(signature("IMPRES_15pairs").pairs) == 15
    assert signature("IMPRES_15pairs").pairs[0] == ("CD274", "VSIR")  # Auslander 2018, first rule
    assert len(signature("IMPRES_Auslander").genes) == 28
    assert "IMPRES_15pairs" in signature("IMPRES_Auslander").conflicts


def test_the_weights_of_the_gep_are_the_published_ones() -> None:
    tis = signature("TIS_GEP_weighted")
    weights = dict(zip(tis.genes, tis.weights, strict=True))
    assert len(weights) == 18
    assert weights["CD276"] == pytest.approx(-0.0239)  # Cristescu 2018
    assert weights["STAT1"] == pytest.approx(0.250229)
    assert not signature("Tcell-inflamed_Ayers").weights  # CD276 counts +1 there: the conflict says so
    assert any("CD276" in conflict.topic for conflict in conflicts_of("TIS_GEP_weighted"))


def test_the_list_named_gep_by_others_is_the_expanded_immune_one() -> None:
    named, is_ = signature("TME:T_cell_inflamed_GEP_Ayers_et_al"), signature("Ayers_expanded_immune18")
    assert set(named.genes) == set(is_.genes) != set(signature("TIS_GEP_weighted").genes)


def test_composites_are_made_of_rows_of_the_registry() -> None:
    icr = signature("JerbyArnon_ICR")
    assert icr.method == "composite"
    assert sum(c for _, c in icr.parts) == pytest.approx(0)
    assert dict(icr.parts)["JerbyArnon_ICR:trt.up"] == pytest.approx(1 / 3)
    assert len(signature("IPRES_Hugo").parts) == 39
    for s in signatures().values():
        assert all(part in signatures() for part, _ in s.parts)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="CYT_geomean"):
        signature("CYT_geomaen")
