"""Small runs of the experiments: the figures that the page tells hold, or fail here."""

from __future__ import annotations

import pytest

from validation import chain, discoveries, interactions, masking, tally, watching


def cell(tables: list[tally.Table], title: str, row: str, column: str = "false discovery rate") -> tally.Rate:
    """Return one rate of the table whose title begins so."""
    return next(each for each in tables if each.title.startswith(title)).cells[row, column]


def test_lists_are_as_false_as_they_say_and_strong_signals_are_in_them() -> None:
    found = discoveries.run(10)
    for row, nominal in (("q at most 0.05", 0.05), ("q at most 0.1", 0.10)):
        rate = cell(found, "Share of false", row)
        assert abs(rate.value - nominal) < 0.02 + 2 * rate.error
    assert cell(found, "Planted pairs", "5", "5 or more expected").value > 0.97
    assert cell(found, "Planted pairs", "3", "5 or more expected").value > 0.8


def test_interactions_are_found_and_sums_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "ABUNDANCE", {"small": (20_000, "20,000 cases")})
    found = interactions.run(12)
    title, test = "Called an interaction", "test, q at most 0.05"
    assert cell(found, "Share of false", test).value < 0.05
    assert cell(found, title, "5 times the sum", test).value > 0.9
    assert cell(found, title, "3 times the sum", test).value > 0.65
    # Why there is a test: Omega takes what it expects as known.
    sums = ("the second alone, 4-fold", "the sum of both")
    omega = sum(cell(found, title, kind, "Omega025 above 0").value for kind in sums) / len(sums)
    assert omega > 0.025
    assert omega > 1.5 * sum(cell(found, title, kind, "test, p below 0.025").value for kind in sums) / len(
        sums
    )


def test_what_a_masker_hides_comes_back_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "FACTORS", (100.0,))
    found = masking.run(5)
    hidden, back, bare = (
        cell(found, "Planted signals", "3", way).value
        for way in ("masked", "masker left out", "never masked")
    )
    assert hidden < bare - 0.2
    assert back > bare - 0.07
    assert (
        cell(found, "False ones", "hidden pairs whose masker is named rightly", "masker left out").value
        > 0.97
    )
    assert (
        cell(found, "False ones", "null pairs of other terms for which one is named", "masker left out").value
        < 0.02
    )
    rate = cell(found, "False ones", "false discovery rate", "masker left out")
    assert rate.value < 0.05 + 0.02 + 2 * rate.error


def test_forty_quarters_hold_the_error_of_one() -> None:
    found = watching.run(2)
    alone = cell(found, "Error", "pairs without a signal that ever alert, each tested alone", "rate")
    assert alone.of > 700
    assert alone.value < 0.05 + 0.03
    assert cell(found, "Planted signals", "10", "within 8 quarters").value == 1.0


def test_of_the_exposures_only_those_with_an_agent_have_signals() -> None:
    share = chain.inhibitor_share()
    assert share["PD-(L)1 + CTLA-4"]
    assert share["Nivolumab"]
    assert not share["Carboplatin"]
    assert not share["Other oncology drug, no checkpoint inhibitor"]


@pytest.mark.slow
def test_the_whole_chain_finds_strong_signals_and_little_else() -> None:
    found = chain.run(1)
    title, strong = "Harms of the label", "10, any checkpoint inhibitor"
    rates = next(each for each in found if each.title.startswith(title)).cells
    told = [rate for (row, _), rate in rates.items() if row == strong]
    assert told
    assert all(rate.value == 1.0 for rate in told)
    assert cell(found, "Share of false", "all exposures").value < 0.08
    assert cell(found, "Duplicates", "planted copies that are found", "rate").value > 0.8
    assert cell(found, "Duplicates", "pairs taken for duplicates that are", "rate").value > 0.99
    assert cell(found, "Any checkpoint", "nothing planted: a masker is named", "rate").value <= 0.1
