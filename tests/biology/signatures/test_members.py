"""Coverage: by genes, by weight, by pairs; what is no gene counts as never found."""

from __future__ import annotations

import pytest

from coley.biology.signatures import signature
from coley.biology.signatures.members import STRICT_COVERAGE, members_of, needed


def test_coverage_by_weight_is_the_smaller_share() -> None:
    tis = signature("TIS_GEP_weighted")
    genes = [g for g in tis.genes if g != "STAT1"]  # one of 18 genes, and a fifth of the weight
    found = members_of(tis, {g: i for i, g in enumerate(genes)})
    total = sum(map(abs, tis.weights))
    assert (found.named, found.found, found.missing) == (18, 17, ("STAT1",))
    assert found.coverage == pytest.approx(1 - 0.250229 / total)
    assert len(found.rows) == len(found.weights) == 17


def test_a_pair_needs_both_of_its_genes() -> None:
    impres = signature("IMPRES_15pairs")
    genes = [g for g in dict.fromkeys(impres.genes) if g != "CD86"]  # of five pairs
    found = members_of(impres, {g: i for i, g in enumerate(genes)})
    assert (found.counted, found.named, found.found) == ("pairs", 15, 10)
    assert found.rows.shape == (10, 2)


def test_names_that_are_no_gene_count_as_missing() -> None:
    bindea = signature("TME:NK_cells_Bindea_et_al")
    found = members_of(bindea, {g: i for i, g in enumerate(bindea.genes)})
    assert found.found == len(bindea.genes)
    assert found.named == len(bindea.genes) + len(bindea.dropped)
    assert found.coverage < 0.8


def test_rules_and_weights_ask_for_more() -> None:
    assert needed("mean_z", 0.8) == 0.8
    assert needed("gene_pairs", 0.8) == STRICT_COVERAGE
    assert needed("weighted_sum", 0.95) == 0.95
