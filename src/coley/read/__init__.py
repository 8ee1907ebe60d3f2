"""Files, folders and dataframes to a Study."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from coley.model.errors import InvalidSetting, UnreadableInput, nearest
from coley.model.study import About

if TYPE_CHECKING:
    from coley.model.study import Study

__all__ = ["read"]


def read(source: Any, *, name: str | None = None, **about: Any) -> Study:
    """Return the study in a folder, a file, a dataframe or several dataframes.

    Parameters
    ----------
    source
        A folder or file in any known format; a dataframe with one row per patient; a mapping from names of
        tables to dataframes; or a list of any of these or of studies, which become the cohorts of one study.
    name
        Short name of the study; that of the folder or file where not given.
    about
        What no file says, above what a manifest says: title, time_origin, randomised, control_arm,
        panel_megabases, expression_unit, currency, price_year, citation, licence.

    Raises
    ------
    UnreadableInput
        Where nothing is recognised, or a file cannot be understood.
    InvalidSetting
        For a word about the study that is not known.

    Examples
    --------
    >>> import polars as pl
    >>> read(pl.DataFrame({"patient_id": ["a", "b"], "os_months": [3.1, 14.0]}), name="tiny")
    Study('tiny': patients 2x3)
    """
    known = [field.name for field in fields(About) if field.name != "cohorts"]
    for key in about:
        if key not in known:
            close = nearest(key, known)
            raise InvalidSetting(
                f"A study has no {key!r}.",
                remedy=f"Did you mean {close!r}?" if close else f"Known: {', '.join(known)}.",
            )
    if isinstance(source, list | tuple):
        from coley.model.study import Study
        from coley.read.collection import collection

        members = [part if isinstance(part, Study) else read(part) for part in source]
        return collection(members, name=name or "studies", about=About(**about))
    if not isinstance(source, str | PathLike):
        from coley.read.frames import study_of

        return study_of(source, name=name or "study", about=About(**about))
    study = _from_path(Path(source))
    return replace(study, name=name or study.name, about=replace(study.about, **about))


def _from_path(path: Path) -> Study:
    from coley.read.formats import FORMATS
    from coley.read.kinds import check_exists, describe, files_in

    if str(path).startswith(("http:", "https:", "ftp:", "s3:")):
        raise UnreadableInput(
            f"{str(path)!r} is an address, and Coley reads files on this machine.",
            remedy="Download it first; published cohorts come with `coley data get`.",
        )
    path = path.expanduser()
    check_exists(path)
    for known in FORMATS.values():
        if known.sniff(path):
            return known.read(path)
    found = describe(files_in(path) if path.is_dir() else [path])
    looked = "; ".join(known.looks_for for known in FORMATS.values())
    raise UnreadableInput(
        f"No study was recognised in {path.name or path}: it holds {found}.",
        where=str(path),
        cause=f"Looked for: {looked}.",
        remedy="Put the tables there, or write a study.toml that names them.",
    )


class _Verb(ModuleType):
    """The package and the verb share a name: `coley.read` is the package, and calling it reads."""

    def __call__(self, source: Any, *, name: str | None = None, **about: Any) -> Study:
        return read(source, name=name, **about)

    __call__.__doc__ = read.__doc__


sys.modules[__name__].__class__ = _Verb
