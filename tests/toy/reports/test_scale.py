"""The generator of large databases: the same model in parts, ids that never meet, counts that add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting
from coley.toy.reports import ReportDesign, WrittenReports, scale, write_faers_at_scale

SMALL = replace(ReportDesign(), n_drugs=100, n_terms=150, n_cases=1)


def table(folder: Path, file: str) -> pl.DataFrame:
    """Return one file of all quarters, all of it text."""
    parts = [pl.read_csv(p, separator="$", infer_schema=False) for p in sorted(folder.rglob(f"{file}*.txt"))]
    return pl.concat(parts, how="diagonal")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> WrittenReports:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scale, "_MOST_CASES", 9_000)
        folder = tmp_path_factory.mktemp("scale")
        return write_faers_at_scale(folder, 40_000, seed=5, quarters=12, design=SMALL)


def test_what_is_counted_is_what_lies_there(made: WrittenReports) -> None:
    demo, drug, reac = (table(made.folder, file) for file in ("DEMO", "DRUG", "REAC"))
    assert demo["primaryid"].is_unique().all()
    assert (demo.height, drug.height, reac.height) == (made.reports, made.drugs, made.reactions)
    assert made.reports == made.cases + made.duplicates + made.follow_ups
    assert demo["caseid"].n_unique() == made.cases + made.duplicates
    assert set(drug["primaryid"]) == set(reac["primaryid"]) == set(demo["primaryid"])
    assert made.reports == pytest.approx(40_000, rel=0.05)
    listed = [line for path in made.folder.rglob("*Deleted*.txt") for line in path.read_text().split()]
    assert len(set(listed)) == len(listed) == made.withdrawn > 0


def test_planted_pairs_are_there_in_every_part(made: WrittenReports) -> None:
    last = (
        table(made.folder, "DEMO")
        .sort("fda_dt", "primaryid")
        .unique("caseid", keep="last")
        .select("primaryid")
    )
    n = made.cases + made.duplicates
    drugs = table(made.folder, "DRUG").join(made.names, left_on="drugname", right_on="name")
    pairs = (
        drugs.select("primaryid", drug="ingredient")
        .join(table(made.folder, "REAC").select("primaryid", term="pt"), on="primaryid")
        .join(last, on="primaryid")
        .group_by("drug", "term")
        .len("both")
    )
    truth = made.truth.ratios.filter(pl.col("share") * n > 8).join(pairs, on=["drug", "term"], how="left")
    observed, expected = truth["both"].fill_null(0).to_numpy(), truth["share"].to_numpy() * n
    z = (observed - expected) / np.sqrt(expected)
    assert len(z) > 60
    assert abs(z.mean()) < 0.5  # copies lose a few terms and repeat others
    assert 0.8 < z.std() < 1.4


def test_parts_differ_from_one_another(made: WrittenReports) -> None:
    demo = table(made.folder, "DEMO").with_columns(pl.col("caseid").cast(pl.Int64)).sort("caseid")
    starts = np.array([0, 9_000, 18_000, 27_000]) * 2 + 10_000_000
    heads = [demo.filter(pl.col("caseid") >= at).head(40)["fda_dt"].to_list() for at in starts]
    assert len({tuple(head) for head in heads}) == 4


def test_one_seed_one_database(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_faers_at_scale(tmp_path / name, 500, seed, quarters=2, design=SMALL)
    one, two, other = (
        {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.txt")}
        for name in ("one", "two", "other")
    )
    assert one == two
    assert one != other


def test_progress_counts_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "_MOST_CASES", 2_000)
    seen: list[int] = []
    made = write_faers_at_scale(tmp_path, 6_000, quarters=2, design=SMALL, progress=seen.append)
    assert len(seen) == 3
    assert seen == sorted(seen)
    assert seen[-1] == made.reports


@pytest.mark.parametrize(
    ("reports", "memory", "match"), [(1000, 0.4, "do not hold"), (50_000_000, 2.0, "eight digits")]
)
def test_what_cannot_be_is_refused(tmp_path: Path, reports: int, memory: float, match: str) -> None:
    with pytest.raises(InvalidSetting, match=match):
        write_faers_at_scale(tmp_path, reports, memory=memory)
