"""Every measured gene: direct calls, who is screened, and a gene that truly differs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Answer
from coley.model.study import About, Study
from coley.stats.screens.max_t_response import max_t_response
from coley.stats.screens.rank_screen import rank_screen

Frames = Callable[..., pl.DataFrame]
Believe = Callable[..., Answer]

GENES = 1100


def with_genes(frame: Frames, n: int = 60, genes: int = GENES, **columns: object) -> tuple[Study, np.ndarray]:
    """A cohort with so many genes, of which the first is higher in responders, and their log2 TPM + 1."""
    from coley.biology.genes.table import gene_table

    table = gene_table()
    names = [g for g in sorted(table.approved) if table.is_protein_coding(g) and not g.startswith("MT-")][
        :genes
    ]
    patients = frame(2, n, **columns)
    tpm = np.random.default_rng(6).lognormal(2, 1, (genes, n))
    tpm[0] *= np.where(patients["responder"].to_numpy(), 6.0, 1.0)
    expression = pl.DataFrame(
        {"gene": names, **dict(zip(patients["patient_id"], tpm.T.tolist(), strict=True))}
    )
    tables = {"patients": patients, "expression": expression}
    return Study("screened", tables, About(expression_unit="tpm")), np.log2(tpm + 1)


def screened(answer: Answer) -> pl.DataFrame:
    return answer.tables["genome_screen"]


def test_the_screen_is_that_of_direct_calls(frame: Frames, believe: Believe) -> None:
    study, logs = with_genes(frame)
    table = screened(believe(study, screen=True, signatures="none", seed=5))
    names = study.tables["expression"]["gene"].to_list()
    by_id = study.patients["patient_id"].arg_sort().to_numpy()  # permutations are dealt in this order
    X, y = logs.T[by_id], study.patients["responder"].to_numpy()[by_id]
    ranks = rank_screen(X, y, names=names)
    family = max_t_response(X, y, samples=99, seed=5, names=names)
    assert table.height == 200
    for row in table.iter_rows(named=True):
        j = names.index(row["gene"])
        assert (row["auc"], row["p"], row["q"]) == pytest.approx(
            (ranks.auc[j], ranks.p[j], ranks.q[j]), rel=1e-9
        )
        assert row["p_max_t"] == pytest.approx(family.p_step_down[j], rel=1e-9)
    assert table["p"].is_sorted()


def test_a_gene_that_differs_is_found_and_the_rest_are_not(frame: Frames, believe: Believe) -> None:
    study, _ = with_genes(frame)
    answer = believe(study, screen=True, signatures="none")
    first = study.tables["expression"]["gene"][0]
    shown = screened(answer).filter(pl.col("p_max_t") < 0.05)["gene"].to_list()
    assert shown == [first]
    check = next(c for c in answer.checks if c.name == "genome_screen")
    assert f"the first is {first}" in check.message
    assert "of 1,100 genes" in check.message


@pytest.mark.parametrize(
    ("n", "genes", "made"), [(60, 1000, True), (60, 999, False), (20, 1000, True), (19, 1000, False)]
)
def test_chosen_genes_and_few_patients_are_not_screened(
    frame: Frames, believe: Believe, n: int, genes: int, made: bool
) -> None:
    study, _ = with_genes(frame, n, genes)
    assert ("genome_screen" in believe(study, screen=True, signatures="none").tables) == made


def test_controls_are_not_screened(frame: Frames, believe: Believe) -> None:
    study, _ = with_genes(frame, 60, treatment_class=["PD1", "control"] * 30)
    assert screened(believe(study, screen=True, signatures="none"))["n"].unique().to_list() == [30]


def test_survival_is_screened_where_it_is_what_verdicts_rest_on(frame: Frames, believe: Believe) -> None:
    study, _ = with_genes(frame)
    table = screened(believe(study, screen=True, signatures="none", endpoint="os"))
    assert table["endpoint"].unique().to_list() == ["os"]
    assert (table["low"] < table["hazard_ratio_per_sd"]).all()
    assert (table["hazard_ratio_per_sd"] < table["high"]).all()


def test_without_the_setting_nothing_is_screened(frame: Frames, believe: Believe) -> None:
    assert "genome_screen" not in believe(with_genes(frame)[0], signatures="none").tables
