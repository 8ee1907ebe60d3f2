"""Exposures: the relations say of every report what the rule on its set of ingredients says."""

from __future__ import annotations

from typing import Any

import ibis
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coley.biology.drugs.regimens import regimens_of
from coley.vigilance.counting import Counts
from coley.vigilance.exposure import features, four_groups, inhibitors, regimen_exposures

DRUGS = (
    "nivolumab",
    "ipilimumab",
    "pembrolizumab",
    "atezolizumab",
    "relatlimab",
    "carboplatin",
    "axitinib",
    "aspirin",
)
REPORTS = st.lists(
    st.dictionaries(st.sampled_from(DRUGS), st.sampled_from(["PS", "SS", "I", "C"]), max_size=4),
    min_size=1,
    max_size=8,
)
INHIBITORS = {"nivolumab", "ipilimumab", "pembrolizumab", "atezolizumab", "relatlimab"}


def exposures(reports: list[dict[str, str]]) -> Any:
    rows = [(k, drug, role, True) for k, report in enumerate(reports, 1) for drug, role in report.items()]
    schema = {"report_id": pl.Int64, "ingredient": pl.String, "role": pl.String, "matched": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return ibis.memtable(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def by_rule(reports: list[dict[str, str]]) -> list[tuple[int, str]]:
    """An inhibitor that is merely concomitant is not the exposure; a partner is, whatever its role."""
    return sorted(
        (k, name)
        for k, report in enumerate(reports, 1)
        for name in regimens_of(d for d, role in report.items() if d not in INHIBITORS or role != "C")
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=REPORTS)
def test_regimens_are_those_of_the_rule(duck: Any, reports: list[dict[str, str]]) -> None:
    found = regimen_exposures(features(exposures(reports)))
    assert sorted(duck.to_polars(found).rows()) == by_rule(reports)


def test_an_inhibitor_counts_in_the_roles_that_are_asked(duck: Any) -> None:
    table = exposures([{"nivolumab": "PS"}, {"nivolumab": "C"}, {"aspirin": "PS"}])
    assert duck.to_polars(inhibitors(table)).rows() == [(1, "nivolumab")]
    assert sorted(duck.to_polars(inhibitors(table, roles=["PS", "C"])).rows()) == [
        (1, "nivolumab"),
        (2, "nivolumab"),
    ]


def test_two_features_divide_every_report_into_four_groups(duck: Any) -> None:
    reports = [
        {"nivolumab": "PS"},
        {"nivolumab": "PS", "ipilimumab": "SS"},
        {"ipilimumab": "PS"},
        {"aspirin": "PS"},
        {},
    ]
    reactions = ibis.memtable({"report_id": [1, 2, 4, 5], "event": ["colitis", "colitis", "colitis", "rash"]})
    none = pl.DataFrame()
    margins = pl.DataFrame({"event": ["colitis", "rash"], "n": [3, 1]})
    counts = Counts(none, none, margins, pl.DataFrame({"n": [5]}))
    found, events = four_groups(
        duck, features(exposures(reports)), ("pd-(l)1", "ctla-4"), reactions=reactions, counts=counts
    )
    assert found == [2, 1, 1, 1]
    assert events.rows() == [("colitis", 1, 1, 0, 1), ("rash", 1, 0, 0, 0)]
