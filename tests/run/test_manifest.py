"""The manifest says what Coley wrote, and notices when it is no longer so."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from coley.run.manifest import MANIFEST, WRITER, checksums, read_manifest, verify

if TYPE_CHECKING:
    from pathlib import Path


def test_checksums_are_those_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "t.csv").write_bytes(b"x\n1\n")
    (tmp_path / "a.html").write_bytes(b"")
    found = checksums(tmp_path)
    assert list(found) == ["a.html", "b/t.csv"]
    assert found["b/t.csv"] == {"bytes": 4, "sha256": hashlib.sha256(b"x\n1\n").hexdigest()}


def test_missing_and_changed_files_are_named(tmp_path: Path) -> None:
    for name in ("kept", "changed", "lost"):
        (tmp_path / name).write_text(name)
    (tmp_path / MANIFEST).write_text(json.dumps({"written_by": WRITER, "files": checksums(tmp_path)}))
    assert verify(tmp_path) == ()
    (tmp_path / "changed").write_text("other")
    (tmp_path / "lost").unlink()
    (tmp_path / "added").write_text("not ours")
    assert verify(tmp_path) == ("lost is missing", "changed was changed")


def test_a_record_of_another_program_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"files": {}, "written_by": "another"}')
    assert read_manifest(tmp_path) is None
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe\x00")
    assert read_manifest(tmp_path) is None
