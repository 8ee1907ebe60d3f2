"""Counting: against a count by hand over the same reports, and the same on both engines."""

from __future__ import annotations

from collections import Counter
from typing import Any

import ibis
import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coley.vigilance.counting import count, labelled, within
from coley.vigilance.pairs import code, count_pairs

PAIRS = st.lists(st.tuples(st.integers(1, 12), st.sampled_from("abcd")), unique=True, max_size=30)
EXPOSED = [(1, "a"), (1, "b"), (2, "a"), (3, "c"), (5, "a")]
HAPPENED = [(1, "x"), (2, "x"), (2, "y"), (4, "y"), (5, "z")]
SEX = {1: "F", 2: "M", 3: "F", 4: "M", 5: None}


def relation(rows: list[tuple[int, str]], name: str) -> Any:
    frame = pl.DataFrame(rows, schema={"report_id": pl.Int64, name: pl.String}, orient="row")
    return ibis.memtable(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def universe(reports: dict[int, str | None]) -> Any:
    frame = pl.DataFrame({"report_id": list(reports), "sex": list(reports.values())})
    return ibis.memtable(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def by_hand(exposed: list[tuple[int, str]], happened: list[tuple[int, str]]) -> Counter[tuple[str, str]]:
    return Counter((drug, event) for report, drug in exposed for other, event in happened if report == other)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(exposed=PAIRS, happened=PAIRS)
def test_every_pair_is_counted_once_a_report(
    duck: Any, exposed: list[tuple[int, str]], happened: list[tuple[int, str]]
) -> None:
    cases = universe(dict.fromkeys(range(1, 13), "F"))
    exposures, events = relation(exposed, "exposure"), relation(happened, "event")
    found = count_pairs(duck, code(duck, cases, exposures=exposures, events=events))
    truth = by_hand(exposed, happened)
    told = {
        (found.exposures[d], found.events[e]): n
        for d, e, n in zip(found.exposure, found.event, found.counts.both, strict=True)
    }
    assert told == truth
    drugs, terms = Counter(d for _, d in exposed), Counter(e for _, e in happened)
    for k, (drug, event) in enumerate(told):
        assert (found.counts.exposed[k], found.counts.event[k]) == (drugs[drug], terms[event])
    assert np.all(found.counts.total == 12)


def test_strata_add_up_to_the_whole(duck: Any) -> None:
    cases = universe(SEX)
    exposures, events = relation(EXPOSED, "exposure"), relation(HAPPENED, "event")
    whole = count(duck, cases, exposures=exposures, events=events)
    split = count(duck, cases, exposures=exposures, events=events, by=["sex"])
    assert whole.both.rows() == [("a", "x", 2), ("a", "y", 1), ("a", "z", 1), ("b", "x", 1)]
    assert split.total.rows() == [("F", 2), ("M", 2), (None, 1)]  # unknown is a stratum of its own
    added = split.both.group_by("exposure", "event").agg(pl.col("n").sum()).sort("exposure", "event")
    assert added.rows() == whole.both.rows()


def test_a_report_outside_the_universe_counts_nowhere(duck: Any) -> None:
    cases = universe({1: "F", 3: "F"})
    counted = count(duck, cases, exposures=relation(EXPOSED, "exposure"), events=relation(HAPPENED, "event"))
    assert counted.both.rows() == [("a", "x", 1), ("b", "x", 1)]
    assert counted.exposed.rows() == [("a", 1), ("b", 1), ("c", 1)]
    assert counted.event.rows() == [("x", 1)]
    assert counted.total.item() == 2


def test_within_a_universe_stay_its_reports_alone(duck: Any) -> None:
    events, chosen = relation(HAPPENED, "event"), relation([(2, "-")], "event")
    assert sorted(duck.to_polars(within(events, chosen)).rows()) == [(2, "x"), (2, "y")]


def test_a_report_with_two_terms_of_one_class_counts_once(duck: Any) -> None:
    labels = ibis.memtable(
        pl.DataFrame({"term": ["x", "y", "y"], "organ": ["skin", "skin", "gut"]}).to_arrow(
            compat_level=pl.CompatLevel.oldest()
        )
    )
    organs = labelled(relation(HAPPENED, "term"), labels, key="term", label="organ", name="event")
    assert sorted(duck.to_polars(organs).rows()) == [
        (1, "skin"), (2, "gut"), (2, "skin"), (4, "gut"), (4, "skin"),
    ]  # fmt: skip
