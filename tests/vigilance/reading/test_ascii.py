"""Whatever is done to a file, each line of it is accounted for, and memory's blocks leave no trace."""

from __future__ import annotations

from io import BytesIO

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.vigilance.reading.ascii import AsciiReader
from coley.vigilance.reading.columns import schema_of
from coley.vigilance.reading.limits import Limits

HEADER = b"primaryid$caseid$indi_drug_seq$indi_pt"
PIECES = [
    b"1234567$12345$1$Pain", b"1234568$12345$2$Sj\xc3\xb6gren$", b"$", b"\n", b"\r\n", b"\n\n", b"x", b"1234569", b"\0",
    b"\xe9", b" ", b"1234570$1$", b"y" * 90, b"1234571$1$one$",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join)


def read(text: bytes, block: int):
    reader = AsciiReader("INDI17Q2.txt", Limits(block_bytes=block, line_bytes=60))
    tables = list(reader.tables(BytesIO(HEADER + b"\n" + text)))
    table = pa.concat_tables([schema_of("indications").empty_table(), *tables])
    return reader, table


def fate(reader: AsciiReader):
    return (
        reader.lines, reader.header, reader.kept, reader.joined, reader.split,
        reader.dropped.tallies(), reader.altered.tallies(),
    )  # fmt: skip


@given(TEXTS)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_line_is_accounted_for(text):
    reader, table = read(text, 1 << 20)
    lost = sum(tally.count for tally in reader.dropped.tallies())
    lines = text.count(b"\n") + (not text.endswith(b"\n") and text != b"")
    assert reader.lines == lines + 1
    assert reader.lines + reader.split == reader.header + reader.kept + reader.joined + lost
    assert table.num_rows == reader.kept
    table.validate(full=True)  # the text of every column is UTF-8


@given(TEXTS, st.integers(60, 130))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_blocks_leave_no_trace(text, block):
    whole, expected = read(text, 1 << 20)
    parts, found = read(text, block)
    assert fate(parts) == fate(whole)
    assert sorted(map(str, found.to_pylist())) == sorted(map(str, expected.to_pylist()))
