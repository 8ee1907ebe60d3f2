"""Lanes of single lives: stretches follow each other without gap or overlap, and end where life or the picture does."""

from __future__ import annotations

from typing import Any

import pytest

from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.result import Event
from coley.economics.simulation.treated import Setting, histories
from coley.economics.simulation.treatment import Disease, Treatment
from coley.questions.worth.individuals.histories import MOMENTS, lanes
from coley.report.figures.economic.swimmer import MOMENTS as DRAWN
from coley.report.figures.economic.swimmer import STRETCHES


def life(*events: tuple[float, str], patient: int = 0) -> list[Event]:
    """Return a life from times in months."""
    return [Event(patient, at / 12, what, "colitis" if "irAE" in what else "") for at, what in events]


def told(events: list[Event], *, until: float = 36.0, to_progression: bool = True) -> list[tuple[Any, ...]]:
    return [
        (kind, pytest.approx(start), None if end is None else pytest.approx(end))
        for _, kind, start, end, _ in lanes(
            events, until_months=until, to_progression=to_progression
        ).iter_rows()
    ]


def test_an_irae_ends_treatment_a_rechallenge_takes_it_up_and_progression_ends_it() -> None:
    events = life(
        (3, "irAE grade 3+"), (3, "admitted"), (3, "stopped for irAE"), (4, "irAE resolved"), (5, "rechallenge"),
        (9, "progression"), (14, "death"),
    )  # fmt: skip
    assert told(events) == [
        ("irAE, grade 3+", 3, None),
        ("admitted", 3, None),
        ("on treatment", 0, 3),
        ("stopped for irAE", 3, None),
        ("off treatment", 3, 5),
        ("rechallenge", 5, None),
        ("on treatment", 5, 9),
        ("progression", 9, None),
        ("after progression", 9, 14),
        ("death", 14, None),
    ]


def test_treatment_that_is_withheld_goes_on_afterwards() -> None:
    events = life((2, "irAE grade 3+"), (2, "held"), (4, "irAE resolved"), (4, "resumed"), (6, "death"))
    stretches = [row for row in told(events) if row[2] is not None]
    assert stretches == [("on treatment", 0, 2), ("treatment withheld", 2, 4), ("on treatment", 4, 6)]


def test_treatment_beyond_progression_goes_on() -> None:
    events = life((5, "progression"), (8, "discontinuation"), (12, "death"))
    stretches = [row for row in told(events, to_progression=False) if row[2] is not None]
    assert stretches == [("on treatment", 0, 8), ("after progression", 8, 12)]


@pytest.mark.parametrize(
    "events",
    [
        life((50, "progression"), (60, "death")),
        life((36.5, "end of follow-up")),
        life((40, "irAE grade 1-2"), (50, "death")),
    ],
)
def test_a_life_longer_than_the_picture_is_cut(events: list[Event]) -> None:
    assert told(events) == [("on treatment", 0, 36), ("alive at the end", 36, None)]


def test_the_end_of_follow_up_is_no_death() -> None:
    assert told(life((24, "end of follow-up"))) == [("on treatment", 0, 24), ("alive at the end", 24, None)]


def test_simulated_lives_fill_their_lanes() -> None:
    def rate(value: float, clock: str = "reset") -> Hazard:
        return Hazard("exponential", [value], clock=clock)

    disease = Disease(rate(0.5, "forward"), rate(0.2, "forward"), rate(1.0))
    iraes = [
        Irae(
            name="colitis", chance=0.9, onset=rate(3.0), lasting_low=rate(4.0), lasting_high=rate(4.0), high=0.6,
            stops_high=0.5, recurs=0.5, admitted=0.5,
        )
    ]  # fmt: skip
    treatment = Treatment("x", longest_years=2.0, rechallenge=0.8, ratio_off=1.5)
    setting = Setting(patients=300, seed=2, horizon_years=10)
    events = histories(disease, treatment, setting=setting, iraes=iraes, patients=300)
    table = lanes(events, until_months=36.0, to_progression=True)
    ends = {
        event.patient + 1: event.time_years * 12
        for event in events
        if event.what in ("death", "end of follow-up")
    }
    assert set(table["patient"]) == set(ends)
    for patient, rows in table.partition_by("patient", as_dict=True).items():
        stretches = rows.filter(rows["end"].is_not_null()).sort("start")
        starts, stops = stretches["start"].to_list(), stretches["end"].to_list()
        assert starts[0] == 0
        assert starts[1:] == pytest.approx(stops[:-1], abs=1e-9), "no gap, no overlap"
        assert stops[-1] == pytest.approx(min(ends[patient[0]], 36.0))
    assert {"treatment withheld", "rechallenge", "admitted", "off treatment"} <= set(table["kind"])


def test_the_picture_knows_every_kind() -> None:
    assert set(MOMENTS.values()) | {"alive at the end"} == set(DRAWN)
    assert set(STRETCHES) == {"on treatment", "treatment withheld", "off treatment", "after progression"}
