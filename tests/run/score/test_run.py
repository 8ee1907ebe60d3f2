"""A run of scores: whole on disk, null where refused, and with a reference true to each sample alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.biology.signatures import signatures
from coley.biology.signatures.scales import housekeeping_genes
from coley.model.errors import NotEstimable, UnreadableInput, UnwritableOutput
from coley.run.manifest import verify
from coley.run.score import ScoreResult, ScoreSettings, run_score

from .conftest import SAMPLES, coding_genes, write_matrix

ALONE = ScoreSettings(unit="tpm", cells=("mcp_counter",))


def panel() -> list[str]:
    """Every gene of the preferred signatures with some that nobody asks for, and one gene under two old names."""
    wanted = {gene for one in signatures().values() if one.preferred for gene in one.genes}
    background = {*housekeeping_genes(), *coding_genes()[::40]} - {"SEPTIN4"}
    return [*sorted(wanted | background), "SEPT4", "C17orf47"]


def values_of(genes: list[str], seed: int) -> np.ndarray:
    return np.round(np.random.default_rng(seed).lognormal(3.0, 1.5, (len(genes), len(SAMPLES))), 4)


def scores_in(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "scores.csv", infer_schema_length=None)


def levels(result: ScoreResult, name: str) -> list[str]:
    return [check.level for check in result.checks if check.name == name]


def test_the_folder_is_whole_and_its_tables_fit_one_another(whole: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    result = run_score(
        whole,
        out=tmp_path / "scores",
        settings=ScoreSettings(unit="tpm"),
        progress=lambda step, done, total: seen.append(f"{step} {done}/{total}"),
    )
    folder = result.folder
    assert verify(folder) == ()
    assert {path.name for path in folder.iterdir()} == {
        "scores.csv", "signatures.csv", "cells.csv", "genes.csv", "run.json",
    }  # fmt: skip
    assert seen[0] == "Reading 0/5"
    assert seen[-1] == "Writing 4/5"
    scores, table = scores_in(folder), pl.read_csv(folder / "signatures.csv")
    assert scores["sample_id"].to_list() == SAMPLES
    assert scores.columns[1:] == table["signature"].to_list()
    assert set(table["kind"]) == {"single-sample", "cohort-relative (n = 12)"}
    assert table["paper"].null_count() == 0
    cells = pl.read_csv(folder / "cells.csv")
    assert cells.group_by("method").len().sort("method").rows() == [
        ("immunophenoscore", 6 * 12), ("mcp_counter", 10 * 12), ("quantiseq", 11 * 12),
    ]  # fmt: skip
    record = json.loads((folder / "run.json").read_text())
    assert record["inputs"][0]["sha256"] == hashlib.sha256(whole.read_bytes()).hexdigest()
    assert record["settings"]["score"]["unit"] == "tpm"
    assert record["settings"]["score"]["signatures"] == scores.columns[1:]
    assert record["reference"] is None
    assert [c["name"] for c in record["checks"]] == [c.name for c in result.checks]


def test_names_of_genes_that_were_repaired_are_listed(tmp_path: Path) -> None:
    genes = ["GZMA", "PRF1", "1-Mar", "C10orf54", "SEPT9"]
    write_matrix(tmp_path / "m.tsv", genes, values_of(genes, 1))
    result = run_score(tmp_path / "m.tsv", out=tmp_path / "s", settings=ScoreSettings(unit="tpm"))
    repaired = pl.read_csv(result.folder / "genes.csv")
    assert repaired.rows() == [
        ("1-Mar", "1-Mar", "ambiguous", "MARCHF1; MTARC1"),
        ("C10orf54", "VSIR", "previous symbol", "VSIR"),
        ("SEPT9", "SEPTIN9", "previous symbol", "SEPTIN9"),
    ]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve samples of the panel, frozen."""
    folder = tmp_path_factory.mktemp("frozen")
    write_matrix(folder / "m.tsv", panel(), values_of(panel(), 21))
    result = run_score(folder / "m.tsv", out=folder / "scores", settings=ALONE, freeze=folder / "cohort.npz")
    assert result.frozen == folder / "cohort.npz"
    return folder / "cohort.npz"


def alone_and_together(folder: Path, reference: Path | None) -> tuple[pl.DataFrame, ...]:
    """Score twelve samples in one file, and each in a file of its own."""
    genes, values = panel(), values_of(panel(), 22)
    both = [genes.index("SEPT4"), genes.index("C17orf47")]
    assert 0 < (values[both[0]] > values[both[1]]).sum() < len(SAMPLES), "the rows must compete"
    write_matrix(folder / "all.tsv", genes, values)
    out = run_score(folder / "all.tsv", out=folder / "all", settings=ALONE, reference=reference).folder
    frames = [[scores_in(out)], [pl.read_csv(out / "cells.csv")], [], []]
    for i, sample in enumerate(SAMPLES):
        path = write_matrix(folder / f"{sample}.tsv", genes, values[:, [i]], [sample])
        out = run_score(path, out=folder / sample, settings=ALONE, reference=reference).folder
        frames[2].append(scores_in(out))
        frames[3].append(pl.read_csv(out / "cells.csv"))
    return tuple(pl.concat(parts, how="vertical_relaxed") for parts in frames)


def test_with_a_reference_twelve_samples_score_as_each_by_itself(reference: Path, tmp_path: Path) -> None:
    scores, cells, lone_scores, lone_cells = alone_and_together(tmp_path, reference)
    assert scores.width - 1 >= 20
    assert scores.null_count().row(0) == (0,) * scores.width
    for name in scores.columns[1:]:
        assert lone_scores[name].to_numpy() == pytest.approx(scores[name].to_numpy(), rel=1e-12), name
    keys = ["sample_id", "cell"]
    one, other = (frame.filter(pl.col("method") == "mcp_counter").sort(keys) for frame in (cells, lone_cells))
    assert other["value"].to_numpy() == pytest.approx(one["value"].to_numpy(), rel=1e-12)
    assert one["low"].null_count() == other["low"].null_count() == one.height


def test_without_a_reference_that_cannot_be(tmp_path: Path) -> None:
    genes, values = panel(), values_of(panel(), 22)
    made = [
        run_score(
            write_matrix(tmp_path / f"{n}.tsv", genes, values[:, :n], SAMPLES[:n]),
            out=tmp_path / f"{n}",
            settings=ScoreSettings(unit="tpm", cells=()),
        )
        for n in (11, 12)
    ]
    frames = [one.scores.frame.head(11) for one in made]
    kinds = dict(made[0].scores.table.select("signature", "kind").iter_rows())
    moved = {name for name in frames[0].columns[1:] if not frames[0][name].equals(frames[1][name])}
    assert moved
    assert moved <= {name for name, kind in kinds.items() if kind != "single-sample"}


def test_what_a_reference_cannot_mend_is_said(reference: Path, tmp_path: Path) -> None:
    genes, values = panel(), values_of(panel(), 23)
    plain = write_matrix(tmp_path / "plain.tsv", genes, values)
    values[3, 2] = np.nan
    holed = write_matrix(tmp_path / "holed.tsv", genes, values)
    twice = write_matrix(
        tmp_path / "twice.tsv", [*genes, genes[0]], np.vstack([np.nan_to_num(values), values[:1]])
    )
    found = {
        path.stem: levels(run_score(path, out=tmp_path / "s", settings=ALONE, reference=reference), name)
        for path in (plain, holed, twice)
        for name in ("depends_on_file",)
    }
    assert found == {"plain": [], "holed": ["warn"], "twice": ["warn"]}


def test_a_sample_of_zeros_keeps_an_empty_row_and_fails(tmp_path: Path) -> None:
    values = values_of(panel(), 24)
    values[:, 4] = 0
    write_matrix(tmp_path / "m.tsv", panel(), values)
    result = run_score(tmp_path / "m.tsv", out=tmp_path / "s", settings=ALONE)
    assert levels(result, "empty_samples") == ["fail"]
    rows = scores_in(result.folder).rows()
    assert [row[0] for row in rows if set(row[1:]) == {None}] == [SAMPLES[4]]


def test_what_was_named_and_refused_has_failed(tmp_path: Path) -> None:
    genes = ["GZMA", "PRF1", "CD8A"]
    write_matrix(tmp_path / "m.tsv", genes, values_of(genes, 1))

    def failed(**settings: object) -> set[str]:
        chosen = ScoreSettings(unit="tpm", **settings)  # type: ignore[arg-type]
        result = run_score(tmp_path / "m.tsv", out=tmp_path / "s", settings=chosen)
        return {check.name for check in result.found("fail")}

    assert failed() == set()
    assert failed(signatures=("CYT_geomean", "Ayers_IFNG6")) == {"signature_coverage"}
    assert failed(cells=("quantiseq",)) == {"cells_quantiseq"}
    assert failed(signatures=("CYT_geomean",), cells=()) == set()


def test_a_run_that_fails_leaves_the_earlier_scores_whole(tmp_path: Path) -> None:
    genes = ["GZMA", "PRF1", "CD8A"]
    good = write_matrix(tmp_path / "m.tsv", genes, values_of(genes, 1))
    out = tmp_path / "s"
    run_score(good, out=out, settings=ALONE)
    before = (out / "run.json").read_bytes()
    other = write_matrix(tmp_path / "n.tsv", ["CD4", "CD8A"], values_of(genes[:2], 1))
    with pytest.raises(NotEstimable, match="Nothing can be scored"):
        run_score(other, out=out, settings=ALONE)
    negative = write_matrix(tmp_path / "o.tsv", genes, -values_of(genes, 1))
    with pytest.raises(UnreadableInput, match="negative"):
        run_score(negative, out=out, settings=ALONE)
    assert verify(out) == ()
    assert (out / "run.json").read_bytes() == before
    assert not list(tmp_path.glob(".coley*"))


def test_a_run_that_is_stopped_while_it_writes_leaves_no_half_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genes = ["GZMA", "PRF1", "CD8A"]
    file = write_matrix(tmp_path / "m.tsv", genes, values_of(genes, 1))
    written: list[str] = []

    def stop(frame: pl.DataFrame, path: Path) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        frame.write_csv(path)
        written.append(path.name)

    monkeypatch.setattr("coley.run.score.folder.write_csv", stop)
    with pytest.raises(KeyboardInterrupt):
        run_score(file, out=tmp_path / "s", settings=ALONE, freeze=None)
    assert written == ["scores.csv", "signatures.csv"]
    assert list(tmp_path.iterdir()) == [file]


def test_a_reference_may_lie_in_the_folder_of_the_scores_and_stays_there(tmp_path: Path) -> None:
    write_matrix(tmp_path / "m.tsv", panel(), values_of(panel(), 21))
    place = tmp_path / "s" / "cohort.npz"
    run_score(tmp_path / "m.tsv", out=tmp_path / "s", settings=ALONE, freeze=place)
    frozen = place.read_bytes()
    result = run_score(tmp_path / "m.tsv", out=tmp_path / "s", settings=ALONE, reference=place)
    assert place.read_bytes() == frozen
    record = json.loads((result.folder / "run.json").read_text())
    assert record["reference"]["sha256"] == hashlib.sha256(frozen).hexdigest()
    assert "relative to a reference (n = 12)" in set(result.scores.table["kind"])


def test_the_folder_that_holds_the_input_is_not_replaced(tmp_path: Path) -> None:
    genes = ["GZMA", "PRF1"]
    write_matrix(tmp_path / "m.tsv", genes, values_of(genes, 1))
    out = run_score(tmp_path / "m.tsv", out=tmp_path / "s", settings=ALONE).folder
    inside = write_matrix(out / "m.tsv", genes, values_of(genes, 1))
    with pytest.raises(UnwritableOutput, match="holds the study"):
        run_score(inside, out=out, settings=ALONE)
