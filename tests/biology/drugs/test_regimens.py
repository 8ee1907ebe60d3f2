"""Classes of regimens: by rule, whatever the order and the company."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.biology.drugs import drugs, feature_table, features, regimens, regimens_of


@pytest.mark.parametrize(
    ("ingredients", "expected"),
    [
        (["nivolumab"], {"ici", "pd1", "pdx", "pd1_alone", "pdx_alone"}),
        (["atezolizumab"], {"ici", "pdl1", "pdx", "pdl1_alone", "pdx_alone"}),
        (["ipilimumab"], {"ici", "ctla4", "ctla4_alone"}),
        (["nivolumab", "ipilimumab"], {"ici", "pdx_ctla4"}),
        (["durvalumab", "tremelimumab"], {"ici", "pdx_ctla4"}),
        (["cadonilimab"], {"ici", "pdx_ctla4"}),
        (["nivolumab", "relatlimab"], {"ici", "pdx_lag3"}),
        (["relatlimab"], {"ici", "lag3"}),
        (["atezolizumab", "tiragolumab"], {"ici"}),
        (
            ["atezolizumab", "bevacizumab", "carboplatin"],
            {"ici", "pdl1", "pdx", "pdx_chemotherapy", "pdx_anti_vegf", "ici_chemotherapy"},
        ),
        (
            ["pembrolizumab", "axitinib"],
            {"ici", "pd1", "pdx", "pdx_tki", "pdx_vegfr_tki", "ici_tki"},
        ),
        (
            ["nivolumab", "ipilimumab", "cisplatin"],
            {"ici", "pdx_ctla4", "pdx_ctla4_chemotherapy", "ici_chemotherapy"},
        ),
        (["nivolumab", "pembrolizumab"], {"ici", "pd1", "pdx", "pd1_alone", "pdx_alone"}),
        (["nivolumab", "prednisone"], {"ici", "pd1", "pdx", "pd1_alone", "pdx_alone"}),
        (["docetaxel"], {"other_oncology"}),
        (["methotrexate"], set()),
        (["paracetamol"], set()),
        ([], set()),
    ],
)
def test_rules(ingredients: list[str], expected: set[str]) -> None:
    assert set(regimens_of(ingredients)) == expected


def test_rules_use_features_that_exist_and_exclude_nothing_they_require() -> None:
    known = frozenset[str]().union(*features().values())
    for regimen in regimens().values():
        assert regimen.requires
        assert regimen.requires | regimen.excludes <= known, regimen
        assert not regimen.requires & regimen.excludes


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(drugs())), max_size=6))
def test_order_and_repetition_change_nothing_and_the_join_says_the_same(ingredients: list[str]) -> None:
    told = regimens_of(ingredients)
    assert told == regimens_of([*reversed(ingredients), *ingredients])
    present = set(feature_table().filter(pl.col("ingredient").is_in(ingredients))["feature"])
    joined = tuple(r.name for r in regimens().values() if r.requires <= present and not r.excludes & present)
    assert told == joined


def test_alone_and_with_a_partner_never_hold_together() -> None:
    for partner in ("carboplatin", "axitinib", "bevacizumab", "dabrafenib", "olaparib"):
        told = regimens_of(["nivolumab", partner])
        assert "pd1" in told
        assert "pd1_alone" not in told
