"""The catalogue of published cohorts: one row per file, with address, checksum, licence and citation."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from coley.model.errors import UnknownName

MANIFEST = "study.toml"


@dataclass(frozen=True, slots=True)
class CohortFile:
    """One file of a cohort.

    Attributes
    ----------
    file
        Its name in the folder of the study.
    address
        Where it lies, at a pinned commit.
    sha256, bytes
        Checksum and size of the original.
    """

    file: str
    address: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A published cohort that can be brought here by name.

    Attributes
    ----------
    name
        By which it is asked for.
    licence
        As its repository states it; where the repository has no licence file, that is what is said.
    citation
        The publication to cite.
    warning
        What the published files would mislead about (patients shared with another cohort, imputed columns).
    files
        What is downloaded.
    """

    name: str
    licence: str
    citation: str
    warning: str
    files: tuple[CohortFile, ...]

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)

    @property
    def manifest(self) -> str:
        """The study.toml that maps the original files."""
        return files(__package__).joinpath("studies", f"{self.name}.toml").read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """Title of the study, as its manifest has it."""
        return str(tomllib.loads(self.manifest)["title"])


def list_cohorts() -> tuple[Cohort, ...]:
    """Return the published cohorts, sorted by name.

    Examples
    --------
    >>> [cohort.name for cohort in list_cohorts()][:2]
    ['amadeus_trial', 'cdisc_pilot_ae']
    """
    return tuple(_catalogue().values())


def cohort(name: str) -> Cohort:
    """Return one published cohort.

    Raises
    ------
    UnknownName
        Where the catalogue has none of this name.

    Examples
    --------
    >>> cohort("oak").files[0].file
    '41591_2018_134_MOESM3_ESM.xlsx'
    """
    known = _catalogue()
    if name not in known:
        raise UnknownName("published cohort", name, known)
    return known[name]


@cache
def _catalogue() -> dict[str, Cohort]:
    text = files(__package__).joinpath("catalogue.csv").read_text(encoding="utf-8")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        rows.setdefault(row["name"], []).append(row)
    return {name: _cohort(name, rows[name]) for name in sorted(rows)}


def _cohort(name: str, rows: list[dict[str, str]]) -> Cohort:
    first = rows[0]
    parts = tuple(CohortFile(row["file"], row["address"], row["sha256"], int(row["bytes"])) for row in rows)
    return Cohort(name, first["licence"], first["citation"], first["warning"], parts)
