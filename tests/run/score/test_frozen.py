"""A reference reaches its place whole, and never over something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coley.biology.scoring import Reference, freeze
from coley.biology.scoring.reference_file import load
from coley.model.errors import InvalidSetting, UnreadableInput, UnwritableOutput
from coley.run.score.frozen import check_place, read_reference, write_reference


def cohort(shift: float = 0.0) -> Reference:
    return freeze(np.arange(20.0).reshape(2, 10) + shift, ["CD8A", "GZMB"])


def test_an_earlier_reference_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cohort.npz"
    for shift in (0.0, 5.0):
        check_place(path, None)
        assert write_reference(cohort(shift), path) == path
        assert load(path).mean == pytest.approx([4.5 + shift, 14.5 + shift])
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_reference_is_not_touched(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    for place in (thesis, tmp_path):
        with pytest.raises(UnwritableOutput, match="no reference"):
            check_place(place, None)
    assert thesis.read_text() == "years of work"
    with pytest.raises(UnwritableOutput, match="could not be"):
        write_reference(cohort(), thesis / "inside.npz")
    assert list(tmp_path.iterdir()) == [thesis]


def test_the_reference_in_use_is_not_replaced(tmp_path: Path) -> None:
    path = write_reference(cohort(), tmp_path / "cohort.npz")
    (tmp_path / "link.npz").symlink_to(path)
    with pytest.raises(InvalidSetting, match="replaced by the cohort"):
        check_place(tmp_path / "link.npz", path)


def test_hostile_references_end_in_one_message(tmp_path: Path) -> None:
    path = tmp_path / "r.npz"
    np.savez(path, version=[1], genes=np.array([{"a": 1}], dtype=object), values=np.ones((1, 12)))
    whole = write_reference(cohort(), tmp_path / "cohort.npz").read_bytes()
    for content in (path.read_bytes(), b"", b"cos\nsystem\n(S'true'\ntR.", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(UnreadableInput, match="not a reference") as caught:
            read_reference(path)
        assert "--freeze" in caught.value.remedy
