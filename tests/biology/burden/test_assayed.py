import polars as pl
import pytest

from coley.biology.burden import assayed
from coley.model.errors import MissingData, UnreadableInput


def levels(found):
    return {check.name: check.level for check in found.checks}


def test_zero_unknown_and_not_sequenced_are_three_things(samples):
    found = assayed(["s1"], samples)
    by_id = dict(found.table.select("sample_id", "assayed").iter_rows())
    assert by_id == {"s1": True, "s2": True, "s3": False, "s4": None}
    assert levels(found)["sequenced_unknown"] == "warn"


def test_only_samples_before_treatment_are_kept_where_the_time_is_known(samples):
    assert "s5" not in assayed(["s1", "s5"], samples).table["sample_id"]
    assert "s4" in assayed(["s1", "s5"], samples).table["sample_id"]
    assert "s5" in assayed(["s1", "s5"], samples, timepoint=None).table["sample_id"]


def test_without_a_table_of_samples_only_the_mutated_are_known():
    found = assayed(["b", "a"], None)
    assert found.table.rows() == [("a", "a", True), ("b", "b", True)]
    assert levels(found) == {"samples_unknown": "warn"}


def test_a_mutated_sample_that_is_said_not_to_be_sequenced_raises_a_warning(samples):
    found = assayed(["s3"], samples)
    assert levels(found)["sequenced_at_odds"] == "warn"
    assert found.table.filter(pl.col("sample_id") == "s3")["assayed"].item() is True


def test_a_mutated_sample_that_is_not_listed_is_kept_and_named(samples):
    found = assayed(["s1", "s99"], samples)
    assert "s99" in found.table["sample_id"]
    assert levels(found)["samples_not_listed"] == "warn"


def test_ids_written_in_two_ways_are_refused(samples):
    with pytest.raises(UnreadableInput, match="No sample with mutations"):
        assayed(["S-1", "S-2"], samples)


def test_a_sample_named_twice_is_refused(samples):
    with pytest.raises(UnreadableInput, match="twice"):
        assayed(["s1"], pl.concat([samples, samples.head(1)]))


def test_a_table_without_ids_is_refused():
    with pytest.raises(MissingData, match="sample_id"):
        assayed(["s1"], pl.DataFrame({"patient_id": ["p1"]}))
