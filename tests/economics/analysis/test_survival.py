"""Published curves in a model: cured shares, net survival, and what papers printed."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from coley.economics.analysis.evaluate import curves_of, prepare
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting

WEIBULL = {
    "family": "weibull",
    "parameters": {"cured": 0.4, "shape": 1.2, "scale": 30.0},
    "time_unit": "months",
}
# Names of flexsurvcure's distributions and their parameters, in the order of its columns p1 to p3.
FLEXSURVCURE = {
    "exp": ("exponential", ("rate",)),
    "weibull": ("weibull", ("shape", "scale")),
    "llogis": ("log_logistic", ("shape", "scale")),
    "lnorm": ("log_normal", ("mean_log", "sd_log")),
    "gengamma": ("generalised_gamma", ("mu", "sigma", "Q")),
}


def published(words, **curve):
    words["strategies"]["old"]["os"] = curve
    words["horizon_years"] = 40
    return model_of(words)


def curve_of(model, **settings):
    prepared = prepare(model, {})
    return curves_of(prepared, base_case(model, {}), **settings).curves["old.os"]


def test_a_published_share_of_cured_patients_is_left_in_the_end(words):
    model = published(words, published=WEIBULL, cure="mixture", background="none")
    found = curve_of(model)
    wanted = 0.4 + 0.6 * np.exp(-((12 * found.times_years / 30) ** 1.2))
    assert found.survival[0] == pytest.approx(wanted, abs=1e-12)
    other = curve_of(published(words, published=WEIBULL, cure="non_mixture", background="none"))
    assert other.survival[0] == pytest.approx(
        0.4 ** (1 - np.exp(-((12 * found.times_years / 30) ** 1.2))), abs=1e-12
    )


def test_net_survival_of_a_paper_is_times_that_of_the_population(words):
    words["population"] |= {"age_years": 65, "life_table": "usa-2015"}
    net = curve_of(published(words, published=WEIBULL, cure="mixture", background="none"))
    model = published(words, published=WEIBULL, cure="mixture", background="likelihood")
    prepared = prepare(model, {})
    alive = prepared.people.cohort.survival(prepared.people.table, net.times_years)
    assert curve_of(model).survival[0] == pytest.approx(net.survival[0] * alive, rel=1e-9)


def test_a_share_with_limits_is_drawn_between_none_and_all(words):
    parameters = WEIBULL["parameters"] | {"cured": {"value": 0.03, "se": 0.02, "distribution": "beta"}}
    model = published(words, published=WEIBULL | {"parameters": parameters}, cure="mixture")
    draws = drawn(model, {}, draws=2000, seed=1)
    share = draws.numbers["strategies.old.os.published.parameters.cured"]
    assert share.min() > 0
    assert (share.mean(), share.std()) == pytest.approx((0.03, 0.02), abs=0.002)
    last = curves_of(prepare(model, {}), draws).curves["old.os"].survival[:, -1]
    assert last == pytest.approx(share, abs=1e-6)


def test_a_share_without_the_word_and_the_word_without_a_share_are_refused(words):
    with pytest.raises(InvalidSetting, match="has the parameters shape, scale"):
        curve_of(published(words, published=WEIBULL))
    without = WEIBULL | {"parameters": {"shape": 1.2, "scale": 30.0}}
    with pytest.raises(InvalidSetting, match="has the parameters cured, shape, scale"):
        curve_of(published(words, published=without, cure="mixture"))


@pytest.mark.real
def test_curves_of_flexsurvcure_are_those_of_its_printed_parameters(words, shared):
    """Fits to both drugs in CheckMate 067 by flexsurvcure: net survival at 5, 10 and 20 years from its parameters."""
    file = shared / "km_curves_econ" / "reference_fits" / "flexsurvcure_checkmate067_6.5y.csv"
    with file.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["data"] == "IPD_os_niv_6.5y"]
    assert len(rows) == 20
    for row in rows:
        family, names = FLEXSURVCURE[row["dist"]]
        values = [float(row[f"p{i}"]) for i in range(1, len(names) + 1)]
        parameters = {"cured": float(row["theta"])} | dict(zip(names, values, strict=True))
        model = published(
            words,
            published={"family": family, "parameters": parameters, "time_unit": "months"},
            cure="mixture" if row["mixture"] == "TRUE" else "non_mixture",
            background="none",
        )
        found = curve_of(model)
        at = np.interp([5.0, 10, 20], found.times_years, found.survival[0])
        printed = [float(row[f"relS{months}"]) for months in (60, 120, 240)]
        assert at == pytest.approx(printed, abs=1e-4), row["dist"]
