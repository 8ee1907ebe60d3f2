"""The store: written beside its place and moved there whole, so that a killed run leaves none."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting, UnwritableOutput
from coley.vigilance.schema import RAW

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa
    import pyarrow.parquet as pq

    from coley.vigilance.reading.log import ReadingLog

LOG = "log.json"
COMPRESSION = "zstd"  # a third smaller than lz4 at the same speed, as most time goes to dictionaries
# Numbers that hardly repeat gain nothing from a dictionary; as differences they take a tenth of the room.
_UNIQUE = ("report_id", "case_id")


class Sink:
    """Takes tables of any relation for one part of the store: a Parquet file each, opened when it is needed."""

    def __init__(self, folder: Path, part: str) -> None:
        self._folder, self._part = folder, part
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def __call__(self, relation: str, table: pa.Table) -> None:
        """Write rows of a relation."""
        from pyarrow.parquet import ParquetWriter

        if relation not in self._writers:
            path = self._folder / relation / f"{self._part}.parquet"
            unique = [name for name in _UNIQUE if name in table.schema.names]
            self._writers[relation] = ParquetWriter(
                path,
                table.schema,
                compression=COMPRESSION,
                use_dictionary=[name for name in table.schema.names if name not in unique],
                column_encoding=dict.fromkeys(unique, "DELTA_BINARY_PACKED"),
                write_statistics=unique,  # nothing else is looked up by its range
            )
        self._writers[relation].write_table(table)
        self.rows[relation] = self.rows.get(relation, 0) + len(table)

    def close(self) -> None:
        """Finish the files."""
        for writer in self._writers.values():
            writer.close()

    def discard(self) -> None:
        """Take the part out of the store again."""
        self.close()
        for relation in self._writers:
            (self._folder / relation / f"{self._part}.parquet").unlink(missing_ok=True)
        self.rows = {}


class NewStore:
    """A store in the making, as a context: on leaving it without `finish`, nothing remains.

    Raises
    ------
    InvalidSetting
        Where the place is taken by something that is no store.
    """

    def __init__(self, place: Path) -> None:
        if place.exists() and not (place / LOG).is_file():
            raise InvalidSetting(
                f"{place.name} exists and is no store of reports; it was left alone.",
                where=str(place),
                remedy="Name a new folder.",
            )
        self._place = place
        self._aside = place.with_name(f".{place.name}.{os.getpid()}.part")

    def __enter__(self) -> NewStore:
        try:
            shutil.rmtree(self._aside, ignore_errors=True)
            for relation in RAW:
                (self._aside / relation).mkdir(parents=True)
        except OSError as error:
            raise UnwritableOutput(
                "The store cannot be written here.", where=str(self._place), cause=str(error)
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)
        if isinstance(error, OSError):
            raise UnwritableOutput(
                "The store could not be written to its end.", where=str(self._place), cause=str(error)
            ) from None

    def sink(self, part: str) -> Sink:
        """Return where the rows of one part go."""
        return Sink(self._aside, part)

    def finish(self, log: ReadingLog) -> None:
        """Give every relation a file, write the log, and move the store to its place."""
        import pyarrow.parquet as pq

        from coley.vigilance.reading.columns import schema_of

        for relation in RAW:
            if not any((self._aside / relation).iterdir()):
                pq.write_table(schema_of(relation).empty_table(), self._aside / relation / "empty.parquet")
        (self._aside / LOG).write_text(log.to_json(), encoding="utf-8")
        if self._place.exists():
            old = self._aside.with_suffix(".old")
            self._place.rename(old)
            self._aside.rename(self._place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            self._aside.rename(self._place)
