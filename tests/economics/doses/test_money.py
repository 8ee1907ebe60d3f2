"""Currency and price year: nothing moves without an index or a rate, and years must fit."""

from __future__ import annotations

from datetime import date

import pytest

from coley.economics.doses.money import ExchangeRate, PriceIndex, factor_between, us_medical_care
from coley.economics.doses.prices import Price
from coley.model.errors import InvalidSetting, MissingData

POUND = ExchangeRate("GBP", "USD", 1.335, date=date(2018, 6, 29), source="an example")
INDEX = PriceIndex("health", "GBP", {2016: 100.0, 2018: 104.0}, source="an example")


def test_index_first_and_then_the_rate_of_the_year_arrived_at():
    assert factor_between(("GBP", 2016), ("USD", 2018), index=INDEX, rate=POUND) == pytest.approx(
        1.04 * 1.335
    )
    assert factor_between(("GBP", 2018), ("GBP", 2016), index=INDEX) == pytest.approx(100 / 104)


def test_there_and_back_is_where_it_began():
    price = Price([100.0, 120.0], per="mg", currency="GBP", price_year=2016)
    back = price.to("GBP", 2018, index=INDEX).to("GBP", 2016, index=INDEX)
    assert back.per_mg == pytest.approx(price.per_mg)
    assert (back.currency, back.price_year) == ("GBP", 2016)


def test_what_is_not_given_is_refused():
    for error, arguments, word in (
        (MissingData, {"two": ("GBP", 2018)}, "index"),
        (MissingData, {"two": ("USD", 2016)}, "rate"),
        (MissingData, {"two": ("GBP", 2017), "index": INDEX}, "2017"),
        (InvalidSetting, {"two": ("GBP", 2018), "index": us_medical_care()}, "USD"),
        (InvalidSetting, {"two": ("USD", 2016), "rate": POUND}, "2018"),
        (InvalidSetting, {"two": ("EUR", 2018), "index": INDEX, "rate": POUND}, "EUR"),
    ):
        two = arguments.pop("two")
        with pytest.raises(error) as raised:
            factor_between(("GBP", 2016), two, **arguments)
        assert word in str(raised.value)
    with pytest.raises(InvalidSetting, match="source"):
        ExchangeRate("GBP", "USD", 1.3, date=date(2018, 1, 1), source="")
    with pytest.raises(InvalidSetting, match="rate"):
        ExchangeRate("GBP", "USD", 0.0, date=date(2018, 1, 1), source="an example")


@pytest.mark.real
def test_the_index_of_us_medical_care_is_the_mean_of_its_months(shared):
    text = (shared / "economics/ivi_nsclc_2019/medical-cpi__BLS_Data_Series.csv").read_text()
    months = {row.split(",")[0]: row.split(",")[1:13] for row in text.splitlines()[12:]}
    index = us_medical_care()
    assert set(map(str, index.by_year)) == set(months)
    for year, values in months.items():
        assert index.by_year[int(year)] == pytest.approx(sum(map(float, values)) / 12, abs=5e-4)
