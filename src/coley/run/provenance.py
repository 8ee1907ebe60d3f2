"""The record of a run: versions, input files and their hashes, settings, time and memory."""

from __future__ import annotations

import platform
import re
import sys
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

import coley
from coley.run.manifest import WRITER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.model.answer import Answer
    from coley.model.study import Study
    from coley.run.steps import Steps

RECORD_VERSION = 1  # of the layout of run.json


def record(study: Study, answers: Sequence[Answer], steps: Steps) -> dict[str, Any]:
    """Return what a reader needs to repeat the run and to trust that it is the same one.

    Parameters
    ----------
    study
        The study as it was read.
    answers
        The answers, with the settings that were used.
    steps
        The steps until now, with their times.
    """
    return {
        "written_by": WRITER,
        "record_version": RECORD_VERSION,
        "study": study.name,
        "inputs": [
            {"file": s.file, "tables": list(s.tables), "bytes": s.bytes, "sha256": s.sha256}
            for s in study.sources
        ],
        "settings": {answer.question: dict(answer.settings) for answer in answers},
        "seed": {answer.question: answer.settings.get("seed") for answer in answers},
        "versions": versions(),
        "platform": platform.platform(),
        "started": steps.started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {name: round(seconds, 3) for name, seconds in steps.seconds.items()},
        "peak_memory_mib": peak_memory_mib(),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of Coley and of every library that Coley declares it needs."""
    found = {"python": platform.python_version(), "coley": coley.__version__}
    try:
        required = metadata.requires("coley") or []
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return found
    for requirement in required:
        name = re.match(r"[\w.-]+", requirement)
        if name is not None and "extra ==" not in requirement:
            found[name.group()] = metadata.version(name.group())
    return found


def peak_memory_mib() -> float | None:
    """Return the most memory that this process has held, in MiB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
