"""Expected vials, mg and money of a dose, against simulation of patients and published costs."""

from __future__ import annotations

import csv
from itertools import combinations_with_replacement, pairwise

import numpy as np
import pytest

from coley.economics.doses.amounts import Flat, PerKg, PerM2, Vial
from coley.economics.doses.bodies import Empirical, LogNormal, Mixture, Normal
from coley.economics.doses.known import list_prices
from coley.economics.doses.prices import Price, Product
from coley.economics.doses.rounding import DownToVial, ToBands, ToMultiple
from coley.economics.doses.supply import supply
from coley.economics.doses.vials import cheapest_vials
from coley.model.errors import InvalidSetting, MissingData

RCC = Normal(83.38, 18.01)  # body weight of the NICE renal model
NIVO = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
IPI = Product("ipilimumab", list_prices("ipilimumab", "UK", price_year=2022), country="UK")
PEMBRO = Product("pembrolizumab", list_prices("pembrolizumab", "UK", price_year=2022), country="UK")


def one_vial(drug, mg, amount):
    return Product(drug, [Price(amount, per="vial", vial=Vial(mg), currency="GBP", price_year=2017)])


@pytest.mark.parametrize(
    ("dose", "product", "kg", "vials", "cost"),
    [
        (PerKg(3), one_vial("nivolumab", 40, 439), 73, [6], 2634),  # NICE TA484, chapter 2
        (PerKg(3), IPI, 70, [1, 1], 18_750),  # NICE TA268, section 2.3: a vial of 50 and one of 200 mg
        (Flat(200), PEMBRO, None, [2], 5260),  # NICE TA709, section 2.3
    ],
)
def test_costs_of_a_dose_in_appraisals(dose, product, kg, vials, cost):
    made = supply(dose, product, body=None if kg is None else Empirical([kg]))
    assert made.vials.tolist() == [vials]
    assert made.cost.tolist() == [cost]


def test_the_annual_cost_of_cemiplimab_in_an_appraisal():
    cemiplimab = Product("cemiplimab", list_prices("cemiplimab", "UK", price_year=2022), country="UK")
    assert round(supply(Flat(350), cemiplimab).cost_per_year(3)[0]) == 80_877  # NICE TA802, section 2.3


def simulated(dose, product, body, *, patients=1, rounding=None, reduced=0.0, n=180_000):
    """Mean mg given, mg bought and cost of a dose over patients drawn one by one."""
    mg = dose.calculated_mg(body.sample(np.random.default_rng(7), n)) * (1 - reduced)
    if isinstance(rounding, ToMultiple):
        mg = np.maximum(np.floor(mg / rounding.mg + 0.5), 1) * rounding.mg
    if isinstance(rounding, ToBands):
        bands = np.array(rounding.doses_mg)
        mg = bands[np.abs(mg[:, None] - bands).argmin(axis=1)]
    sizes = [vial.mg for vial in product.vials]
    need = mg * (1 - rounding.within) if isinstance(rounding, DownToVial) else mg
    sums = need.reshape(-1, patients).sum(axis=1)
    cover = cheapest_vials(sizes, product.net_per_vial[0], largest_mg=float(sums.max()) + 1)
    j = cover.which(sums)
    if isinstance(rounding, DownToVial):
        mg = np.minimum(mg, cover.total_mg[j])
    return mg.mean(), cover.total_mg[j].mean() / patients, cover.cost[j].mean() / patients


@pytest.mark.parametrize(
    ("dose", "product", "body", "settings"),
    [
        (PerKg(3), NIVO, RCC, {}),
        (PerKg(3), one_vial("nivolumab", 100, 1097), LogNormal(76, 18), {}),
        (PerKg(3, cap_mg=240), NIVO, RCC, {}),
        (PerKg(2, cap_mg=200), PEMBRO, Mixture([0.29, 0.71], [Normal(72, 15), Normal(88, 17)]), {}),
        (PerKg(1), IPI, RCC, {"reduced": 0.1}),
        (PerKg(3), IPI, RCC, {"rounding": ToMultiple(10)}),
        (PerKg(3), IPI, RCC, {"rounding": ToMultiple(37)}),
        (PerKg(3), NIVO, RCC, {"rounding": ToBands((120, 160, 200, 240, 280, 320, 400, 480))}),
        (PerKg(3), IPI, RCC, {"rounding": DownToVial(0.1)}),
        (PerKg(2), PEMBRO, RCC, {"rounding": DownToVial(0.05)}),
        (PerKg(3), IPI, RCC, {"patients": 2}),
        (PerKg(2), PEMBRO, LogNormal(76, 18), {"patients": 4}),
        (PerKg(3, cap_mg=240), NIVO, RCC, {"patients": 3}),
        (PerKg(3, cap_mg=240), NIVO, Normal(105, 15), {"patients": 2}),  # most sums are the sum of two caps
        (PerKg(3, cap_mg=231), NIVO, Normal(105, 15), {"patients": 2, "reduced": 0.07}),
        (PerKg(2), PEMBRO, RCC, {"patients": 5, "rounding": ToMultiple(20)}),
        (PerM2(75), one_vial("a drug", 50, 15), Normal(1.9, 0.2, unit="m2"), {}),
    ],
)
def test_closed_form_equals_simulated_patients(dose, product, body, settings):
    settings = dict(settings)
    expected = simulated(dose, product, body, **settings)
    settings["patients_sharing"] = settings.pop("patients", 1)
    made = supply(dose, product, body=body, **settings)
    # Standard errors of 180,000 patients (or 36,000 days) are below 0.1 % of each mean.
    np.testing.assert_allclose([made.given_mg[0], made.bought_mg[0], made.cost[0]], expected, rtol=3e-3)
    assert made.vials[0] @ [vial.mg for vial in product.vials] == pytest.approx(made.bought_mg[0])


@pytest.mark.parametrize("product", [NIVO, IPI, PEMBRO])
def test_sharing_among_few_patients_equals_enumeration(product):
    weights = [48.0, 61.0, 70.0, 77.0, 93.0, 118.0]
    cover = cheapest_vials([v.mg for v in product.vials], product.net_per_vial[0], largest_mg=1200)
    for patients in (1, 2, 3):
        expected = 0.0
        for group in combinations_with_replacement(range(6), patients):
            ways = np.prod(range(1, patients + 1)) / np.prod(
                [np.prod(range(1, group.count(i) + 1)) for i in set(group)]
            )
            j = cover.which(3 * sum(weights[i] for i in group))
            expected += ways / 6**patients * cover.cost[j] / patients
        made = supply(PerKg(3), product, body=Empirical(weights), patients_sharing=patients)
        assert made.cost[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("patients", [2, 3, 8])
@pytest.mark.parametrize("product", [NIVO, IPI, PEMBRO])
def test_sharing_of_normal_doses_equals_the_normal_distribution_of_their_sum(product, patients):
    from scipy.stats import norm

    total = norm(3 * 83.38 * patients, 3 * 18.01 * np.sqrt(patients))
    cover = cheapest_vials(
        [v.mg for v in product.vials], product.net_per_vial[0], largest_mg=total.isf(1e-12)
    )
    expected = np.diff(total.cdf(cover.upper_mg), prepend=0.0) @ cover.cost / patients
    made = supply(PerKg(3), product, body=RCC, patients_sharing=patients)
    # Left over are the cut at 0 kg (2 in a million) and the grid.
    assert made.cost[0] == pytest.approx(expected, rel=1e-5)


def test_more_sharing_never_wastes_more_and_ends_without_waste():
    shares = [1, 2, 4, 8, 32]
    waste = [supply(PerKg(2), PEMBRO, body=RCC, patients_sharing=k).wasted_share[0] for k in shares]
    assert all(one > two for one, two in pairwise(waste))
    assert waste[-1] == pytest.approx(0.5 * 100 / (32 * 2 * 83.38), abs=1e-3)  # half a vial a lot
    none = supply(PerKg(2), PEMBRO, body=RCC, patients_sharing=np.inf)
    assert none.wasted_share[0] == 0
    assert none.cost[0] == pytest.approx(2 * 83.38 * 26.3, rel=1e-5)
    assert none.vials[0, 0] == pytest.approx(2 * 83.38 / 100, rel=1e-5)


def test_full_sharing_takes_the_vial_that_is_cheapest_per_mg():
    made = supply(PerKg(3), NIVO, body=RCC, patients_sharing=np.inf)
    per_mg = NIVO.net_per_mg[0]
    assert made.vials[0].nonzero()[0].tolist() == [int(per_mg.argmin())]
    assert made.cost[0] == pytest.approx(made.given_mg[0] * per_mg.min())


def test_draws_of_weight_price_and_reduction_are_each_their_own_case():
    price = Price([439, 600], per="vial", vial=Vial(40, 4), currency="GBP", price_year=2022)
    both = supply(
        PerKg(3),
        Product("nivolumab", [price], discount=[0.0, 0.1]),
        body=Normal([70, 90], [15, 18]),
        reduced=[0.0, 0.2],
    )
    for d, (amount, discount, body, reduced) in enumerate(
        [(439, 0.0, Normal(70, 15), 0.0), (600, 0.1, Normal(90, 18), 0.2)]
    ):
        one = Product(
            "nivolumab",
            [Price(amount, per="vial", vial=Vial(40, 4), currency="GBP", price_year=2022)],
            discount=discount,
        )
        alone = supply(PerKg(3), one, body=body, reduced=reduced)
        np.testing.assert_allclose(both.vials[d], alone.vials[0], rtol=1e-12)
        np.testing.assert_allclose(both.given_mg[d], alone.given_mg[0], rtol=1e-12)
        np.testing.assert_allclose(both.cost[d], alone.cost[0], rtol=1e-12)


def test_units_do_not_matter():
    per_mg = Price(10.975, per="mg", vial=Vial(40, 4), currency="GBP", price_year=2022)
    per_ml = Price(109.75, per="ml", vial=Vial(40, 4), currency="GBP", price_year=2022)
    expected = supply(PerKg(3), one_vial("nivolumab", 40, 439), body=RCC).cost[0]
    for price in (per_mg, per_ml):
        assert supply(PerKg(3), Product("nivolumab", [price]), body=RCC).cost[0] == pytest.approx(expected)


@pytest.mark.real
def test_costs_of_regimens_in_the_model_of_shao_2023(shared):
    """1 mg/kg of nivolumab and 3 mg/kg of ipilimumab for 70 kg, ipilimumab in whole vials of 50 and 200 mg."""
    with (shared / "economics/shao2023_checkmate067_cea/param.csv").open() as file:
        published = {row["Name"]: float(row["Mean"]) for row in csv.DictReader(file)}
    assert published["c_nivipi_drug"] == pytest.approx(published["c_niv_drug"] + published["c_ipi_drug"])
    dollars = {"currency": "USD", "price_year": 2022}
    ipi = Product(
        "ipilimumab", [Price(160.703, per="mg", vial=Vial(mg), **dollars) for mg in (50, 200)], country="US"
    )
    made = supply(PerKg(3), ipi, body=Empirical([70]))
    assert made.vials.tolist() == [[1, 1]]
    assert made.cost[0] == pytest.approx(published["c_ipi_drug"], rel=0.01)
    without_waste = supply(PerKg(3), ipi, body=Empirical([70]), patients_sharing=np.inf)
    assert without_waste.cost[0] < 0.85 * published["c_ipi_drug"]
    nivo = Product("nivolumab", [Price(28.541, per="mg", **dollars)], country="US")
    made = supply(PerKg(1), nivo, body=Empirical([70]), patients_sharing=np.inf)
    assert made.cost[0] == pytest.approx(published["c_niv_drug"], rel=0.001)


def test_rounding_errors_of_a_dose_take_no_vial():
    assert 800 * (1 - 0.45) > 440
    assert supply(Flat(800), one_vial("a drug", 40, 1), reduced=0.45).cost == 11


def test_a_dose_in_the_wrong_unit_is_refused_unless_it_is_meant():
    with pytest.raises(InvalidSetting, match="3 mg is unlike"):
        supply(Flat(3), NIVO)
    assert supply(Flat(3), NIVO, unusual_dose=True).cost == 439


def test_refusals():
    for error, settings, word in (
        (MissingData, {"body": None}, "weights"),
        (InvalidSetting, {"body": Normal(1.9, 0.2, unit="m2")}, "kg"),
        (InvalidSetting, {"patients_sharing": 0}, "shared"),
        (InvalidSetting, {"patients_sharing": 2.5}, "whole"),
        (InvalidSetting, {"reduced": 1.0}, "missed"),
        (InvalidSetting, {"reduced": 10}, "percentage"),
        (InvalidSetting, {"rounding": ToBands((100, 120))}, "too low"),
        (InvalidSetting, {"rounding": ToBands((120, 100))}, "rising"),
        (InvalidSetting, {"rounding": ToMultiple(0)}, "step"),
        (InvalidSetting, {"rounding": DownToVial(5)}, "percentage"),
        (InvalidSetting, {"rounding": DownToVial(0.1), "patients_sharing": 2}, "together"),
    ):
        with pytest.raises(error) as raised:
            supply(PerKg(3), NIVO, **{"body": RCC, **settings})
        assert word in str(raised.value)
    with pytest.raises(MissingData, match="surfaces"):
        supply(PerM2(75), one_vial("a drug", 50, 15))
    per_mg = Product("nivolumab", [Price(28.5, per="mg", currency="USD", price_year=2022)])
    with pytest.raises(InvalidSetting, match="waste cannot be known"):
        supply(Flat(240), per_mg)


def test_draws_of_weight_under_sharing_equal_each_alone(monkeypatch):
    monkeypatch.setattr("coley.economics.doses.sharing.AT_ONCE", 1)  # one draw at a time
    both = supply(
        PerKg(2), PEMBRO, body=Normal([70, 80, 90], [15, 16, 18]), patients_sharing=3, reduced=[0, 0.1, 0]
    )
    for d, (mean, sd, reduced) in enumerate([(70, 15, 0.0), (80, 16, 0.1), (90, 18, 0.0)]):
        alone = supply(PerKg(2), PEMBRO, body=Normal(mean, sd), patients_sharing=3, reduced=reduced)
        # The grids reach to different weights, and so differ in the last digits.
        np.testing.assert_allclose(both.cost[d], alone.cost[0], rtol=1e-6)
