"""What pathologists write."""

from __future__ import annotations

import csv
import gzip
from collections import Counter

import pytest

from coley.biology.phenotype import from_pathology
from coley.model.errors import UnreadableInput


def test_spelling_does_not_matter_and_missing_stays_missing():
    given = ["Inflamed", "immune_excluded", " CD8-desert ", "", None, "NE"]
    assert from_pathology(given) == ("inflamed", "excluded", "desert", None, None, "unclassifiable")


@pytest.mark.parametrize("word", ["cold", "hot", "infiltrated", 3])
def test_words_that_could_mean_two_things_are_refused(word):
    with pytest.raises(UnreadableInput, match="no words for an immune phenotype"):
        from_pathology(["desert", word])


@pytest.mark.real
def test_imvigor210(shared):
    with gzip.open(shared / "imvigor210_predictior" / "clinical.tsv.gz", "rt") as file:
        words = [row["Immune.phenotype"] for row in csv.DictReader(file, delimiter="\t")]
    assert Counter(from_pathology(words)) == {"excluded": 73, "desert": 48, "inflamed": 46, None: 28}
