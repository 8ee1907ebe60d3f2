"""What the page says of the files that were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.study import About, Source, Study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def name_of(sources: Sequence[Path]) -> str:
    """Return a short name for what was read: that of the first source."""
    first = sources[0].expanduser().resolve()
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"{first.name.split('.')[0] or first.name}{more}"


def about(name: str, sources: Sequence[Path], *, what: str = "Spontaneous reports") -> Study:
    """Return name and files as a study without tables: those of reports are too large to be part of one."""
    from coley.read.sources import sha256

    found = [
        (path.relative_to(source.parent), path)
        for source in sources
        for path in ([source] if source.is_file() else sorted(source.rglob("*")))
        if path.is_file()
    ]
    return Study(
        name,
        {},
        About(title=f"{what}: {name}"),
        tuple(
            Source(as_named.as_posix(), ("reports",), path.stat().st_size, sha256(path))
            for as_named, path in found
        ),
    )
