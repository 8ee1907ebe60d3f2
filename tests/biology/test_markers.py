import numpy as np
import pytest

from coley.biology.burden import rules
from coley.biology.markers import TRANSFORMS, markers
from coley.model.dictionary import tables
from coley.model.errors import UnknownName, UnreadableInput

# Columns that the dictionary does not have (yet): a patient table may carry them as covariates.
COVARIATES = {"neoantigens", "hed", "tmb_assay", "pdl1_assay"}
DERIVED = {"clonal", "subclonal", "fully_heterozygous", "alleles", "ici_genes", "tmb"}


def test_every_marker_comes_from_a_known_place():
    for marker in markers().values():
        assert marker.table in tables()
        assert bool(marker.column) != bool(marker.derive)
        if marker.column:
            assert marker.column in {*tables()[marker.table].columns, *COVARIATES}
        else:
            assert marker.derive in {*DERIVED, *rules()}
        assert marker.assay_column in {"", *COVARIATES}


def test_every_claim_has_a_source_and_every_direction_a_sign():
    for marker in markers().values():
        assert marker.claim
        assert marker.caveat
        assert marker.direction in (-1, 0, 1)
        assert marker.values in ("number", "flag", "level")
        assert marker.transform in TRANSFORMS
        assert all(point.source and point.unit == marker.unit for point in marker.cut_points)


def test_flags_and_levels_agree_with_the_dictionary():
    columns = tables()["patients"].columns
    for marker in markers().values():
        if marker.table != "patients" or marker.column not in columns:
            continue
        assert (marker.values == "flag") == (columns[marker.column].kind == "flag")
        if marker.levels:
            assert set(marker.levels) == set(columns[marker.column].codes)


def test_cut_points_land_on_the_scale_of_the_values():
    tmb = markers()["tmb_per_mb"]
    cut = tmb.scaled([point.value for point in tmb.cut_points])
    np.testing.assert_allclose(cut, np.log2([11.0]))
    assert markers()["albumin_g_dl"].scaled([4.0]).tolist() == [4.0]


def test_logarithms_are_not_taken_twice():
    with pytest.raises(UnreadableInput, match="negative"):
        markers()["nlr"].scaled([-0.3, 1.2])


def test_a_misspelt_marker_is_met_with_the_nearest_one():
    with pytest.raises(UnknownName) as caught:
        markers()["albumin"]
    assert "albumin_g_dl" in str(caught.value)
