"""Published parameters that vary together: what papers print, and one message for what cannot be."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from coley.economics.model_file.parse import model_of, quantities
from coley.model.errors import UnreadableInput

COVARIANCE = {"shape": {"shape": 0.01}, "scale": {"shape": -0.006, "scale": 0.02}}
PUBLISHED = {
    "family": "weibull",
    "parameters": {"shape": 1.2, "scale": 3.0},
    "time_unit": "years",
    "source": "a paper, table 2",
}


def with_published(words, **changes):
    words = copy.deepcopy(words)
    words["strategies"]["old"]["os"] = {"published": PUBLISHED | changes}
    return words


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"covariance": {"shape": {"shape": 0.01}}}, "no variance of scale"),
        (
            {"covariance": {"shape": {"shape": 0.01}, "scale": {"scale": 0.02}}},
            "says nothing of scale with shape: write 0",
        ),
        (
            {"covariance": COVARIANCE | {"sigma": {"sigma": 1.0}}},
            "names 'sigma'; the parameters are shape, scale",
        ),
        (
            {
                "covariance": {
                    "shape": {"shape": 0.01, "scale": 0.006},
                    "scale": {"shape": -0.006, "scale": 0.02},
                }
            },
            "not symmetric: shape with scale is 0.006, scale with shape -0.006",
        ),
        (
            {"covariance": {"shape": {"shape": 0.01}, "scale": {"shape": 0.1, "scale": 0.02}}},
            "no positive variance",
        ),
        (
            {"covariance": {"shape": {"shape": -0.01}, "scale": {"shape": 0, "scale": 0.02}}},
            "variance must be above zero",
        ),
        ({"covariance": {"shape": {"shape": float("nan")}, "scale": {"scale": 0.02}}}, "finite number"),
        (
            {"covariance": COVARIANCE, "parameters": {"shape": {"value": 1.2, "se": 0.1}, "scale": 3.0}},
            "shape has limits of its own and a variance",
        ),
        ({"correlation": {"scale": {"shape": -0.4}}}, "standard error of each parameter; shape has none"),
        (
            {
                "correlation": {"scale": {"shape": -1.4}},
                "parameters": {"shape": {"value": 1.2, "se": 0.1}, "scale": {"value": 3, "se": 0.4}},
            },
            "a correlation of scale with shape cannot be -1.4",
        ),
        ({"covariance": COVARIANCE, "correlation": {"scale": {"shape": -0.4}}}, "the one holds the other"),
        ({"covariance": COVARIANCE, "scale": "log"}, "'estimation' or 'natural'"),
    ],
)
def test_what_cannot_be_is_told(words, changes, says):
    with pytest.raises(UnreadableInput, match=f"(?i){says}") as caught:
        model_of(with_published(words, **changes))
    assert "strategies.old.os" in str(caught.value)


def limits(words, name, **changes):
    found = quantities(model_of(with_published(words, **changes)))[
        f"strategies.old.os.published.parameters.{name}"
    ]
    return found, found.believed()


def test_a_covariance_gives_each_parameter_its_limits(words):
    number, believed = limits(words, "scale", covariance=COVARIANCE)
    assert (number.low, number.high) == pytest.approx(
        3 * np.exp(np.array([-1, 1]) * 1.959964 * np.sqrt(0.02))
    )
    assert believed.parameters == pytest.approx({"median": 3.0, "log_sd": np.sqrt(0.02)})
    assert number.source == "a paper, table 2"
    number, believed = limits(words, "scale", covariance=COVARIANCE, scale="natural")
    assert believed.family == "normal"
    assert believed.sd == pytest.approx((np.sqrt(0.02),))


def test_a_parameter_that_may_be_negative_is_normal_on_either_scale(words):
    gompertz = {
        "family": "gompertz",
        "parameters": {"shape": -0.05, "rate": 0.4},
        "covariance": {"shape": {"shape": 1e-4}, "rate": {"shape": 1e-4, "rate": 4e-3}},
    }
    assert limits(words, "shape", **gompertz)[1].family == "normal"
    assert limits(words, "rate", **gompertz)[1].family == "lognormal"


def test_one_triangle_or_both_say_the_same(words):
    both = {"shape": {"shape": 0.01, "scale": -0.006}, "scale": {"shape": -0.006, "scale": 0.02}}
    one, two = (
        model_of(with_published(words, covariance=matrix)).strategies["old"].os.published
        for matrix in (COVARIANCE, both)
    )
    assert one.correlations() == pytest.approx(two.correlations())
    assert one.correlations()[0, 1] == pytest.approx(-0.006 / np.sqrt(0.01 * 0.02))


def test_a_model_that_is_written_down_reads_as_it_was(words):
    model = model_of(with_published(words, covariance=COVARIANCE))
    assert model_of(model.model_dump(mode="json", exclude_defaults=True)) == model


def test_several_uncertain_parameters_without_a_word_on_them_are_unrelated(words):
    uncertain = {"shape": {"value": 1.2, "se": 0.1}, "scale": {"value": 3, "se": 0.4}}

    def unrelated(**changes):
        return model_of(with_published(words, **changes)).strategies["old"].os.published.unrelated

    assert unrelated(parameters=uncertain)
    assert not unrelated(parameters=uncertain, correlation={"scale": {"shape": -0.4}})
    assert not unrelated(parameters={"shape": 1.2, "scale": uncertain["scale"]})
    assert not unrelated(covariance=COVARIANCE)


def test_a_cured_share_has_its_own_scale_and_its_covariance_is_natural(words):
    cured = {
        "family": "weibull",
        "parameters": {"cured": 0.4, "shape": 1.2, "scale": 3.0},
        "covariance": {
            "cured": {"cured": 0.001},
            "shape": {"cured": 0.0, "shape": 0.01},
            "scale": {"cured": 0.0, "shape": 0.0, "scale": 0.02},
        },
    }
    bad = with_published(words, **cured)
    bad["strategies"]["old"]["os"]["cure"] = "mixture"
    with pytest.raises(UnreadableInput, match="a logit on the scale of the fit") as caught:
        model_of(bad)
    assert 'scale = "natural"' in str(caught.value)
    good = with_published(words, **cured, scale="natural")
    good["strategies"]["old"]["os"]["cure"] = "mixture"
    place = "strategies.old.os.published.parameters.cured"
    assert quantities(model_of(good))[place].believed().sd == pytest.approx((np.sqrt(0.001),))


def test_the_source_of_a_curve_is_that_of_its_parameters(words):
    found = quantities(model_of(with_published(words)))
    assert found["strategies.old.os.published.parameters.shape"].source == "a paper, table 2"
    own = with_published(words, parameters={"shape": {"value": 1.2, "source": "elsewhere"}, "scale": 3.0})
    found = quantities(model_of(own))
    assert found["strategies.old.os.published.parameters.shape"].source == "elsewhere"
