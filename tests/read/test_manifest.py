"""study.toml: strict, and helpful where a word is misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from coley.model.errors import UnreadableInput
from coley.read.manifest import load_manifest, parse_manifest

WHOLE = """
title = "OAK"
name = "oak"
time_origin = "randomisation"
randomised = true
control_arm = "docetaxel"
panel_megabases = 1.1
missing = ["."]
root = "../data"

[[tables.patients]]
file = "clinical.tsv.gz"
where = { BEP = "Y", SEX = ["M", "F"] }
[tables.patients.columns]
patient_id = "PtID"
pfs_event = { column = "PFS.CNSR", codes = { "0" = true, "1" = false } }
cancer_type = { value = "NSCLC" }

[[tables.patients]]
file = "extra.csv"
combine = "join"
keep = "mapped"

[tables.labs]
file = "labs.xlsx"
sheet = "LB"
"""


def test_the_whole_manifest() -> None:
    manifest = parse_manifest(WHOLE)
    assert manifest.about.randomised is True
    assert manifest.about.panel_megabases == 1.1
    first, second = manifest.tables["patients"]
    assert first.columns["patient_id"].column == "PtID"
    assert first.columns["pfs_event"].coding == {"0": "true", "1": "false"}
    assert first.columns["cancer_type"].value == "NSCLC"
    assert (first.guesses, second.guesses) == (True, False)
    assert manifest.tables["labs"][0].sheet == "LB"


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ('titel = "x"', "unknown key 'titel'", "'title'"),
        ('[tables.patients]\nfile = "a"\nshet = "b"', "unknown key 'tables.patients.shet'", "'sheet'"),
        (
            '[tables.patients]\nfile = "a"\ncolumns = { os_months = { colum = "OS" } }',
            "unknown key 'tables.patients.columns.os_months.colum'",
            "'column'",
        ),
        ('[tables.patiens]\nfile = "a"', "no table 'patiens'", "'patients'"),
        ('[tables.patients]\nsheet = "a"', "lacks the key 'tables.patients.file'", "Add it"),
    ],
)
def test_misspelt_keys_are_met_with_the_nearest(text: str, what: str, remedy: str) -> None:
    with pytest.raises(UnreadableInput, match=what) as caught:
        parse_manifest(text)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("randomised = 'perhaps'", "randomised"),
        ("panel_megabases = -1", "panel_megabases"),
        ("tables = 3", "tables"),
        ("[tables]\npatients = 3", "tables.patients"),
        ('[tables.patients]\nfile = "a"\ncombine = "merge"', "combine"),
        ('[tables.patients]\nfile = "a"\ncolumns = { os_months = {} }', "either column"),
        (
            '[tables.patients]\nfile = "a"\ncolumns = { os_months = { column = "a", value = 1 } }',
            "either column",
        ),
        ("title = ", "not valid TOML"),
        ("a = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_values_that_cannot_be_are_refused(text: str, place: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        parse_manifest(text)
    assert place in str(caught.value)


def test_a_manifest_in_another_encoding_or_too_large(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes('\ufefftitle = "Zürich"'.encode())
    assert load_manifest(path).title == "Zürich"
    path.write_bytes('title = "Zürich"'.encode("latin-1"))
    with pytest.raises(UnreadableInput, match="not UTF-8"):
        load_manifest(path)
    path.write_bytes(b"#" * (1 << 21))
    with pytest.raises(UnreadableInput, match="too large"):
        load_manifest(path)
