"""Names learned from other rows: by a clear majority of enough of them, and never against a dictionary."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coley.toy.reports import ReportDesign, simulate_reports
from coley.vigilance.cleaning import Cleaning, Match
from coley.vigilance.cleaning.dictionary import LEARNED, UNMATCHED, Key
from coley.vigilance.cleaning.learned import learn
from coley.vigilance.cleaning.matchers import as_written, known_drugs

DEFAULT = Cleaning()
BARE: Key = ("Zzzor", None)


def meaning(rows: Sequence[tuple[Key, int]], name: Key = BARE) -> Match:
    """What a name without an ingredient is taken for, beside rows with names, ingredients and how many there are."""
    written = [key for key, _ in rows] + [name]
    matches = learn(
        written,
        known_drugs(written),
        [n for _, n in rows] + [1],
        share=DEFAULT.learn_share,
        fewest=DEFAULT.learn_rows,
    )
    assert matches[:-1] == known_drugs(written[:-1])  # rows with an ingredient stay as they are
    return matches[-1]


@pytest.mark.parametrize(
    ("agree", "differ", "learned"), [(5, 0, True), (4, 0, False), (95, 5, True), (94, 6, False)]
)
def test_a_clear_majority_of_enough_rows_is_believed(agree: int, differ: int, learned: bool) -> None:
    found = meaning([(("ZZZOR", "SITAGLIPTIN"), agree), (("ZZZOR", "ASPIRIN"), differ)])
    assert found.ingredients == (("sitagliptin",) if learned else ("zzzor",))
    assert found.how == (LEARNED if learned else UNMATCHED)


def test_doses_forms_salts_and_the_order_of_ingredients_do_not_divide_the_rows() -> None:
    found = meaning(
        [
            (("ZZZOR 10 MG TABLETS", "SITAGLIPTIN PHOSPHATE\\METFORMIN HYDROCHLORIDE"), 3),
            (("zzzor", "METFORMIN\\SITAGLIPTIN"), 3),
        ]
    )
    assert found.ingredients == ("metformin", "sitagliptin")


def test_products_in_one_field_are_learned_each() -> None:
    told = [(("ZZZOR", "SITAGLIPTIN"), 9), (("YYYEX", "WARFARIN SODIUM"), 9)]
    assert meaning(told, ("Zzzor + Yyyex + Other", None)).ingredients == ("sitagliptin", "warfarin", "other")


def test_what_a_dictionary_knows_is_not_learned() -> None:
    found = meaning([(("OPDIVO", "ASPIRIN"), 99)], ("OPDIVO", None))
    assert (found.ingredients, found.how) == (("nivolumab",), "brand")


def test_a_checkpoint_inhibitor_under_a_new_brand_is_learned() -> None:
    assert meaning([(("ZZZOR", "NIVOLUMAB"), 9)]).ingredients == ("nivolumab",)


def test_a_row_with_an_ingredient_is_not_overruled() -> None:
    written: list[Key] = [("ZZZOR", "SITAGLIPTIN"), ("ZZZOR", "WARFARIN")]
    matches = known_drugs(written)
    assert learn(written, matches, [99, 1], share=0.95, fewest=5) == matches


def test_blinded_rows_teach_nothing() -> None:
    assert meaning([(("ZZZOR (BLINDED)", "SITAGLIPTIN"), 99)]).how == UNMATCHED


def test_where_names_stand_as_written_nothing_is_learned() -> None:
    written: list[Key] = [("ZZZOR", "SITAGLIPTIN"), BARE]
    matches = as_written(written)
    assert learn(written, matches, [99, 1], share=0.95, fewest=5) == matches


def test_names_learned_in_a_simulated_database_are_right() -> None:
    """Invented brands are in no dictionary; one row in twenty lacks the ingredient."""
    simulated = simulate_reports(ReportDesign(n_cases=3000, seed=4))
    counted = simulated.raw["drugs"].group_by("name", "ingredient").len().sort("name", "ingredient")
    written = list(counted.select("name", "ingredient").iter_rows())
    matches = learn(written, known_drugs(written), counted["len"].to_list(), share=0.95, fewest=5)
    truth = dict(simulated.names.select("name", "ingredient").iter_rows())
    learned = [
        (match.ingredients, (str(truth[name]).lower(),))
        for (name, _), match in zip(written, matches, strict=True)
        if match.how == LEARNED
    ]
    assert len(learned) > 50
    assert [pair for pair in learned if pair[0] != pair[1]] == []
