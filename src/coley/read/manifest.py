"""The manifest of a study, study.toml: what no data file says, and which column of which file is what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from coley.model.dictionary import tables
from coley.model.errors import UnreadableInput, nearest
from coley.model.study import About
from coley.read.columns import ColumnMap
from coley.read.toml import load_toml, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST = "study.toml"
Cell = str | int | float | bool


class TableSpec(BaseModel):
    """One file that gives a table, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(description="name of the file, in the folder `root`")
    sheet: str | None = Field(None, description="sheet of a workbook; the first where not given")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="of text; else found")
    encoding: str = Field("", description="of text; else found")
    comment: str | None = Field(None, description="what lines to skip before the header begin with")
    combine: Literal["join", "stack"] | None = Field(
        None, description="how it meets the files before it: join by key, or stack rows below each other"
    )
    where: dict[str, Cell | list[Cell]] = Field(
        default_factory=dict, description="rows to read: column of the file = value, or list of values"
    )
    keep: Literal["all", "mapped"] = Field("all", description="whether further columns become covariates")
    guess: bool | None = Field(
        None, description="whether other columns are recognised by their names; as `keep` where not given"
    )
    ignore: list[str] = Field(default_factory=list, description="columns to leave out")
    missing: list[str] = Field(default_factory=list, description="further spellings of missing in this file")
    columns: dict[str, ColumnMap] = Field(default_factory=dict, description="name here = name in the file")

    @property
    def guesses(self) -> bool:
        """Whether columns that are not mapped are recognised by their names."""
        return self.keep == "all" if self.guess is None else self.guess


class Manifest(BaseModel):
    r"""A study.toml.

    Examples
    --------
    >>> text = 'title = "T"\n[tables.patients]\nfile = "a.csv"\ncolumns = { os_months = "OS" }'
    >>> parse_manifest(text).tables["patients"][0].columns["os_months"].column
    'OS'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    name: str = Field("", description="short name; that of the folder where not given")
    citation: str = ""
    licence: str = ""
    time_origin: str = ""
    randomised: bool | None = None
    control_arm: str = ""
    panel_megabases: float | None = Field(None, gt=0)
    expression_unit: str = ""
    currency: str = ""
    price_year: int | None = Field(None, ge=1900, le=2200)
    missing: list[str] = Field(default_factory=list, description="further spellings of missing")
    root: str = Field(".", description="folder of the files, from the folder of study.toml")
    studies: list[str] = Field(
        default_factory=list,
        description="folders of studies that are read as one, from the folder of study.toml",
    )
    reports: str = Field(
        "",
        description="file or folder of spontaneous reports, in the folder `root`, in any format that is read",
    )
    economic_model: str = Field(
        "", description="model file of the question `worth`, from the folder of study.toml"
    )
    tables: dict[str, list[TableSpec]] = Field(default_factory=dict)

    @field_validator("tables", mode="before")
    @classmethod
    def _one_or_many(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: [specs] if isinstance(specs, dict) else specs for name, specs in given.items()}

    @property
    def about(self) -> About:
        """What the manifest says about the study as a whole."""
        return About(
            **{name: getattr(self, name) for name in About.__dataclass_fields__ if name != "cohorts"}
        )


def load_manifest(path: Path) -> Manifest:
    """Return the manifest in a file.

    Raises
    ------
    UnreadableInput
        For a file that is no TOML, and for keys and values that are not known, with the nearest that are.
    """
    return _manifest(load_toml(path, "a manifest"), where=str(path))


def parse_manifest(text: str, where: str = MANIFEST) -> Manifest:
    """Return the manifest in a text.

    Raises
    ------
    UnreadableInput
        As `load_manifest`.
    """
    return _manifest(parse_toml(text, MANIFEST, where=where), where=where)


def _manifest(given: Mapping[str, Any], *, where: str) -> Manifest:
    try:
        manifest = Manifest.model_validate(given)
    except ValidationError as error:
        raise _invalid(error, where) from None
    for name in manifest.tables:
        if name not in tables():
            close = nearest(name, tables())
            raise UnreadableInput(
                f"The data dictionary has no table {name!r}.",
                where=where,
                remedy=f"Did you mean {close!r}?" if close else f"Its tables are: {', '.join(tables())}.",
            )
    return manifest


def _invalid(error: ValidationError, where: str) -> UnreadableInput:
    first = error.errors()[0]
    path = [part for part in first["loc"] if isinstance(part, str)]
    place = ".".join(path)
    if first["type"] == "extra_forbidden":
        # title | tables.patients.file | tables.patients.columns.os_months.unit
        models: dict[int, type[BaseModel]] = {1: Manifest, 3: TableSpec}
        model = models.get(len(path), ColumnMap)
        close = nearest(path[-1], model.model_fields)
        known = ", ".join(model.model_fields)
        return UnreadableInput(
            f"study.toml has the unknown key {place!r}.",
            where=where,
            remedy=f"Did you mean {close!r}?" if close else f"Known here: {known}.",
        )
    if first["type"] == "missing":
        return UnreadableInput(f"study.toml lacks the key {place!r}.", where=where, remedy="Add it.")
    given = repr(first["input"])
    return UnreadableInput(
        f"study.toml gives {place!r} a value that it cannot have.",
        where=where,
        cause=f"{first['msg'].removeprefix('Value error, ')} (found: {given[:80]})",
    )
