"""Flat doses against doses by weight, and the single-centre study of Hall et al. 2020."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses.amounts import Flat, PerKg
from coley.economics.doses.bodies import Empirical, Normal
from coley.economics.doses.flat_or_weight import flat_or_weight
from coley.economics.doses.known import list_prices
from coley.economics.doses.prices import Product

NIVO = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
PEMBRO = Product("pembrolizumab", list_prices("pembrolizumab", "UK", price_year=2022), country="UK")


def test_shares_and_costs_of_a_small_cohort():
    cohort = Empirical([55, 70, 80, 85, 102])
    made = flat_or_weight(Flat(240), PerKg(3), NIVO, body=cohort)
    assert made.break_even_kg == 80
    assert made.lighter_share.tolist() == [0.4]  # 80 kg is at the break-even, not below it
    doses = np.array([165, 210, 240, 255, 306.0])
    assert made.by_weight.given_mg[0] == pytest.approx(doses.mean())
    assert made.lesser.given_mg[0] == pytest.approx(np.minimum(doses, 240).mean())
    assert made.flat.cost[0] == 2633
    # Vials of 40 and 100 mg for 165 and 210 mg cost less than 2,633; 240 mg and more do not.
    assert made.cheaper_share.tolist() == [0.4]
    one_size = flat_or_weight(Flat(200), PerKg(2), PEMBRO, body=cohort)
    assert one_size.lighter_share.tolist() == [0.8]
    assert one_size.cheaper_share.tolist() == [0.0]  # nobody weighs 50 kg or less: two vials all the same


def test_the_lesser_dose_never_costs_more_than_either():
    for body in (Normal(60, 10), Normal(83.38, 18.01), Normal(110, 20)):
        for product, flat, rate in ((NIVO, 240, 3), (PEMBRO, 200, 2)):
            made = flat_or_weight(Flat(flat), PerKg(rate), product, body=body)
            assert made.saved_by_lesser >= made.saved_by_weight - 1e-12
            assert made.saved_by_lesser >= 0


def test_hall_2020_is_plausible():
    """77 % of doses were less by weight; the lesser of both saved 9 % of nivolumab and none of pembrolizumab,
    and with sharing of vials 19 % of pembrolizumab. The weights were not published: 76 kg (SD 18) gives them.
    """
    body = Normal(76, 18)
    nivo = flat_or_weight(Flat(240), PerKg(3), NIVO, body=body)
    pembro = flat_or_weight(Flat(200), PerKg(2), PEMBRO, body=body)
    shares = nivo.lighter_share[0], pembro.lighter_share[0]
    assert min(shares) < 0.77 < max(shares)
    assert nivo.saved_by_lesser[0] == pytest.approx(0.09, abs=0.02)
    assert pembro.saved_by_lesser[0] < 0.05
    shared = flat_or_weight(Flat(200), PerKg(2), PEMBRO, body=body, patients_sharing=8)
    assert shared.saved_by_lesser[0] == pytest.approx(0.19, abs=0.05)
