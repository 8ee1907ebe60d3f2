"""Genes found under present and former names."""

from __future__ import annotations

import numpy as np

from coley.biology.deconvolution.matching import match

X = np.array([[1.0], [2.0], [4.0], [8.0]])


def test_the_wanted_name_goes_before_a_former_one():
    found = match(["SQOR"], ["SQRDL", "SQOR", "CD8A", "CD4"], X)
    assert found.values[0, 0] == 2
    assert found.renamed == {}
    assert found.notes() == ()


def test_several_former_names_give_their_median():
    found = match(["SEPTIN9"], ["MSF", "CD8A", "SEPT9", "CD4"], X)
    assert found.renamed["SEPTIN9"] == "MSF and SEPT9"
    assert found.values[0, 0] == 2.5


def test_a_table_of_old_symbols_meets_data_of_new_ones():
    found = match(["SDPR", "IARS"], ["CAVIN2", "IARS1", "CD8A", "CD4"], X)
    assert found.values[:, 0].tolist() == [1.0, 2.0]


def test_ensembl_ids_and_what_is_missing():
    found = match(["CD8A", "IFNG", "XYZZY"], ["ENSG00000153563.4", "ENSG00000111537", "a", "b"], X)
    assert found.found.tolist() == [True, True, False]
    assert np.isnan(found.values[2, 0])
    assert found.missing == ("XYZZY",)
