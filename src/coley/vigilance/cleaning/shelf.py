"""Where relations that are used more than once are put: Parquet in a folder, or tables of the engine."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coley.vigilance.engine import is_spark

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends import BaseBackend


@dataclass(frozen=True, eq=False)
class Shelf:
    """Relations computed once.

    A folder of Parquet holds any number of rows in little memory, since it is compressed. Without one the
    engine keeps a temporary table for as long as anything refers to it: DuckDB spills it, Spark caches it.

    Attributes
    ----------
    con
        The engine.
    folder
        Where Parquet is written; None keeps tables in the engine.
    """

    con: BaseBackend
    folder: Path | None = None
    _work: list[Path] = field(default_factory=list)

    def put(self, name: str, expr: ir.Table, *, work: bool = False) -> ir.Table:
        """Compute a relation and return it as it lies on the shelf; `work` goes when `clear` is called."""
        if self.folder is None:
            return expr.cache()
        folder = self.folder / name
        if work:
            self._work.append(folder)
        return self._file(folder, expr)

    def bind(self, table: ir.Table) -> ir.Table:
        """Return a table that this engine knows, also where it lay in Python's memory."""
        from ibis.expr.operations import InMemoryTable
        from ibis.util import gen_name

        if not isinstance(table.op(), InMemoryTable):
            return table
        return self.con.create_view(gen_name("bound"), table).cache()

    def take(self, rows: pa.Table) -> ir.Table:
        """Return rows of Python as a table of the engine."""
        import ibis

        return self.bind(ibis.memtable(rows))

    def count(self, table: ir.Table, **sums: Any) -> dict[str, int]:
        """Return the rows of a table under "n", and whole sums over it; a sum over nothing is 0."""
        totals = self.con.to_pyarrow(
            table.aggregate(n=table.count(), **{name: value.cast("int64") for name, value in sums.items()})
        )
        return {name: int(total or 0) for name, total in totals.to_pylist()[0].items()}

    def clear(self) -> None:
        """Remove what was put there for the work alone."""
        while self._work:
            shutil.rmtree(self._work.pop(), ignore_errors=True)

    def _file(self, folder: Path, expr: ir.Table) -> ir.Table:
        shutil.rmtree(folder, ignore_errors=True)
        if is_spark(self.con):
            self.con.to_parquet(expr, os.fspath(folder))
            return self.con.read_parquet(os.fspath(folder))
        folder.mkdir(parents=True)
        self.con.to_parquet(expr, folder / "part-0.parquet")
        # DuckDB adds whole numbers up in 128 bits, which Parquet keeps as floating point: exact below 2**53.
        return self.con.read_parquet(os.fspath(folder / "*.parquet")).cast(expr.schema())
