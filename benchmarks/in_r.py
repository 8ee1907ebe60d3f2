"""Peers that are packages of R: they time themselves, so that starting R and reading files do not count."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.race import NotRun, Race, Timed

HERE = Path(__file__).parent


def version(package: str) -> str:
    """Return the version of a package of R, or nothing where it or R is missing."""
    if which("Rscript") is None:
        return ""
    call = ["Rscript", "-e", f'cat(as.character(packageVersion("{package}")))']
    found = subprocess.run(call, capture_output=True, text=True, check=False)
    return found.stdout if found.returncode == 0 else ""


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of R and of those of its packages that are installed."""
    found = {package: there for package in packages if (there := version(package))}
    return {"R": version("base"), **found} if found else {}


def timed_in_r(script: str, what: str, *given: np.ndarray) -> Timed:
    """Run one task of a script of this folder: doubles in, and out of it seconds followed by doubles."""
    with TemporaryDirectory() as folder:
        put, found = Path(folder, "given"), Path(folder, "found")
        np.concatenate([np.asarray(values, dtype=float).ravel() for values in given]).tofile(put)
        subprocess.run(["Rscript", HERE / script, what, put, found], check=True, capture_output=True)
        values = np.fromfile(found)
    return Timed(values[1:], float(values[0]))


def where_installed(peer: str, races: dict[str, Callable[[str], Race]]) -> Iterator[Race | NotRun]:
    """Run the races, by name, against a package of R; tell why they are not run where it is missing."""
    there = version(peer)
    reason = f"{peer} is not installed" if which("Rscript") else "R is not installed"
    for name, run in races.items():
        yield run(name) if there else NotRun(name, peer, reason)
