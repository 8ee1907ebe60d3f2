import pytest

from coley.biology.published import PUBLISHED
from coley.biology.published.models import synonyms
from coley.model.dictionary import table


def test_every_input_is_a_column_of_the_dictionary():
    columns = table("patients").columns
    for model in PUBLISHED.values():
        assert set(model.columns) <= set(columns)


def test_every_synonym_leads_to_a_cancer_type_with_a_term():
    kinds = set(PUBLISHED["loris"].cancer_terms)
    assert {kind for kind, _ in synonyms().values()} == kinds
    assert len(kinds) == 16


@pytest.mark.parametrize(
    ("model", "cohort", "overlap"),
    [
        ("loris", "Chowell_train", "all"),
        ("loris", "Chowell_test", None),
        ("loris", "chowell2021", "part"),
        ("loris", "MSK1", None),
        ("loris_nsclc", "Chowell_train", "all"),
        ("loris_nsclc", "Chowell_test", "all"),
        ("loris_nsclc", "Ravi_NSCLC", None),
        ("loris", "tmb_mskcc_2018", "possible"),
    ],
)
def test_which_cohorts_are_in_sample(model, cohort, overlap):
    found = PUBLISHED[model].overlap(cohort)
    assert (found.overlap if found else None) == overlap
