"""What a drug adds in an indication is what the analysis of that indication counts."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.indications import added_alone, refuse_unlike
from coley.economics.analysis.inputs import drawn
from coley.economics.model_file.agreements import Indication
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting

DOSE = 200 * 48.57  # USD: 200 mg of pembrolizumab without waste
ONE = Indication(label="here", strategy="new", drug="pembrolizumab", patients_per_year=1)


def test_it_is_what_the_whole_analysis_counts(words):
    model = model_of(words)
    added = added_alone(model, {}, ONE, draws=300, seed=6)
    prepared = prepare(model, {})
    whole = evaluate(prepared, drawn(model, prepared.fitted, draws=300, seed=6))
    assert added.cost == pytest.approx(whole.costs[:, 1] - whole.costs[:, 0])
    assert added.drug == pytest.approx(whole.categories["new", "pembrolizumab"])
    assert added.effect == pytest.approx(whole.effects[:, 1] - whole.effects[:, 0])


def test_what_the_comparator_spends_on_the_drug_is_taken_off(words):
    """One dose at the start, as the comparator gives it."""
    alone = added_alone(model_of(words), {}, ONE, draws=200, seed=6)
    words["strategies"]["old"] |= {
        "visit": 150,
        "drugs": [copy.deepcopy(words["strategies"]["new"]["drugs"][0]) | {"doses": 1}],
    }
    added = added_alone(model_of(words), {}, ONE, draws=200, seed=6)
    assert alone.drug - added.drug == pytest.approx(np.full(200, DOSE))
    assert alone.rest - added.rest == pytest.approx(np.full(200, 150.0))


def test_prices_must_be_those_of_one_list(words):
    """A discount in one of two models makes two prices."""
    named = [
        {"label": label, "model": file, "strategy": "new", "drug": "pembrolizumab", "patients_per_year": 1}
        for label, file in (("here", ""), ("there", "there.toml"))
    ]
    there = copy.deepcopy(words)
    here = model_of(words | {"indications": named})
    refuse_unlike(here, {"there": model_of(there)})
    there["strategies"]["new"]["drugs"][0] |= {"discount": 0.2, "price_confirmed": True}
    with pytest.raises(InvalidSetting, match=r"is 38\.86 USD per mg for there and 48\.57 for here"):
        refuse_unlike(here, {"there": model_of(there)}, where="model.toml")
