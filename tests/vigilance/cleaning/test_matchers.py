"""Which of the name and the ingredient as written is believed."""

from __future__ import annotations

import pytest

from coley.vigilance.cleaning.dictionary import UNMATCHED, Match
from coley.vigilance.cleaning.matchers import indications_matcher, known_drugs, lower

NAMES = {
    ("OPDIVO", None): (("nivolumab",), True),
    ("BMS-936558", "NIVOLUMAB"): (("nivolumab",), True),
    ("Opdivo 40mg", "UNKNOWN SUBSTANCE"): (("nivolumab",), True),  # only the name is known
    ("Some brand", "NIVOLUMAB\\RELATLIMAB-RMBW"): (("nivolumab", "relatlimab"), True),
    ("Some brand", "ZZZUMAB"): (("zzzumab",), False),  # neither is: the ingredient stands
    ("Some brand", None): (("some brand",), False),
    (None, None): ((), False),
}
# Whether the drug was given is not known, or known not to be so, whatever stands in the other field.
NOT_GIVEN = {
    ("BLINDED NIVOLUMAB", None): "blinded",
    ("BLINDED NIVOLUMAB", "NIVOLUMAB"): "blinded",
    ("NIVOLUMAB/PLACEBO", "NIVOLUMAB"): "blinded",
    ("Study drug", "NIVOLUMAB\\PLACEBO"): "blinded",
    ("BLINDED THERAPY", None): "blinded",
    ("Placebo", None): "placebo",
    ("NIVOLUMAB PLACEBO", "NIVOLUMAB"): "placebo",
}


@pytest.mark.parametrize("written", NAMES)
def test_the_ingredient_comes_first_where_it_is_known(written: tuple[str | None, str | None]) -> None:
    ingredients, known = NAMES[written]
    match = known_drugs([written])[0]
    assert (match.ingredients, match.how != UNMATCHED) == (ingredients, known)


@pytest.mark.parametrize("written", NOT_GIVEN)
def test_a_blinded_product_stands_for_no_drug(written: tuple[str, str | None]) -> None:
    assert known_drugs([written]) == [Match((), NOT_GIVEN[written])]


@pytest.mark.parametrize("written", ["UNBLINDED NIVOLUMAB", "NIVOLUMAB (UNBLINDED)"])
def test_a_product_whose_blind_was_broken_is_known(written: str) -> None:
    assert known_drugs([(written, None)])[0].ingredients == ("nivolumab",)


def test_a_name_that_no_dictionary_knows_is_kept_beside_its_ingredient() -> None:
    lipitor, opdivo = known_drugs([("LIPITOR 10 MG", "ATORVASTATIN CALCIUM"), ("OPDIVO", "NIVOLUMAB")])
    assert (lipitor.ingredients, lipitor.alone) == (("atorvastatin",), ("lipitor",))
    assert opdivo.alone == ()


def test_what_says_unknown_is_no_indication() -> None:
    found = indications_matcher(lower)([("Product used for unknown indication",), ("Melanoma",), (None,)])
    assert [match.ingredients for match in found] == [(), ("melanoma",), ()]
