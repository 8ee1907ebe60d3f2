"""Words: every table of the answer has a title that a reader knows, and no head is a bare key."""

from __future__ import annotations

import re

from coley.model.answer import Answer
from coley.report.words import in_words, is_known


def test_every_table_has_a_title_in_words(whole: Answer) -> None:
    assert len(whole.tables) > 20
    assert not [name for name in whole.tables if not is_known(name, kind="table")]
    titles = [in_words(name, kind="table") for name in whole.tables]
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if "_" in title or not title[0].isupper()]


def test_no_head_holds_an_abbreviation_in_small_letters_or_a_share_that_is_called_p(whole: Answer) -> None:
    heads = {in_words(head) for frame in whole.tables.values() for head in frame.columns}
    assert not [head for head in heads if re.search(r"\b(ror|Mgps|ebgm|haenszel)\b", head)]
    assert "p" not in whole.tables["mgps_priors"].columns
    share = whole.tables["mgps_priors"]["share_of_first"].drop_nulls()
    assert ((share > 0) & (share < 1)).all()


def test_percentages_are_written_as_elsewhere(whole: Answer) -> None:
    told = [whole.headline, *(figure.caption for figure in whole.figures), *(c.message for c in whole.checks)]
    assert not [text for text in told if re.search(r"\d%", text)]
