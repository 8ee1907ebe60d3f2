"""Ranks within a cohort and within a reference."""

from __future__ import annotations

import numpy as np
import pytest

from coley.biology.scoring import freeze
from coley.biology.signatures.scales import Matrix, housekeeping_genes, sample_ranks
from coley.model.errors import NotEstimable


def test_ties_share_their_rank() -> None:
    values = np.array([[1.0, 2, 2, 4, 5, 6, 7, 8, 9, 10]])
    ranks = sample_ranks(Matrix(values, {"A": 0}, None), np.array([0]))
    np.testing.assert_allclose(ranks, [[0.1, 0.25, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]])


def test_a_rank_within_a_reference_is_as_if_the_sample_had_joined_it() -> None:
    known = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9]])
    frozen = freeze(np.column_stack([known, [[10.0]]]), ["A"])
    ranks = sample_ranks(Matrix(np.array([[0.0, 4.5, 11.0]]), {"A": 0}, frozen), np.array([0]))
    np.testing.assert_allclose(ranks, [[1 / 11, 5 / 11, 11 / 11]])


def test_few_samples_have_no_ranks() -> None:
    with pytest.raises(NotEstimable, match="at least 10"):
        sample_ranks(Matrix(np.ones((1, 9)), {"A": 0}, None), np.array([0]))


def test_there_are_eleven_housekeeping_genes() -> None:
    assert len(set(housekeeping_genes())) == 11
