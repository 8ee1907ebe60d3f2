"""A format: how a study in it is known and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coley.model.study import Study


@dataclass(frozen=True, slots=True)
class Format:
    """A way in which studies are kept on disk.

    Attributes
    ----------
    name, title
        "native"; "a folder with study.toml, or with tables named as in the data dictionary".
    looks_for
        What `sniff` looks for, in words, for the message where no format fits.
    sniff
        Whether the file or folder is in this format; it looks at names and first bytes only.
    read
        From file or folder to study.
    """

    name: str
    title: str
    looks_for: str
    sniff: Callable[[Path], bool]
    read: Callable[[Path], Study]
