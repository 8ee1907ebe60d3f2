"""Units in, parts per million out; bad matrices by name."""

from __future__ import annotations

import numpy as np
import pytest

from coley.biology.deconvolution.expression import UNITS, expression, to_million
from coley.model.errors import UnreadableInput

TPM = np.array([[0.0, 10.0], [3.0, 990.0], [999_997.0, 999_000.0]])
GENES = ["A", "B", "C"]


def test_every_unit_gives_the_same_parts_per_million():
    for name, unit in UNITS.items():
        given = TPM if unit.per_million else TPM * 1.7
        X = given if unit.offset is None else np.log2(given + unit.offset)
        data = expression(X, GENES, unit=name)
        np.testing.assert_allclose(data.values, TPM, rtol=1e-9, atol=1e-6)
        assert data.label == ("TPM" if unit.between_genes else "CPM")


def test_samples_far_from_a_million_are_scaled_and_named():
    values, notes = to_million(expression(TPM, GENES, unit="tpm"))
    assert notes == ()
    values, notes = to_million(expression(TPM * [[1.0, 0.3]], GENES, unit="tpm"))
    np.testing.assert_allclose(values, TPM)
    assert "1 samples add up to 300,000" in notes[0]


@pytest.mark.parametrize(
    ("X", "genes", "unit", "message"),
    [
        (TPM.T, GENES, "tpm", "genes x samples"),
        (TPM, ["A", "B", "A"], "tpm", "more than one row"),
        (np.where(TPM == 3, np.nan, TPM), GENES, "tpm", "not zero"),
        (-TPM, GENES, "counts", "negative"),
        (TPM, GENES, "log2_tpm1", "go from"),
        (TPM * [[1.0, 0.0]], GENES, "tpm", "without any expression"),
        (np.full((10_000, 1), 12.0), list(map(str, range(10_000))), "tpm", "look like logarithms"),
        (np.full((3, 1), -9.0), GENES, "log2_tpm1", "go from"),
    ],
)
def test_bad_matrices(X, genes, unit, message):
    with pytest.raises(UnreadableInput, match=message):
        expression(X, genes, unit=unit)


def test_names_of_samples_must_fit():
    with pytest.raises(UnreadableInput, match="names of samples"):
        expression(TPM, GENES, unit="tpm", samples=["one"])
