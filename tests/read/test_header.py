"""The header of a file, of any make and of none."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.read.formats import FORMATS
from coley.read.header import LONGEST, first_lines, header_of


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"a,b;c\n1,2\n", ("a", "b;c")),
        (b'\xef\xbb\xbf"a,1"\tb\n', ("a,1", "b")),
        (b"#version 2.4\n\n#x\na\tb\n", ("a", "b")),
        (gzip.compress(b"a;b\r\n1;2\r\n", mtime=0), ("a", "b")),
        ("a,b\n".encode("utf-16"), ("a", "b")),
        (b"a,b\r1,2\r", ("a", "b")),
        (b"", ()),
        (b"\n\n", ()),
        (b"# only comments\n", ()),
        (b"%PDF-1.7\n", ()),
        (b"\x89HDF\r\n\x1a\n", ()),
        (b"PAR1 and no more", ()),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", ()),
    ],
)
def test_headers(data: bytes, names: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    assert header_of(tmp_path / "file") == names


def test_a_header_beyond_one_block_is_read_whole(tmp_path: Path) -> None:
    names = tuple(f"sample_{i:06}" for i in range(20_000))
    (tmp_path / "wide.tsv").write_text("\t".join(names) + "\n1\n")
    assert header_of(tmp_path / "wide.tsv") == names


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.csv.gz", "wb", compresslevel=9) as stream:
        for _ in range(64):
            stream.write(b"a" * (1 << 20))
    assert sum(map(len, header_of(tmp_path / "bomb.csv.gz"))) <= LONGEST
    assert sum(map(len, first_lines(tmp_path / "bomb.csv.gz", gzipped=True))) == LONGEST


def test_parquet(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1], "b": [2]}).write_parquet(tmp_path / "x.parquet")
    assert header_of(tmp_path / "x.parquet") == ("a", "b")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert header_of(tmp_path / "nothing.csv") == ()


@settings(deadline=None, max_examples=50)
@given(data=st.binary(max_size=300))
def test_no_format_stumbles_over_any_bytes(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("x.csv", "meta_study.txt"):
        (folder / name).write_bytes(data)
    for known in FORMATS.values():
        assert known.sniff(folder) in (True, False)
        assert known.sniff(folder / "x.csv") in (True, False)
