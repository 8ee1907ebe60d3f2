"""A published cohort into a folder: downloaded aside, verified, and moved into place only when whole."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coley.model.errors import DownloadFailed
from coley.read.catalogue.download import FULL, Interrupted, ResumableDownload, full_disk
from coley.read.catalogue.table import MANIFEST, Cohort, CohortFile, cohort

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[str, int, int], None]


def fetch_cohort(
    name: str,
    folder: str | Path | None = None,
    *,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Bring a published cohort here, ready to be read.

    Parameters
    ----------
    name
        Of the catalogue; see `list_cohorts`.
    folder
        Where it shall lie; a folder of its own name in the present one where not given. It appears only when
        every file is whole and verified, with the study.toml that maps them. A folder that holds the whole
        cohort already is left as it is, its study.toml too.
    base_url
        A mirror that serves the same paths ("https://mirror.example.org"), in place of the published host.
    progress
        Called with the name of a file, the bytes that have arrived and its size.

    Returns
    -------
    The folder.

    Raises
    ------
    UnknownName
        For a name that is not in the catalogue.
    DownloadFailed
        Where the cohort could not be brought here whole. Nothing half done is left; only after a lost
        connection what has arrived is kept aside, and the next attempt goes on from there.
    """
    wanted = cohort(name)
    place = Path(folder) if folder is not None else Path(name)
    if _is_whole(place, wanted):
        return place
    _check_free(place, wanted)
    aside = place.with_name(f".{place.name}.part")
    try:
        aside.mkdir(parents=True, exist_ok=True)
        _check_room(aside, wanted)
        for file in wanted.files:
            _fetch(file, aside, base_url, progress)
        (aside / MANIFEST).write_text(wanted.manifest, encoding="utf-8")
        if place.exists():
            place.rmdir()
        aside.rename(place)
    except Interrupted:
        raise
    except BaseException as error:
        shutil.rmtree(aside, ignore_errors=True)
        if isinstance(error, DownloadFailed) or not isinstance(error, OSError):
            raise
        raise _failed(error, place, wanted) from None
    return place


def _fetch(file: CohortFile, aside: Path, base_url: str | None, progress: Progress | None) -> None:
    import pooch

    address = file.address if base_url is None else base_url.rstrip("/") + urlsplit(file.address).path
    book = pooch.create(
        aside, base_url="", registry={file.file: f"sha256:{file.sha256}"}, urls={file.file: address}
    )
    pooch.get_logger().setLevel("WARNING")  # nothing is printed below the faces
    report = None if progress is None else lambda done: progress(file.file, done, file.bytes)
    download = ResumableDownload(aside / f"{file.file}.part", file.bytes, progress=report)
    try:
        book.fetch(file.file, downloader=download)
    except ValueError:
        if not download.resumed:
            raise _altered(file, address) from None
        _fetch(file, aside, base_url, progress)  # the two halves may be of different origin: once more, whole


def _is_whole(place: Path, wanted: Cohort) -> bool:
    if not (place / MANIFEST).is_file():
        return False
    return all(_is_verified(place / file.file, file) for file in wanted.files)


def _is_verified(path: Path, file: CohortFile) -> bool:
    import pooch

    if not path.is_file() or path.stat().st_size != file.bytes:
        return False
    return str(pooch.file_hash(str(path), alg="sha256")) == file.sha256


def _check_free(place: Path, wanted: Cohort) -> None:
    if not place.exists() and not place.is_symlink():
        return
    if place.is_dir() and not any(place.iterdir()):
        return
    raise DownloadFailed(
        f"{place.name} is there already, and is not the cohort {wanted.name!r} as published.",
        where=str(place),
        cause="A file of the cohort is missing or altered, or the folder holds something else.",
        remedy="Name another folder, or remove this one.",
    )


def _check_room(aside: Path, wanted: Cohort) -> None:
    here = sum(path.stat().st_size for path in aside.iterdir() if path.is_file())
    if shutil.disk_usage(aside).free < wanted.bytes - here:
        raise full_disk(aside.parent, wanted.bytes)


def _altered(file: CohortFile, address: str) -> DownloadFailed:
    return DownloadFailed(
        f"{file.file} is not the published file: its SHA-256 is another.",
        where=address,
        cause="The file was altered on the server or on the way (a proxy, a virus scanner).",
        remedy="Try again; where it fails again, tell the maintainers of Coley, and do not use the file.",
    )


def _failed(error: OSError, place: Path, wanted: Cohort) -> DownloadFailed:
    if error.errno in FULL:
        return full_disk(place.parent, wanted.bytes)
    return DownloadFailed(
        f"{place.name} cannot be written.", where=str(place), cause=error.strerror or str(error)
    )
