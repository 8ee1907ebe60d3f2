"""GCT 1.2 and 1.3, the matrices of GenePattern and of the Connectivity Map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.read.encoding import to_utf8
from coley.read.expression.matrix import Matrix, check_size, matrix_of
from coley.read.raw import RawTable
from coley.read.text import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = ("#1.2", "#1.3")


def read_gct(path: Path) -> Matrix:
    """Read a GCT file; a blank cell is missing, and -666 is a number.

    Raises
    ------
    UnreadableInput
        For another version, and where the file does not hold what its second line announces.
    """
    import polars as pl

    text, notes = to_utf8(read_bytes(path), path.name)
    lines = text.decode().rstrip("\n").split("\n")
    version = lines[0].strip()
    if version not in VERSIONS:
        raise UnreadableInput(
            f"{path.name} is no GCT file: it begins with {version[:40]!r}.",
            where=f"{path.name}, line 1",
            remedy="The first line of GCT is #1.2 or #1.3.",
        )
    n_rows, n_columns, row_fields, column_fields = _sizes(lines, path.name, version)
    check_size(n_rows * n_columns, path.name)
    header = _fields(lines, 3, path.name)
    before = 1 + row_fields  # names and descriptions of a row
    first = 4 + column_fields  # line of the first row of numbers
    if len(header) != before + n_columns:
        raise UnreadableInput(
            f"{path.name} announces {n_columns} samples and names {len(header) - before}.",
            where=f"{path.name}, lines 2 and 3",
            cause="The file was cut, or edited by hand.",
        )
    body = [line.rstrip("\r").split("\t") for line in lines[first - 1 :] if line.strip()]
    if len(body) != n_rows:
        raise UnreadableInput(
            f"{path.name} announces {n_rows} rows and holds {len(body)}.",
            where=f"{path.name}, line 2",
            cause="The file was cut, or edited by hand.",
        )
    wrong = next((i for i, row in enumerate(body) if len(row) != len(header)), None)
    if wrong is not None:
        raise UnreadableInput(
            f"A row of {path.name} has {len(body[wrong])} fields, not {len(header)}.",
            where=f"{path.name}, line {first + wrong}",
        )
    samples = header[before:]
    if len(set(samples)) < len(samples):
        twice = next(name for name in samples if samples.count(name) > 1)
        raise UnreadableInput(
            f"{path.name} names the sample {twice!r} twice.",
            where=f"{path.name}, line 3",
            remedy="Rename one.",
        )
    cells = {"gene": [row[0].strip() or None for row in body]}
    cells |= {name: [row[before + i].strip() or None for row in body] for i, name in enumerate(samples)}
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    raw = RawTable(frame, path.name, first, notes)
    matrix = matrix_of(raw, gene="gene")
    from dataclasses import replace

    return replace(matrix, genes_in="rows")


def _sizes(lines: list[str], file: str, version: str) -> tuple[int, int, int, int]:
    try:
        numbers = [int(part) for part in lines[1].split()]
    except (IndexError, ValueError):
        numbers = []
    if len(numbers) < (4 if version == "#1.3" else 2) or min(numbers) < 0:
        raise UnreadableInput(
            f"Line 2 of {file} does not say how many rows and columns follow.", where=f"{file}, line 2"
        )
    if version == "#1.2":
        return numbers[0], numbers[1], 1, 0
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _fields(lines: list[str], number: int, file: str) -> list[str]:
    if len(lines) < number:
        raise UnreadableInput(f"{file} ends after {len(lines)} lines.", where=file, cause="The file was cut.")
    return [field.strip() for field in lines[number - 1].rstrip("\r").split("\t")]
