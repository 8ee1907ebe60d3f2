import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.biology.burden import Calibration, harmonise, transferable
from coley.model.errors import InvalidSetting, MissingData, UnknownName, UnreadableInput


def two_assays(seed=1, n=40, factor=1.6):
    rng = np.random.default_rng(seed)
    exome = np.exp(rng.normal(1.5, 0.8, n))
    panel = np.exp(rng.normal(1.5, 0.8, n)) * factor
    return np.concatenate([exome, panel]), np.array(["exome"] * n + ["panel"] * n)


def level(made, name):
    return {check.name: check.level for check in made.checks}[name]


@pytest.mark.parametrize("method", ["z", "rank"])
def test_within_an_assay_the_order_of_patients_is_kept(method):
    tmb, assay = two_assays()
    made = harmonise(tmb, assay, method=method)
    for name in ("exome", "panel"):
        rows = assay == name
        np.testing.assert_array_equal(np.argsort(tmb[rows]), np.argsort(made.values[rows]))


def test_z_has_mean_zero_and_spread_one_in_each_assay():
    tmb, assay = two_assays()
    values = harmonise(tmb, assay).values
    for name in ("exome", "panel"):
        assert values[assay == name].mean() == pytest.approx(0, abs=1e-12)
        assert values[assay == name].std(ddof=1) == pytest.approx(1)


def test_a_factor_between_assays_vanishes_in_ranks_and_quantiles():
    tmb, assay = two_assays(factor=1.0)
    scaled = np.where(assay == "panel", tmb * 1.7, tmb)
    for method, more in (("rank", {}), ("quantile", {"reference": "exome"})):
        one = harmonise(tmb, assay, method=method, **more).values
        two = harmonise(scaled, assay, method=method, **more).values
        np.testing.assert_allclose(one, two)


def test_quantiles_map_a_scaled_copy_back_onto_the_reference():
    exome = np.exp(np.random.default_rng(3).normal(1.5, 0.8, 30))
    tmb, assay = np.concatenate([exome, exome[::-1] * 1.4]), ["exome"] * 30 + ["panel"] * 30
    made = harmonise(tmb, assay, method="quantile", reference="exome")
    np.testing.assert_allclose(made.values[30:], exome[::-1])
    np.testing.assert_array_equal(made.values[:30], exome)
    assert made.unit == "mutations per Mb of exome"


def test_ranks_by_hand_with_ties():
    made = harmonise([1.0, 2, 2, 4], ["a"] * 4, method="rank", least=4)
    np.testing.assert_allclose(made.values, [0.125, 0.5, 0.5, 0.875])


@given(st.permutations(range(24)))
def test_patient_order_does_not_matter(order):
    tmb, assay = two_assays(n=12)
    order = list(order)
    for method in ("z", "rank", "quantile"):
        whole = harmonise(tmb, assay, method=method, reference="exome").values
        np.testing.assert_allclose(
            harmonise(tmb[order], assay[order], method=method, reference="exome").values, whole[order]
        )


def test_cancer_types_are_placed_apart_and_small_cells_have_no_place():
    tmb = np.r_[np.arange(1.0, 13), np.arange(101.0, 113), [5.0, 6.0]]
    kind = ["lung"] * 12 + ["melanoma"] * 12 + ["sarcoma"] * 2
    made = harmonise(tmb, ["exome"] * 26, method="rank", cancer_type=kind)
    np.testing.assert_allclose(made.values[:12], made.values[12:24])
    assert np.isnan(made.values[24:]).all()
    assert level(made, "harmonised_too_few") == "warn"


def test_a_constant_assay_has_no_place():
    made = harmonise([3.0] * 12, ["a"] * 12)
    assert np.isnan(made.values).all()


def test_missing_stays_missing():
    tmb, assay = two_assays()
    tmb[0] = np.nan
    assert np.isnan(harmonise(tmb, assay).values[0])
    assert np.isfinite(harmonise(tmb, assay).values[1:]).all()


def test_calibrations_are_the_users_own_and_named():
    own = {"panel": Calibration(-0.5, 0.8, "own, 40 pairs"), "exome": Calibration(0, 1, "itself")}
    made = harmonise([0.1, 10, 10], ["panel", "panel", "exome"], method="linear", calibrations=own)
    np.testing.assert_allclose(made.values, [0, 7.5, 10])
    with pytest.raises(MissingData, match="no calibration"):
        harmonise([1.0], ["other"], method="linear", calibrations=own)
    with pytest.raises(InvalidSetting, match="source"):
        harmonise([1.0], ["panel"], method="linear", calibrations={"panel": Calibration(0, 1, "")})


def test_cut_points_do_not_carry_over():
    assert transferable(["F1CDx"])[0].level == "pass"
    assert transferable(["FoundationOne CDx", "exome"])[0].level == "warn"
    assert "exome" in transferable(["exome"])[0].message
    assert level(harmonise(*two_assays()), "tmb_cut_point") == "warn"


def test_bad_input_is_refused():
    with pytest.raises(UnreadableInput, match="negative"):
        harmonise([-1.0, 2], ["a", "a"])
    with pytest.raises(UnreadableInput, match="one value for each"):
        harmonise([1.0, 2], ["a"])
    with pytest.raises(MissingData, match="no assay"):
        harmonise([1.0, 2], ["a", ""])
    with pytest.raises(UnknownName):
        harmonise([1.0, 2], ["a", "a"], method="zz")
    with pytest.raises(MissingData, match="reference"):
        harmonise([1.0, 2], ["a", "a"], method="quantile", reference="b")
