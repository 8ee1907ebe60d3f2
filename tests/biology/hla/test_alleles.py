import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.biology.hla import Allele, parse_allele

A0201 = Allele("A", "02", "01")


@pytest.mark.parametrize(
    "text",
    [
        "HLA-A*02:01",
        "A*02:01",
        "A0201",
        "A02:01",
        "HLA-A02:01",
        "HLA-A0201",
        "hla_a_02_01",
        "hla_a_02_01_01_01",
        "A*02:01:01:01",
        "a*0201",
        "A*020101",
        " HLA-A*02:01 ",
        "A-02-01",
        "HLA A*02:01",
    ],
)
def test_spellings_of_one_allele(text):
    assert parse_allele(text) == A0201


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DRB1_0301", Allele("DRB1", "03", "01")),
        ("DQA10101", Allele("DQA1", "01", "01")),
        ("HLA-DPB1*04:02", Allele("DPB1", "04", "02")),
        ("B*15:101", Allele("B", "15", "101")),
        ("B15101", Allele("B", "15", "101")),
        ("C*04:09N", Allele("C", "04", "09", "N")),
        ("A*24:02:01:02L", Allele("A", "24", "02", "L")),
        ("B*35", Allele("B", "35")),
        ("A2", Allele("A", "02")),
    ],
)
def test_other_loci_lengths_and_suffixes(text, expected):
    assert parse_allele(text) == expected


@pytest.mark.parametrize(
    "text", ["", None, "A", "A*", "A*02:01/A*02:06", "NA", "B2M", "A020", "Z*02:01", "A*02:XX", "HLA-"]
)
def test_what_is_no_single_allele(text):
    assert parse_allele(text) is None


@given(
    st.sampled_from(["A", "B", "C", "DRB1"]), st.integers(1, 99), st.integers(1, 999), st.sampled_from("NLQ")
)
def test_what_is_written_can_be_read(locus, group, protein, suffix):
    for mark in ("", suffix):
        allele = Allele(locus, f"{group:02d}", f"{protein:02d}", mark)
        assert parse_allele(str(allele)) == allele
        assert parse_allele(f"HLA-{allele}") == allele
