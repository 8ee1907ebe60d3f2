"""Which of the name and the ingredient as written is believed."""

from __future__ import annotations

import pytest

from coley.vigilance.cleaning.dictionary import UNMATCHED
from coley.vigilance.cleaning.matchers import indications_matcher, known_drugs, lower

NAMES = {
    ("OPDIVO", None): (("nivolumab",), True),
    ("BMS-936558", "NIVOLUMAB"): (("nivolumab",), True),
    ("Opdivo 40mg", "UNKNOWN SUBSTANCE"): (("nivolumab",), True),  # only the name is known
    ("Some brand", "NIVOLUMAB\\RELATLIMAB-RMBW"): (("nivolumab", "relatlimab"), True),
    ("Some brand", "ZZZUMAB"): (("zzzumab",), False),  # neither is: the ingredient stands
    ("Some brand", None): (("some brand",), False),
    ("Placebo", None): ((), False),
    (None, None): ((), False),
}


@pytest.mark.parametrize("written", NAMES)
def test_the_ingredient_comes_first_where_it_is_known(written: tuple[str | None, str | None]) -> None:
    ingredients, known = NAMES[written]
    match = known_drugs([written])[0]
    assert (match.ingredients, match.how != UNMATCHED) == (ingredients, known)


def test_what_says_unknown_is_no_indication() -> None:
    found = indications_matcher(lower)([("Product used for unknown indication",), ("Melanoma",), (None,)])
    assert [match.ingredients for match in found] == [(), ("melanoma",), ()]
