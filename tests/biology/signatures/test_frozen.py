"""A reference that does not fit the expression is said to."""

from __future__ import annotations

import numpy as np
import pytest

from coley.biology.expression import prepare
from coley.biology.genes import gene_table
from coley.biology.signatures import reference, score
from coley.model.errors import MissingData, NotEstimable

CODING = sorted(g for g, kind in gene_table().approved.items() if kind == "gene with protein product")[:800]


def made(genes: list[str] = CODING, *, factor: float = 1.0, samples: int = 12):  # type: ignore[no-untyped-def]
    values = np.random.default_rng(3).lognormal(3, 1.5, (len(genes), samples)) * factor
    return prepare(values, unit="tpm", genes=genes, samples=[f"s{i}" for i in range(samples)])


def notes(one, frozen) -> set[str]:  # type: ignore[no-untyped-def]
    return {note.name for note in score(one, ["McDermott_Teff5"], reference=frozen).notes}


def test_the_same_scale_and_genes_raise_no_alarm() -> None:
    assert not {"reference_scale", "reference_genes"} & notes(made(), reference(made()))


def test_another_unit_is_seen_even_in_one_sample() -> None:
    one = prepare(made(factor=8).linear()[:, :1], unit="tpm", genes=CODING, samples=["a"])
    assert "reference_scale" in notes(one, reference(made()))


def test_missing_genes_of_the_reference_are_said() -> None:
    assert "reference_genes" in notes(made(CODING[:600]), reference(made()))


def test_what_cannot_be_a_reference() -> None:
    z = prepare(
        np.random.default_rng(1).normal(size=(30, 12)),
        unit="z_score",
        genes=CODING[:30],
        samples=list("abcdefghijkl"),
    )
    with pytest.raises(NotEstimable, match="z scores"):
        reference(z)
    with pytest.raises(NotEstimable, match="at least 10"):
        reference(made(samples=9))
    with pytest.raises(MissingData, match="share no gene"):
        score(made(CODING[400:]), ["McDermott_Teff5"], reference=reference(made(CODING[:400])))
