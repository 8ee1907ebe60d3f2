"""The catalogue against the sources of the real cohorts, and the manifests against the original files."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import coley
from coley.read.catalogue import Cohort, CohortFile, cohort, fetch_cohort, list_cohorts
from coley.read.manifest import parse_manifest

from .conftest import Server

COHORTS = list_cohorts()
NAMES = [one.name for one in COHORTS]

# Folder of the real data in which the originals of a cohort are kept, where it is not that of its name.
FOLDERS = {"poplar": "oak", "riaz2017": "riaz2017_genomics"}
# Originals that are not kept unmodified beside the repository.
NOT_KEPT = {"oak", "poplar", "snyder2017_bladder", "pharmaverse_onco_adam"}


def folder_of(shared: Path, name: str) -> Path:
    return shared / ("loris2024" if name.startswith("loris2024") else FOLDERS.get(name, name))


def original(shared: Path, one: Cohort, file: CohortFile) -> bytes | None:
    """The original bytes, rebuilt from what is kept; None where they are not."""
    source = (folder_of(shared, one.name) / "SOURCE.txt").read_text()
    path = unquote(urlsplit(file.address).path).split("/", 4)[4]
    for kept in (
        rf"^  (\S+): unmodified copy \(gzip\) of {re.escape(path)}\. ",
        rf"^  {re.escape(path)} \| \d+ \| \w+ \| (\S+)$",
        r"02\.Input/(AllData\.xlsx), sha256",
    ):
        found = re.search(kept, source, re.MULTILINE)
        if found:
            data = (folder_of(shared, one.name) / found[1]).read_bytes()
            return gzip.decompress(data) if found[1].endswith(".gz") else data
    return None


@pytest.mark.parametrize("one", COHORTS, ids=NAMES)
def test_rows_are_whole(one: Cohort) -> None:
    assert one.licence
    assert one.citation
    for file in one.files:
        assert re.fullmatch(
            r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/\S+", file.address
        )
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.bytes > 0
        assert "/" not in file.file


@pytest.mark.parametrize("one", COHORTS, ids=NAMES)
def test_manifests_name_the_files_and_agree_with_the_catalogue(one: Cohort) -> None:
    manifest = parse_manifest(one.manifest)
    named = {spec.file for specs in manifest.tables.values() for spec in specs}
    assert named <= {file.file for file in one.files}
    assert named or {Path(file.file).suffix for file in one.files} <= {".xpt", ".csv"}
    assert manifest.name == one.name
    assert manifest.title == one.title
    assert manifest.citation == one.citation
    assert manifest.licence == one.licence
    assert manifest.root == "."


def test_every_manifest_belongs_to_a_cohort() -> None:
    folder = files("coley.read.catalogue").joinpath("studies")
    assert sorted(path.name.removesuffix(".toml") for path in folder.iterdir()) == sorted(NAMES)


def test_one_cohort_has_one_licence_and_citation() -> None:
    import csv

    text = files("coley.read.catalogue").joinpath("catalogue.csv").read_text(encoding="utf-8")
    said: dict[str, set[tuple[str, str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        said.setdefault(row["name"], set()).add((row["licence"], row["citation"], row["warning"]))
    assert all(len(once) == 1 for once in said.values())


@pytest.mark.real
@pytest.mark.parametrize("one", COHORTS, ids=NAMES)
def test_catalogue_says_what_the_source_says(one: Cohort, shared: Path) -> None:
    source = (folder_of(shared, one.name) / "SOURCE.txt").read_text()
    words = re.sub(r"\s+", " ", source)
    licence = one.licence.removeprefix("riazn/bms038_analysis: ")
    assert licence in words
    assert one.citation.split(" (LORIS)")[0].split(", Supplementary")[0].split(",")[0] in words
    for file in one.files:
        _, owner, repository, commit, path = unquote(urlsplit(file.address).path).split("/", 4)
        assert f"github.com/{owner}/{repository}" in source
        assert commit[:8] in source
        if one.name != "pharmaverse_onco_adam":  # CSV of the same commit; the source lists the R data files
            assert path in source
            assert file.sha256 in source


@pytest.mark.real
@pytest.mark.parametrize("one", COHORTS, ids=NAMES)
def test_checksums_are_those_of_the_kept_originals(one: Cohort, shared: Path) -> None:
    kept = 0
    for file in one.files:
        data = original(shared, one, file)
        if data is not None:
            assert len(data) == file.bytes
            assert hashlib.sha256(data).hexdigest() == file.sha256
            kept += 1
    assert kept == (0 if one.name in NOT_KEPT else len(one.files))


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_KEPT))
def test_a_fetched_cohort_is_a_study(name: str, shared: Path, server: Server, tmp_path: Path) -> None:
    one = cohort(name)
    for file in one.files:
        data = original(shared, one, file)
        assert data is not None
        server.files[urlsplit(file.address).path] = data
    study = coley.read(fetch_cohort(name, tmp_path / name, base_url=server.address))
    assert study.name == name
    assert study.about.citation == one.citation
    assert study.patients.height == PATIENTS[name]
    assert {source.sha256 for source in study.sources} <= {file.sha256 for file in one.files}


PATIENTS = {
    "amadeus_trial": 79,
    "cdisc_pilot_ae": 254,
    "chowell2021": 1479,
    "loris2024_chowell_test": 515,
    "loris2024_chowell_train": 964,
    "loris2024_kato_pancancer": 35,
    "loris2024_msk1": 453,
    "loris2024_msk2": 104,
    "loris2024_msk_nonicb": 841,
    "loris2024_pradat_pancancer": 57,
    "loris2024_ravi_nsclc": 309,
    "loris2024_shim_nsclc": 198,
    "loris2024_vanguri_nsclc": 246,
    "msk_tmb_2018": 1661,
    "porter_trial": 43,
    "prince_trial": 93,
    "riaz2017": 73,
}


@pytest.mark.real
def test_manifests_that_share_a_file_with_the_tests_agree_with_them(shared: Path) -> None:
    """OAK as published and OAK as kept here are mapped alike, so that the kept one stands for it."""
    ours = tomllib.loads(cohort("oak").manifest)["tables"]["patients"]["columns"]
    kept = Path(__file__).parents[2] / "real" / "oak" / "study.toml"
    assert ours == tomllib.loads(kept.read_text())["tables"]["patients"]["columns"]
