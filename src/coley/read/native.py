"""Coley's own format: a folder with study.toml, or with tables named as in the data dictionary."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from coley.model.dictionary import tables as dictionary_tables
from coley.model.errors import UnreadableInput
from coley.model.study import Study
from coley.read.format import Format
from coley.read.kinds import TABLE_SUFFIXES, describe, files_in, stem_of, suffix_of
from coley.read.manifest import MANIFEST, Manifest, TableSpec, load_manifest
from coley.read.reports import frames_of
from coley.read.sources import inside, sources
from coley.read.tables import combine, read_table
from coley.read.toml import load_toml

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from coley.model.answer import Check

MATRICES = ("expression",)  # read last, because samples are matched with the patients


def sniff(path: Path) -> bool:
    """Say whether there is a study.toml, or a table of patients by name."""
    if path.is_file():
        return path.name == MANIFEST
    return (path / MANIFEST).is_file() or "patients" in named_tables(path)


def read(path: Path) -> Study:
    """Return the study in a folder of the native format.

    Raises
    ------
    UnreadableInput
        Where the manifest or a file cannot be understood.
    """
    folder = path.parent if path.is_file() else path
    manifest = load_manifest(folder / MANIFEST) if (folder / MANIFEST).is_file() else Manifest()
    if manifest.studies:
        return _collection(folder, manifest)
    root = folder / manifest.root
    if not root.is_dir():
        raise UnreadableInput(
            f"The folder {manifest.root!r}, in which study.toml says the files are, is not there.",
            where=str(folder / MANIFEST),
            remedy="Mend root in study.toml; it starts from the folder of study.toml.",
        )
    named = {} if manifest.tables else named_tables(root)
    told = manifest.tables or manifest.reports
    if not told and "patients" not in named and (other := _other_format(root)) is not None:
        return _told(other.read(root), manifest, folder)
    specs = manifest.tables or {name: [TableSpec(file=file.name)] for name, file in named.items()}
    if not specs and not manifest.reports:
        raise UnreadableInput(
            "study.toml names no tables, and no file bears the name of one.",
            where=str(root),
            cause=f"The folder holds {describe(files_in(root))}.",
            remedy='Add [tables.patients] with file = "..." to study.toml, or name a file patients.csv.',
        )
    frames: dict[str, pl.DataFrame] = {}
    notes: list[Check] = []
    opened: list[tuple[Path, str]] = []
    if manifest.reports:
        reported = inside(root, manifest.reports)
        frames, found = frames_of(reported)
        notes += found
        opened += [(file, "reports") for file in (files_in(reported) if reported.is_dir() else (reported,))]
    for table, parts in sorted(specs.items(), key=lambda item: item[0] in MATRICES):
        for spec in parts:
            file = inside(root, spec.file)
            frame, found = read_table(file, table, spec, manifest=manifest, before=frames)
            opened.append((file, table))
            notes += found
            if table in frames:
                frame, found = combine(frames[table], frame, table=table, how=spec.combine, file=spec.file)
                notes += found
            frames[table] = frame
    model: dict[str, Any] = {}
    if manifest.economic_model:
        file = inside(folder, manifest.economic_model)
        model = load_toml(file, "a model file")
        opened.append((file, "economic_model"))
    return Study(
        manifest.name or folder.resolve().name,
        frames,
        manifest.about,
        sources(opened, root),
        tuple(notes),
        model,
    )


def _collection(folder: Path, manifest: Manifest) -> Study:
    """Return the studies that a manifest names, read as one."""
    from coley.read import read as read_any
    from coley.read.collection import collection

    if manifest.tables:
        raise UnreadableInput(
            "study.toml names both studies and tables.",
            where=str(folder / MANIFEST),
            remedy="Put the tables into a folder with a study.toml of its own, and name that under studies.",
        )
    members = []
    for name in manifest.studies:
        path = inside(folder, name)
        if path.resolve() == folder.resolve():
            raise UnreadableInput("A collection of studies names itself.", where=str(folder / MANIFEST))
        members.append(read_any(path))
    whole = collection(members, name=manifest.name or folder.resolve().name, about=manifest.about)
    if not manifest.economic_model:
        return whole
    file = inside(folder, manifest.economic_model)
    opened = sources([(file, "economic_model")], folder)
    return whole.replace(economic_model=load_toml(file, "a model file"), sources=(*whole.sources, *opened))


def _other_format(root: Path) -> Format | None:
    """Return the format of files that map themselves (cBioPortal, CDISC), to which a manifest need only add."""
    from coley.read.formats import FORMATS

    for known in FORMATS.values():
        if known.name not in ("native", "plain") and known.sniff(root):
            return known
    return None


def _told(study: Study, manifest: Manifest, folder: Path) -> Study:
    """Return the study with what its manifest says above what its files say."""
    said = {
        field.name: getattr(manifest.about, field.name)
        for field in fields(manifest.about)
        if getattr(manifest.about, field.name) not in ("", None, {})
    }
    name = manifest.name or folder.resolve().name
    return study.replace(name=name, about=replace(study.about, **said))


def named_tables(folder: Path) -> dict[str, Path]:
    """Return the files of a folder that bear the name of a table of the dictionary.

    Raises
    ------
    UnreadableInput
        Where two files bear the name of the same table.
    """
    found: dict[str, Path] = {}
    for path in files_in(folder):
        table = stem_of(path)
        if path.parent != folder or table not in dictionary_tables() or suffix_of(path) not in TABLE_SUFFIXES:
            continue
        if table in found:
            raise UnreadableInput(
                f"Two files bear the name of table {table}: {found[table].name} and {path.name}.",
                where=str(folder),
                remedy="Keep one, or say in study.toml which to read.",
            )
        found[table] = path
    order = list(dictionary_tables())
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


NATIVE = Format(
    name="native",
    title="Coley's own folder",
    looks_for="a study.toml, or tables named as in the data dictionary (patients.csv, lesions.parquet ...)",
    sniff=sniff,
    read=read,
)
