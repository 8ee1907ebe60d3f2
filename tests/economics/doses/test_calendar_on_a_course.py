"""A calendar charged on a course of the disease costs what the calendar itself expects."""

from __future__ import annotations

import numpy as np

from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Charges
from coley.economics.doses.amounts import Flat
from coley.economics.doses.calendar import schedule
from coley.economics.doses.known import list_prices
from coley.economics.doses.prices import Product
from coley.economics.doses.regimens import Administration, Given, Phase, Regimen


def test_charges_of_a_calendar_equal_its_own_expectation():
    product = Product(
        "pembrolizumab", list_prices("pembrolizumab", "UK", price_year=2022), discount=[0.0, 0.3]
    )
    drug = Given(product, [Phase(Flat(200), 3)], stop_years=2, missed=[0.02, 0.1])
    calendar = schedule(Regimen("pembrolizumab", [drug], {"iv": Administration(207.59)}), 10)
    grid = cycles(10, 1 / 52)
    pfs, os = (np.exp(-np.array([[rate], [0.8 * rate]]) * grid.times_years) for rate in (0.7, 0.3))
    course = partitioned_survival(grid, {"progression_free": pfs, "progressed": os})
    three_and_a_half = Discount(0.035)
    found = evaluate(
        course,
        [
            Charges(
                "drug",
                "cost",
                times_years=calendar.times_years,
                amounts=calendar.cost,
                while_in=("progression_free",),
            )
        ],
        costs=three_and_a_half,
    )
    expected = calendar.on_treatment(grid.times_years, pfs).total(
        three_and_a_half.factors(calendar.times_years)
    )
    np.testing.assert_allclose(found.costs, expected, rtol=1e-9)
