"""Markers from expression: each cohort scored by itself in its own unit, given scores where expression is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

import coley
from coley.biology.expression import prepare
from coley.biology.signatures import score, signatures
from coley.model.errors import InvalidSetting, UnknownName
from coley.model.study import About, Study
from coley.questions.believe.markers.marker import Found, Marker
from coley.questions.believe.markers.signatures import known_as

Frames = Callable[..., pl.DataFrame]
Finder = Callable[..., Found]

N = 20
NAMES = ("CYT_geomean", "Ayers_IFNG6", "McDermott_Teff5", "Messina_12chemokine")
GENES = tuple(sorted({gene for name in NAMES for gene in signatures()[name].genes} | {"TP53", "ALB", "KRT5"}))


def measured(
    frame: Frames,
    name: str,
    unit: str,
    *,
    seed: int = 1,
    genes: Sequence[str] = GENES,
    transform: Callable[[np.ndarray], np.ndarray] = lambda tpm: tpm,
) -> Study:
    """A cohort of twenty with the given genes, one sample each."""
    patients = frame(seed, N, name=name).drop("cohort")
    samples = [f"{who}-T" for who in patients["patient_id"]]
    tpm = np.random.default_rng(seed).lognormal(2, 1, (len(genes), N))
    expression = pl.DataFrame(
        {"gene": list(genes), **dict(zip(samples, transform(tpm).T.tolist(), strict=True))}
    )
    whose = pl.DataFrame({"sample_id": samples, "patient_id": patients["patient_id"]})
    tables = {"patients": patients, "samples": whose, "expression": expression}
    return Study(name, tables, About(expression_unit=unit))


def log2(tpm: np.ndarray) -> np.ndarray:
    return np.asarray(np.log2(tpm + 1))


def named(made: Found, name: str) -> Marker:
    return next(m for m in made.markers if m.name == name)


def test_each_cohort_is_scored_by_itself_in_its_own_unit(frame: Frames, found: Finder) -> None:
    one = measured(frame, "linear", "tpm", seed=1)
    two = measured(frame, "logged", "log2_tpm1", seed=2, transform=log2)
    made = found(coley.read([one, two]), *NAMES)
    alone = [
        score(prepare(s.tables["expression"], unit=s.about.expression_unit), NAMES).frame for s in (one, two)
    ]
    for name in NAMES:
        expected = np.concatenate([frame[name].to_numpy() for frame in alone])
        assert np.isfinite(expected).all()
        np.testing.assert_allclose(named(made, name).values, expected, rtol=1e-12)
        assert set(named(made, name).assays) == {"linear", "logged"}


def test_the_unit_in_which_a_cohort_came_changes_no_score(frame: Frames, found: Finder) -> None:
    one, two = measured(frame, "one", "tpm"), measured(frame, "two", "tpm", seed=2)
    logged = measured(frame, "two", "log2_tpm1", seed=2, transform=log2)
    first, second = (found(coley.read([one, other]), *NAMES) for other in (two, logged))
    for name in NAMES:
        np.testing.assert_allclose(named(first, name).values, named(second, name).values, rtol=1e-9)


def test_a_unit_that_nobody_states_leaves_the_cohort_out_and_says_so(frame: Frames, found: Finder) -> None:
    both = coley.read([measured(frame, "one", "tpm"), measured(frame, "two", "", seed=2)])
    made = found(both, "CYT_geomean")
    known = named(made, "CYT_geomean").known
    assert known.tolist() == [True] * N + [False] * N
    assert any("Signatures in two: the unit of its expression is not stated" in t for t in made.cannot_tell)


def test_a_signature_of_which_too_few_genes_were_measured_is_refused(frame: Frames, found: Finder) -> None:
    lost = signatures()["Ayers_IFNG6"].genes[:2]  # 4 of 6 are left, and 80 % are needed
    few = measured(frame, "few", "tpm", genes=[g for g in GENES if g not in lost])
    made = found(few, "Ayers_IFNG6", "CYT_geomean")
    assert [m.name for m in made.markers] == ["CYT_geomean"]
    assert dict(made.refused)["Ayers_IFNG6"] == "few: 4 of 6 genes were measured, and 80% are needed"
    assert len(found(few, "Ayers_IFNG6", min_coverage=0.6).markers) == 1


def test_where_one_cohort_lacks_the_genes_the_other_still_counts(frame: Frames, found: Finder) -> None:
    lost = signatures()["Ayers_IFNG6"].genes[:2]
    few = measured(frame, "few", "tpm", genes=[g for g in GENES if g not in lost])
    made = found(coley.read([few, measured(frame, "whole", "tpm", seed=2)]), "Ayers_IFNG6")
    assert named(made, "Ayers_IFNG6").known.tolist() == [False] * N + [True] * N
    assert not made.refused


def test_a_signature_without_expression_says_so(frame: Frames, found: Finder) -> None:
    bare = Study("bare", {"patients": frame()})
    made = found(bare, "CYT_geomean", "albumin_g_dl")
    assert [m.name for m in made.markers] == ["albumin_g_dl"]
    assert "neither expression nor scores" in dict(made.refused)["CYT_geomean"]


def with_scores(study: Study, **columns: np.ndarray) -> Study:
    return study.with_table(
        "scores", pl.DataFrame({"sample_id": study.tables["samples"]["sample_id"], **columns})
    )


def test_given_scores_fill_cohorts_without_expression_and_overwrite_nothing(
    frame: Frames, found: Finder
) -> None:
    given = np.arange(N) / 7
    computed = with_scores(measured(frame, "computed", "tpm"), CYT_geomean=given + 100)
    whole = with_scores(measured(frame, "given", "tpm", seed=2), CYT_geomean=given)
    only = whole.replace(tables={k: v for k, v in whole.tables.items() if k != "expression"})
    marker = named(found(coley.read([computed, only]), "CYT_geomean"), "CYT_geomean")
    alone = score(prepare(computed.tables["expression"], unit="tpm"), ["CYT_geomean"]).frame["CYT_geomean"]
    np.testing.assert_allclose(marker.values[:N], alone.to_numpy(), rtol=1e-12)
    np.testing.assert_allclose(marker.values[N:], given, rtol=1e-12)
    assert marker.assays["given"] == "score as given"
    assert marker.assays["computed"] != "score as given"


def test_a_score_that_is_no_known_signature_is_a_marker_without_a_claim(frame: Frames, found: Finder) -> None:
    study = with_scores(measured(frame, "one", "tpm"), my_score=np.arange(N) * 1.0)
    marker = named(found(study), "my_score")
    assert (marker.kind, marker.direction, marker.claim) == ("score", 0, "")
    np.testing.assert_array_equal(marker.values, np.arange(N))


def test_a_given_score_is_found_by_the_name_of_its_column(frame: Frames, found: Finder) -> None:
    whole = "COMPASS_concept:CD8Tcell_sc"
    assert known_as("CD8Tcell_sc") == whole
    study = with_scores(measured(frame, "one", "tpm"), CD8Tcell_sc=np.arange(N) * 1.0)
    for asked in (whole, "CD8Tcell_sc"):
        np.testing.assert_array_equal(named(found(study, asked), whole).values, np.arange(N))


def test_samples_taken_on_treatment_are_no_baseline(frame: Frames, found: Finder) -> None:
    study = measured(frame, "one", "tpm")
    late = ["pre"] * (N - 4) + ["on"] * 4
    timed = study.with_table("samples", study.tables["samples"].with_columns(timepoint=pl.Series(late)))
    made = found(timed, "CYT_geomean")
    assert made.markers[0].known.tolist() == [True] * (N - 4) + [False] * 4
    assert any("taken after treatment had begun" in check.message for check in made.checks)


def test_a_gene_is_its_expression_under_any_of_its_names(frame: Frames, found: Finder) -> None:
    study = measured(frame, "one", "tpm")
    made = found(study, "gene:CD274", "gene:PDL1", "gene:NOTCH1")
    row = study.tables["expression"].row(by_predicate=pl.col("gene") == "CD274")[1:]
    np.testing.assert_allclose(named(made, "gene:CD274").values, np.log2(np.array(row) + 1))
    np.testing.assert_array_equal(named(made, "gene:PDL1").values, named(made, "gene:CD274").values)
    assert dict(made.refused)["gene:NOTCH1"] == "it was measured in no cohort"


def tumour(frame: Frames, *, without: Sequence[str] = ()) -> Study:
    """A cohort with every gene of MCP-counter but those named."""
    from coley.biology.deconvolution.facts import mcp_markers

    genes = sorted({gene for markers in mcp_markers().values() for gene in markers} - set(without))
    return measured(frame, "tumours", "tpm", genes=genes)


def test_cells_are_estimated_on_request_as_by_their_method(frame: Frames, found: Finder) -> None:
    from coley.biology.deconvolution import estimate

    study = tumour(frame)
    assert not [m for m in found(study).markers if m.kind == "cells"]
    made = [m for m in found(study, cells=("mcp_counter",)).markers if m.kind == "cells"]
    ready = prepare(study.tables["expression"], unit="tpm")
    direct = estimate(ready.values, ready.genes, method="mcp_counter", unit="log2_tpm1")
    assert [m.name for m in made] == [f"mcp_counter:{cell}" for cell in direct.cells]
    for marker, values in zip(made, direct.values, strict=True):
        np.testing.assert_allclose(marker.values, values, rtol=1e-12)
    asked = found(study, "mcp_counter:NK cells").markers
    nk = next(m for m in made if m.name == "mcp_counter:NK cells")
    assert [m.name for m in asked] == [nk.name]
    np.testing.assert_array_equal(asked[0].values, nk.values)


def test_a_cell_type_whose_genes_were_not_measured_is_refused_with_the_reason(
    frame: Frames, found: Finder
) -> None:
    from coley.biology.deconvolution.facts import mcp_markers

    lost = mcp_markers()["NK cells"][:3]
    made = found(tumour(frame, without=lost), "mcp_counter:NK cells", "mcp_counter:T cells")
    assert [m.name for m in made.markers] == ["mcp_counter:T cells"]
    assert "of its genes were measured" in dict(made.refused)["mcp_counter:NK cells"]
    nothing = found(measured(frame, "few", "tpm"), "mcp_counter:NK cells", "CYT_geomean")
    assert "needs at least 80% of its" in dict(nothing.refused)["mcp_counter:NK cells"]


def test_misspelt_methods_and_cells_get_a_near_miss(frame: Frames, found: Finder) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'mcp_counter'"):
        found(tumour(frame), cells=("mcp_countr",))
    with pytest.raises(InvalidSetting, match="Did you mean 'mcp_counter:NK cells'"):
        found(tumour(frame), "mcp_counter:NK cell")
