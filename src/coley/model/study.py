"""A study: tables with known names and units, what is known about them, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from coley.model.errors import MissingData, nearest

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Check

DAYS_PER_MONTH = 30.4375  # 365.25 / 12: the length of a month throughout Coley

WHERE_COLUMN = "_where"  # "file:line" of each row that was read from a file


@dataclass(frozen=True, slots=True)
class About:
    """What no data file says and the manifest must: origin of time, design, units, prices.

    Attributes
    ----------
    title, citation, licence
        For the page and the reference list.
    time_origin
        What month 0 is: "randomisation", "first dose", "diagnosis"; empty where unknown.
    randomised
        True, False, or None where nobody said.
    control_arm
        The value of `patients.arm` that is the control; empty where there is none.
    panel_megabases
        Megabases assayed, the denominator of TMB.
    expression_unit
        "tpm", "log2_tpm1", "counts", "log2_counts1" ...
    currency, price_year
        Of the table `costs`.
    cohorts
        Where several studies were read as one: cohort to what its own manifest says.
    """

    title: str = ""
    citation: str = ""
    licence: str = ""
    time_origin: str = ""
    randomised: bool | None = None
    control_arm: str = ""
    panel_megabases: float | None = None
    expression_unit: str = ""
    currency: str = ""
    price_year: int | None = None
    cohorts: Mapping[str, About] = field(default_factory=dict)

    def of(self, cohort: str) -> About:
        """Return what is known about one cohort: the words of its own manifest, else those of the whole."""
        return self.cohorts.get(cohort, self)


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was read: its name, the tables it gave, its size and SHA-256."""

    file: str
    tables: tuple[str, ...]
    bytes: int
    sha256: str


@dataclass(frozen=True, eq=False)
class Study:
    """Tables of the data dictionary, with canonical column names, units and types.

    Attributes
    ----------
    name
        A short name, used in file names and figures.
    tables
        Name to frame; the names and columns are those of `coley.model.dictionary`, and a table may
        carry further columns as covariates. Missing is null. Rows that came from a file carry it in
        the column `_where` ("patients.csv:12").
    about
        What the manifest says.
    sources
        The files read.
    notes
        What the reader did and found on the way (columns recognised, rows dropped, units converted).
    economic_model
        The words of the model file that the manifest names, as TOML gives them; empty where it names none.

    Examples
    --------
    >>> import polars as pl
    >>> study = Study("tiny", {"patients": pl.DataFrame({"patient_id": ["a", "b"], "os_months": [3.0, 9.5]})})
    >>> study.has("patients", "os_months")
    True
    """

    name: str
    tables: Mapping[str, pl.DataFrame]
    about: About = About()
    sources: tuple[Source, ...] = ()
    notes: tuple[Check, ...] = field(default=())
    economic_model: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))
        object.__setattr__(self, "economic_model", MappingProxyType(dict(self.economic_model)))
        object.__setattr__(self, "sources", tuple(self.sources))
        object.__setattr__(self, "notes", tuple(self.notes))

    def has(self, table: str, *columns: str) -> bool:
        """Say whether the table exists and each named column holds at least one value."""
        frame = self.tables.get(table)
        return frame is not None and all(
            column in frame.columns and frame[column].null_count() < frame.height for column in columns
        )

    def table(self, name: str, *columns: str) -> pl.DataFrame:
        """Return a table, having made sure that it holds the named columns.

        Raises
        ------
        MissingData
            Where the table or a column is absent.
        """
        if name not in self.tables:
            raise MissingData(
                f"Study {self.name!r} has no table {name!r}.",
                where=f"tables present: {', '.join(sorted(self.tables)) or 'none'}",
                remedy=f"Supply {name} (see the data dictionary), or name its file in study.toml.",
            )
        frame = self.tables[name]
        for column in columns:
            if column not in frame.columns:
                close = nearest(column, frame.columns)
                raise MissingData(
                    f"Table {name!r} of study {self.name!r} has no column {column!r}.",
                    where=f"columns present: {', '.join(c for c in frame.columns if c != WHERE_COLUMN)}",
                    remedy=f"Map it in study.toml: [tables.{name}.columns] {column} = "
                    f"{(close or 'its name in your file')!r}",
                )
        return frame

    @property
    def patients(self) -> pl.DataFrame:
        """The table of patients, one row each."""
        return self.table("patients", "patient_id")

    def replace(self, **changes: Any) -> Study:
        """Return a copy with the named parts replaced."""
        return replace(self, **changes)

    def with_table(self, name: str, frame: pl.DataFrame) -> Study:
        """Return a copy in which one table is added or replaced."""
        return replace(self, tables={**self.tables, name: frame})

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {frame.height}x{frame.width}" for name, frame in self.tables.items())
        return f"Study({self.name!r}: {shapes})"
