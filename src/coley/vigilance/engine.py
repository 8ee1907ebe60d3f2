"""Where relations are computed: DuckDB on this machine by default, a Spark cluster where one is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl
    from ibis.backends import BaseBackend

    from coley.vigilance.schema import Relation

DUCKDB = "duckdb"
SPARK = "spark"
# Spark's own 200 parts of every join and sum suit a large cluster, and cost a small one most of its time. Two to three
# tasks a core are what its tuning guide advises; a cluster that is set up otherwise is left as it is.
SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
TASKS_PER_CORE, FEWEST_TASKS = 3, 8


def connect(
    engine: str = DUCKDB, *, memory: str = "", threads: int | None = None, scratch: Path | None = None
) -> BaseBackend:
    """Return an engine on which Ibis expressions run.

    Parameters
    ----------
    engine
        "duckdb" for this machine's memory, "duckdb://FILE" for a database file (larger than memory is
        welcome), "spark://HOST:PORT" for a cluster, "spark" or "local[N]" for Spark on this machine.
    memory
        Most memory that DuckDB may take before it spills to disk, as in "5GB"; its own default if empty.
    threads
        Threads of DuckDB; all cores if None.
    scratch
        Folder for what is spilled.

    Raises
    ------
    InvalidSetting
        For an engine of no known kind, or one whose library is not installed.

    Examples
    --------
    >>> connect().name
    'duckdb'
    """
    if engine.startswith(DUCKDB):
        return _duckdb(engine.removeprefix(DUCKDB).removeprefix("://"), memory, threads, scratch)
    if engine.startswith((SPARK, "local")):
        return _spark(engine)
    raise InvalidSetting(
        f"There is no engine {engine!r}.",
        remedy='Give "duckdb", "duckdb://FILE", "spark://HOST:PORT" or "local[2]".',
    )


def _duckdb(file: str, memory: str, threads: int | None, scratch: Path | None) -> BaseBackend:
    import ibis

    options: dict[str, Any] = {"preserve_insertion_order": False}
    if memory:
        options["memory_limit"] = memory
    if threads is not None:
        options["threads"] = threads
    if scratch is not None:
        options["temp_directory"] = os.fspath(scratch)
    return ibis.duckdb.connect(file or ":memory:", **options)


def _spark(master: str) -> BaseBackend:
    import ibis

    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InvalidSetting(
            f"Engine {master!r} needs pyspark, which is not installed.",
            remedy="pip install 'coley[spark]', with Java 17 or later on the machine.",
        ) from error
    session = (
        SparkSession.builder.master("local[*]" if master == SPARK else master)
        .appName("coley")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    if not session.sparkContext.getConf().contains(SHUFFLE_PARTITIONS):
        tasks = max(FEWEST_TASKS, TASKS_PER_CORE * session.sparkContext.defaultParallelism)
        session.conf.set(SHUFFLE_PARTITIONS, tasks)
    return ibis.pyspark.connect(session)


def is_spark(con: BaseBackend) -> bool:
    """Say whether relations are computed by Spark."""
    return bool(con.name == "pyspark")


def memtable(frame: pl.DataFrame) -> ir.Table:
    """Return a frame as a relation that any engine can read."""
    import ibis
    import polars as pl

    # Neither Spark nor older readers know the newest layout of text in Arrow.
    return ibis.memtable(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def keep(con: BaseBackend, table: ir.Table) -> ir.Table:
    """Return the table computed once and kept by the engine until it closes.

    Ibis's own `cache` asks the backend that an expression names, and one made of frames alone names none.
    """
    from ibis.util import gen_name

    name = gen_name("kept")
    if is_spark(con):
        kept = con.create_view(name, table)
        con._session.catalog.cacheTable(name)
        return kept
    return con.create_table(name, table, temp=True)


def release(con: BaseBackend) -> None:
    """Close DuckDB; a Spark session may be shared with others in this process, and ends with it."""
    if not is_spark(con):
        con.disconnect()


def read_relation(con: BaseBackend, folder: Path, relation: Relation) -> Any:
    """Return the relation that lies in `folder` as Parquet, with exactly the columns of its schema.

    Raises
    ------
    UnreadableInput
        Where the folder holds no Parquet.
    """
    from coley.model.errors import UnreadableInput

    if not any(folder.glob("*.parquet")):
        raise UnreadableInput(
            f"The store holds no relation {relation.name!r}.",
            where=str(folder),
            remedy="Read the reports again: a store is written whole or not at all.",
        )
    path = os.fspath(folder) if is_spark(con) else os.fspath(folder / "*.parquet")
    return con.read_parquet(path)[list(relation.names)]
