"""Markers from columns and from mutations, clones and HLA: values that are right, and reasons where there are none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

import coley
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.study import About, Study
from coley.questions.believe.markers.marker import Found, Marker

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Finder = Callable[..., Found]

N = 40
COUNTS = np.arange(N) % 9  # nonsynonymous mutations of each patient


def one(made: Found, name: str) -> Marker:
    return next(marker for marker in made.markers if marker.name == name)


def reason(made: Found, name: str) -> str:
    return dict(made.refused)[name]


def sequenced(frame: Frames, name: str = "here", *, megabases: float | None = None) -> Study:
    """A cohort whose patient i has i mod 9 nonsynonymous mutations, and one silent one."""
    patients = frame(3, N, name=name).drop("cohort")
    ids = patients["patient_id"].to_list()
    rows = [
        (f"{who}-T", f"G{j}", f"p.A{j}T", "Silent" if j == 0 else "Missense_Mutation")
        for who, count in zip(ids, COUNTS, strict=True)
        for j in range(count + 1)
    ]
    mutations = pl.DataFrame(
        rows, schema=["sample_id", "gene", "protein_change", "classification"], orient="row"
    )
    samples = pl.DataFrame({"sample_id": [f"{w}-T" for w in ids], "patient_id": ids, "sequenced": [True] * N})
    return Study(
        name,
        {"patients": patients, "mutations": mutations, "samples": samples},
        About(panel_megabases=megabases),
    )


def test_a_burden_is_counted_per_megabase_of_the_study(frame: Frames, found: Finder) -> None:
    marker = one(found(sequenced(frame, megabases=1.25)), "tmb")
    np.testing.assert_allclose(marker.values, np.log2(COUNTS / 1.25 + 1))
    assert (marker.kind, marker.unit, marker.logged) == ("dna", "mutations per Mb", True)
    np.testing.assert_allclose(marker.measured(marker.values), COUNTS / 1.25, atol=1e-12)


def test_each_cohort_of_a_collection_has_the_megabases_of_its_own_assay(frame: Frames, found: Finder) -> None:
    both = coley.read([sequenced(frame, "panel", megabases=1.25), sequenced(frame, "exome", megabases=30.0)])
    values = one(found(both), "tmb").values
    np.testing.assert_allclose(values[:N], np.log2(COUNTS / 1.25 + 1))
    np.testing.assert_allclose(values[N:], np.log2(COUNTS / 30 + 1))


def test_without_megabases_mutations_are_counted_and_no_cut_point_is_offered(
    frame: Frames, found: Finder
) -> None:
    counted = one(found(sequenced(frame)), "tmb")
    np.testing.assert_allclose(counted.values, np.log2(COUNTS + 1))
    assert "megabases not stated" in counted.label
    assert counted.unit == "mutations"
    assert not counted.cuts
    assert one(found(sequenced(frame, megabases=1.0)), "tmb").cuts


def test_where_one_cohort_alone_states_its_megabases_none_are_made_up(frame: Frames, found: Finder) -> None:
    made = found(coley.read([sequenced(frame, "panel", megabases=1.25), sequenced(frame, "unknown")]))
    assert "tmb" not in [marker.name for marker in made.markers]
    assert any("megabases" in told for told in made.cannot_tell)


def test_a_burden_that_came_as_a_column_is_not_counted_again(frame: Frames, found: Finder) -> None:
    study = sequenced(frame, megabases=1.0)
    given = study.with_table("patients", study.patients.with_columns(tmb_per_mb=pl.lit(1.0) + COUNTS))
    names = [marker.name for marker in found(given).markers]
    assert "tmb_per_mb" in names
    assert "tmb" not in names


def test_a_sample_that_was_not_sequenced_is_missing_and_not_zero(frame: Frames, found: Finder) -> None:
    study = sequenced(frame, megabases=1.0)
    unread = study.tables["samples"]["sample_id"].head(9).to_list()
    tables = {
        **study.tables,
        "samples": study.tables["samples"].with_columns(sequenced=~pl.col("sample_id").is_in(unread)),
        "mutations": study.tables["mutations"].filter(~pl.col("sample_id").is_in(unread)),
    }
    values = one(found(study.replace(tables=tables)), "tmb").values
    assert np.isnan(values[:9]).all()
    np.testing.assert_allclose(values[9:], np.log2(COUNTS[9:] + 1))


def test_mutated_genes_are_yes_or_no_and_those_of_fewer_than_five_patients_are_named(
    frame: Frames, found: Finder
) -> None:
    made = found(sequenced(frame), "mutated:G3", "mutated:G8", "mutated:TP53")
    np.testing.assert_array_equal(one(made, "mutated:G3").values, (COUNTS >= 3).astype(float))
    assert one(made, "mutated:G3").per == "yes against no"
    assert (COUNTS >= 8).sum() == 4
    assert reason(made, "mutated:G8") == "fewer than 5 patients have it, or lack it"
    assert reason(made, "mutated:TP53") == "it has one value in everybody"


def test_mutations_that_the_study_lacks_are_named(frame: Frames, study: Studies, found: Finder) -> None:
    made = found(study(frame()), "mutated:TP53", "albumin_g_dl")
    assert [m.name for m in made.markers] == ["albumin_g_dl"]
    assert reason(made, "mutated:TP53") == "the study has no table of mutations"


@pytest.mark.parametrize(("carriers", "kept"), [(4, False), (5, True), (35, True), (36, False)])
def test_a_flag_needs_five_patients_with_it_and_five_without(
    frame: Frames, study: Studies, found: Finder, carriers: int, kept: bool
) -> None:
    made = found(study(frame(1, N, hla_loh=[i < carriers for i in range(N)])))
    assert ("hla_loh" in [m.name for m in made.markers]) == kept
    if not kept:
        assert reason(made, "hla_loh") == "fewer than 5 patients have it, or lack it"
        asked = found(study(frame(1, N, hla_loh=[i < carriers for i in range(N)])), "hla_loh")
        assert not asked.markers  # asking for it by name does not make it more
        assert reason(asked, "hla_loh") == reason(made, "hla_loh")


def test_a_level_is_read_by_its_table(frame: Frames, study: Studies, found: Finder) -> None:
    words = ["never", "former", "current", None] * (N // 4)
    made = found(study(frame(1, N, smoking=words)))
    np.testing.assert_array_equal(one(made, "smoking").values, [0, 1, 1, np.nan] * (N // 4))


def test_hla_zygosity_is_read_from_the_alleles(frame: Frames, found: Finder) -> None:
    patients = frame(2, N).drop("cohort")
    twice = [i % 3 == 0 for i in range(N)]  # homozygous at HLA-C
    alleles = [
        (who, allele)
        for who, same in zip(patients["patient_id"], twice, strict=True)
        for allele in (
            "A*01:01", "A*02:01", "B*07:02", "B*08:01", "C*07:01", "C*07:01" if same else "C*07:02"
        )
    ]  # fmt: skip
    hla = pl.DataFrame(alleles, schema=["patient_id", "allele"], orient="row")
    made = found(Study("typed", {"patients": patients, "hla": hla}))
    np.testing.assert_array_equal(one(made, "hla_heterozygous").values, [0.0 if t else 1.0 for t in twice])
    np.testing.assert_array_equal(one(made, "hla_alleles").values, [5.0 if t else 6.0 for t in twice])


def test_clonal_mutations_are_counted(found: Finder) -> None:
    from coley.biology.burden import clonal_burden
    from coley.toy import simulate

    toy = simulate(60, seed=2).study
    made = found(toy)
    counted = clonal_burden(toy.tables["clones"], toy.tables["samples"]).table
    per_patient = toy.patients.select("patient_id").join(
        counted.drop_nulls("patient_id").group_by("patient_id").agg(pl.col("clonal", "subclonal").mean()),
        on="patient_id",
        how="left",
        maintain_order="left",
    )
    for name in ("clonal", "subclonal"):
        expected = np.log2(per_patient[name].to_numpy().astype(float) + 1)
        np.testing.assert_allclose(one(made, f"{name}_tmb").values, expected)


def test_several_samples_of_a_patient_count_by_their_mean(found: Finder) -> None:
    from coley.toy import simulate

    toy = simulate(60, seed=2).study
    before = one(found(toy), "clonal_tmb").values
    clones, samples = toy.tables["clones"], toy.tables["samples"]
    own = samples.filter(pl.col("timepoint") == "pre")["sample_id"]
    second = samples.filter(pl.col("sample_id") == own[0]).with_columns(sample_id=pl.lit("second"))
    copied = clones.filter(pl.col("sample_id") == own[1]).with_columns(sample_id=pl.lit("second"))
    tables = {
        **toy.tables,
        "samples": pl.concat([samples, second]),
        "clones": pl.concat([clones, copied]),
    }
    after = one(found(toy.replace(tables=tables)), "clonal_tmb").values
    counts = 2 ** before[:2] - 1
    assert counts[0] != counts[1]
    assert after[0] == pytest.approx(np.log2(counts.mean() + 1))
    np.testing.assert_array_equal(after[1:], before[1:])


def test_any_column_can_be_named(frame: Frames, study: Studies, found: Finder) -> None:
    table = frame(1, N, sex=["male", "female"] * (N // 2), dose=np.arange(N), site=["a", "b", "c", "d"] * 10)
    made = found(study(table), "sex", "dose")
    np.testing.assert_array_equal(one(made, "sex").values, [1.0, 0.0] * (N // 2))
    assert one(made, "sex").label == "sex male"
    np.testing.assert_array_equal(one(made, "dose").values, np.arange(N))
    with pytest.raises(UnreadableInput, match="holds 4 different words"):
        found(study(table), "site")
    for outcome in ("responder", "os_months", "os_event"):
        with pytest.raises(InvalidSetting, match="is an outcome, and no marker"):
            found(study(table), outcome)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([7.0] * N, "one value in everybody"),
        ([None] * N, "one value in everybody"),
        ((np.arange(N) * 1e300).tolist(), "too large or too close"),
        ((np.arange(N) * 1e-300).tolist(), "too large or too close"),
    ],
)
def test_a_column_that_no_arithmetic_can_use_is_refused_with_the_reason(
    frame: Frames, study: Studies, found: Finder, values: list[float], why: str
) -> None:
    made = found(study(frame(1, N, odd=pl.Series(values, dtype=pl.Float64))), "odd", "albumin_g_dl")
    assert [m.name for m in made.markers] == ["albumin_g_dl"]
    assert why in reason(made, "odd")


def test_what_is_not_finite_is_missing(frame: Frames, study: Studies, found: Finder) -> None:
    values = [np.inf, -np.inf, np.nan, None] + [float(i) for i in range(4, N)]
    made = found(study(frame(1, N, odd=pl.Series(values, dtype=pl.Float64, strict=False))), "odd")
    assert one(made, "odd").known.tolist() == [False] * 4 + [True] * (N - 4)


def test_a_negative_burden_is_refused(frame: Frames, study: Studies, found: Finder) -> None:
    made = found(study(frame(1, N, tmb_per_mb=np.linspace(-3, 3, N))))
    assert "cannot be negative" in reason(made, "tmb_per_mb")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("albumin_gdl", "Did you mean 'albumin_g_dl'"),
        ("CYT_geomaen", "Did you mean 'CYT_geomean'"),
        ("lors", "Did you mean 'loris'"),
        ("hla_lho", "Did you mean 'hla_loh'"),
        ("xqzj", "Name a column of patients, a signature, gene:NAME or mutated:NAME"),
    ],
)
def test_a_misspelt_marker_gets_a_near_miss(
    frame: Frames, study: Studies, found: Finder, asked: str, told: str
) -> None:
    with pytest.raises(InvalidSetting, match=told):
        found(study(frame()), asked)


def test_assays_are_known_by_cohort(frame: Frames, study: Studies, found: Finder) -> None:
    made = found(
        study(
            frame(1, N, name="a", tmb_per_mb=np.arange(N), tmb_assay=["F1CDx"] * N),
            frame(2, N, name="b", tmb_per_mb=np.arange(N), tmb_assay=["WES", "IMPACT"] * (N // 2)),
        )
    )
    assert one(made, "tmb_per_mb").assays == {"a": "F1CDx", "b": "IMPACT, WES"}


def test_named_markers_keep_their_order_and_stand_once(frame: Frames, study: Studies, found: Finder) -> None:
    made = found(study(frame()), "platelets", "albumin_g_dl", "platelets")
    assert [m.name for m in made.markers] == ["platelets", "albumin_g_dl"]
