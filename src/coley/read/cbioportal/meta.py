"""The meta files of a cBioPortal study, which say what each data file is, and its case lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import ColeyError, UnreadableInput
from coley.read.encoding import to_utf8
from coley.read.facts import limits
from coley.read.kinds import files_in, head_of, kind_of, naming
from coley.read.sources import inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

STUDY = "type_of_cancer"  # a key that only the meta file of the study itself has
ALTERATION = "genetic_alteration_type"
FILE = "data_filename"
SEQUENCED = "_sequenced"  # how the stable_id of the list of sequenced samples ends


@dataclass(frozen=True, slots=True)
class Meta:
    """One meta file: its `key: value` lines, and the data file that it names."""

    path: Path
    values: Mapping[str, str]

    @property
    def kind(self) -> tuple[str, str]:
        """Type of alteration and of data, by which files are told apart; never by their names."""
        return self.values.get(ALTERATION, ""), self.values.get("datatype", "")

    def data(self, folder: Path) -> Path:
        """Return the path of the data file.

        Raises
        ------
        UnreadableInput
            Where the meta file names none, or it is not there, or is a git-LFS pointer.
        """
        name = self.values.get(FILE, "")
        if not name:
            raise UnreadableInput(
                f"{self.path.name} names no data file.",
                where=str(self.path),
                remedy=f"Add a line {FILE}: ...",
            )
        try:
            path = inside(folder, name)
        except UnreadableInput as error:
            raise UnreadableInput(
                f"{self.path.name} names the data file {name!r}, which cannot be had from this folder.",
                where=str(self.path),
                cause=error.what
                if "outside" in error.what
                else "The file was not downloaded, or was renamed.",
                remedy=f"Put the file beside {self.path.name}, or mend {FILE}.",
            ) from None
        check_pointer(path)
        return path


def check_pointer(path: Path) -> None:
    """Make sure that a file is itself and not a git-LFS pointer.

    Raises
    ------
    UnreadableInput
        Where it is one.
    """
    kind, title = kind_of(head_of(path))
    if kind == "lfs":
        raise UnreadableInput(
            f"{path.name} is {title}.",
            where=str(path),
            cause="The repository was cloned without git-LFS, which keeps large files elsewhere.",
            remedy="Run `git lfs pull` in the clone, or download the study as an archive from cBioPortal.",
        )


def find_metas(folder: Path) -> tuple[Meta, ...]:
    """Return the meta files of a folder, sorted by name."""
    found = []
    for path in files_in(folder):
        if path.parent == folder and path.name.lower().startswith("meta"):
            values = read_values(path)
            if ALTERATION in values or STUDY in values:
                found.append(Meta(path, values))
    return tuple(found)


def read_values(path: Path) -> dict[str, str]:
    """Return the `key: value` lines of a meta file or case list; nothing for a file of another make."""
    try:
        if path.stat().st_size > limits()["manifest_bytes"]:
            return {}
        text, _ = to_utf8(path.read_bytes(), path.name)
    except (ColeyError, OSError):
        return {}
    pairs = (line.split(":", 1) for line in text.decode().splitlines() if ":" in line)
    return {key.strip().lower(): value.strip() for key, value in pairs}


def sequenced_samples(folder: Path, known: Sequence[str]) -> tuple[frozenset[str] | None, tuple[Check, ...]]:
    """Return the samples that were assayed for mutations, or None where no case list says which.

    Parameters
    ----------
    folder
        Of the study.
    known
        Ids of the sample file.
    """
    place = folder / "case_lists"
    lists = [path for path in files_in(place) if path.suffix == ".txt"] if place.is_dir() else []
    notes: list[Check] = []
    samples = set(known)
    assayed: frozenset[str] | None = None
    for path in lists:
        values = read_values(path)
        ids = frozenset(filter(None, (part.strip() for part in values.get("case_list_ids", "").split("\t"))))
        strangers = sorted(ids - samples)
        if strangers:
            names = naming(strangers)
            message = (
                f"{path.name} names {len(strangers)} samples that the sample file does not have: {names}."
            )
            where = Where(f"case_lists/{path.name}", (), "case_list_ids", tuple(strangers[:10]))
            notes.append(Check("case_list_unknown_samples", "warn", message, where=where))
        if values.get("stable_id", "").endswith(SEQUENCED):
            assayed = ids & samples
    if assayed is None:
        message = (
            "No case list says which samples were sequenced: a sample without mutations may have none, or may not have "
            "been assayed. Its number of mutations is unknown, not zero."
        )
        remedy = "Supply case_lists/cases_sequenced.txt (stable_id: <study>_sequenced)."
        notes.append(Check("sequenced_unknown", "warn", message, remedy=remedy))
    return assayed, tuple(notes)
