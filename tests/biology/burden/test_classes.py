import csv
from importlib.resources import files

import pytest

from coley.biology.burden.classes import CLASSES, rule, rules, variant_class, words, worst
from coley.model.errors import UnknownName


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Missense_Mutation", "missense"),
        ("missense_variant", "missense"),
        ("nonsynonymous SNV", "missense"),
        ("Frame_Shift_Ins", "frameshift"),
        ("frameshift_variant", "frameshift"),
        ("nonframeshift deletion", "inframe_indel"),
        ("splice_acceptor_variant&splice_donor_variant&intron_variant", "splice_site"),
        ("stop_gained&splice_region_variant", "nonsense"),
        ("missense_variant,splice_region_variant", "missense"),
        ("5'UTR", "noncoding"),
        ("Silent", "synonymous"),
        ("synonymous SNV", "synonymous"),
        ("exonic;splicing", "splice_site"),
        ("frameshift", "frameshift"),
        ("nonsense_of_some_kind", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_words_of_three_vocabularies_mean_the_same_class(word, expected):
    assert variant_class(word) == expected


def test_every_class_in_the_tables_is_known_and_every_word_has_a_source():
    folder = files("coley.biology.burden").joinpath("resources")
    rows = list(
        csv.DictReader(folder.joinpath("variant_classes.csv").read_text(encoding="utf-8").splitlines())
    )
    assert {row["class"] for row in rows} <= set(CLASSES)
    assert all(row["source"] for row in rows)
    assert len(words()) == len(rows), "a word stands twice"
    assert {name for what in rules().values() for name in what.classes} <= set(CLASSES)


def test_every_word_of_the_maf_format_is_known():
    text = files("coley.read").joinpath("resources", "maf_classifications.csv").read_text(encoding="utf-8")
    official = {row["classification"] for row in csv.DictReader(text.splitlines())} - {"Unknown"}
    assert [word for word in sorted(official) if variant_class(word) == "unknown"] == []


def test_nothing_is_a_class_of_its_own():
    assert worst([]) == "unknown"
    assert worst(["noncoding", "missense", "unknown"]) == "missense"


def test_rules_nest_as_their_names_say():
    assert set(rule("frameshift").classes) < set(rule("indel").classes) < set(rule("nonsynonymous").classes)
    assert set(rule("coding").classes) - set(rule("nonsynonymous").classes) == {"synonymous"}
    assert set(rule("every").classes) == set(CLASSES)


def test_a_misspelt_rule_is_met_with_the_nearest_one():
    with pytest.raises(UnknownName, match="nonsynonimous") as caught:
        rule("nonsynonimous")
    assert "nonsynonymous" in str(caught.value)
