"""Expression that cannot be what it is said to be is found and named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.biology.genes import gene_table
from coley.model.study import About, Study
from coley.read.doctor import examine

GENES = [g for g in gene_table().approved if gene_table().is_protein_coding(g)]
Matrix = tuple[list[str], np.ndarray]


def study(genes: list[str], values: np.ndarray, unit: str) -> Study:
    names = [f"p{j}" for j in range(values.shape[1])]
    frame = pl.DataFrame({"gene": genes, **{n: values[:, j] for j, n in enumerate(names)}})
    patients = pl.DataFrame({"patient_id": names})
    return Study("s", {"patients": patients, "expression": frame}, About(expression_unit=unit))


def tpm(genes: int = 12_000, samples: int = 6, *, seed: int = 1) -> Matrix:
    rng = np.random.default_rng(seed)
    values = np.exp(rng.normal(1, 2, (genes, 1)) + rng.normal(0, 0.5, (genes, samples)))
    return GENES[:genes], values / values.sum(axis=0) * 1e6


def found(genes: list[str], values: np.ndarray, unit: str) -> dict[str, str]:
    return {
        c.name: c.level
        for c in examine(study(genes, values, unit))
        if c.level != "pass" and c.name not in ("no_outcome",)
    }


def test_a_sound_matrix_is_passed() -> None:
    genes, values = tpm()
    for unit, given in (
        ("tpm", values),
        ("log2_tpm1", np.log2(values + 1)),
        ("counts", np.round(values * 30)),
    ):
        assert "expression_unusable" not in found(genes, given, unit), unit
        assert "expression_unit" not in found(genes, given, unit), unit


def as_is(m: Matrix) -> Matrix:
    return m


def logged(m: Matrix) -> Matrix:
    return m[0], np.log2(m[1] + 1)


def negative(m: Matrix) -> Matrix:
    values = m[1].copy()
    values[3, 2] = -4.0
    return m[0], values


def doubled(m: Matrix) -> Matrix:
    return [*m[0], *m[0][:500]], np.vstack([m[1], m[1][:500] * 0.5])


def empty_sample(m: Matrix) -> Matrix:
    values = m[1].copy()
    values[:, 1] = 0.0
    return m[0], values


def five_genes(m: Matrix) -> Matrix:
    return m[0][:5], m[1][:5]


def transposed(m: Matrix) -> Matrix:
    return [f"patient-{i}" for i in range(40)], np.tile(m[1][:40, :6], 1)


@pytest.mark.parametrize(
    ("spoil", "unit", "name"),
    [
        (logged, "counts", "expression_unusable"),
        (logged, "tpm", "expression_unusable"),
        (as_is, "log2_counts1", "expression_unusable"),
        (as_is, "log2_tpm1", "expression_unusable"),
        (negative, "tpm", "expression_unusable"),
        (doubled, "tpm", "duplicated_genes"),
        (empty_sample, "tpm", "empty_samples"),
        (five_genes, "tpm", "few_genes"),
        (transposed, "tpm", "expression_unusable"),
    ],
)
def test_each_fault_is_named(spoil: Callable[[Matrix], Matrix], unit: str, name: str) -> None:
    assert name in found(*spoil(tpm()), unit)


def test_identifiers_of_two_kinds_are_named() -> None:
    genes, values = tpm()
    table = gene_table()
    ensembl = {symbol: f"ENSG{number:011d}" for number, symbol in table.ensembl.items()}
    mixed = [ensembl.get(g, g) if i % 2 else g for i, g in enumerate(genes)]
    assert "mixed_identifiers" in found(mixed, values, "tpm")
