from __future__ import annotations

from dataclasses import replace

import pytest

import coley.toy as toy
from coley.model.errors import ColeyError, InvalidSetting


@pytest.mark.parametrize(
    "bad",
    [
        {"arms": ()},
        {"arms": (toy.ICI, toy.ICI)},
        {"arms": (replace(toy.ICI, sensitive=1.0),)},
        {"arms": (replace(toy.ICI, cured=-0.1),)},
        {"arms": (replace(toy.ICI, irae="nothing"),)},
        {"arms": (replace(toy.ICI, drugs=()),)},
        {"arms": (replace(toy.ICI, drugs=(toy.Drug("x", 1, "pound"),)),)},
        {"arms": (replace(toy.ICI, weight=0),)},
        {"cancer_shares": (1.0,)},
        {"cancer_shares": (-1.0, 1.0, 1.0, 1.0)},
        {"cancer_log_odds": (1.0, 1.0)},
        {"panel_megabases": 0.0},
        {"growth_per_month": 0.0},
        {"new_lesion_hazard": -0.1},
        {"dropout_per_month": -0.1},
        {"irae_scale": -1.0},
        {"scan_weeks": 4},
        {"accrual_months": -1.0},
        {"follow_up_months": 1.0},
        {"follow_up_months": float("nan")},
        {"cancer_hazard": float("nan")},
    ],
)
def test_impossible_designs_are_refused(bad):
    with pytest.raises(InvalidSetting, match="cannot be simulated"):
        toy.Design(**bad)


@pytest.mark.parametrize("patients", [0, 1, -5, 10_000_000])
def test_impossible_numbers_of_patients_are_refused(patients):
    with pytest.raises(InvalidSetting):
        toy.simulate(patients)


def test_negative_seed_is_refused():
    with pytest.raises(ColeyError):
        toy.simulate(10, seed=-1)


def test_arms_are_allotted_by_weight():
    design = toy.Design(arms=(replace(toy.ICI, weight=2), toy.CHEMOTHERAPY))
    arms = toy.simulate_outcomes(300, design=design)["arm"].value_counts()
    assert dict(arms.iter_rows()) == {"ICI": 200, "chemotherapy": 100}
