"""TOML that users write: manifests and model files."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from coley.model.errors import UnreadableInput
from coley.read.facts import limits

if TYPE_CHECKING:
    from pathlib import Path


def load_toml(path: Path, what: str) -> dict[str, Any]:
    """Return the words of a file; `what` it is goes into the message ("a manifest").

    Raises
    ------
    UnreadableInput
        Where it is missing, too large, no UTF-8 or no TOML.
    """
    if not path.is_file():
        raise UnreadableInput(f"{path.name} is not there.", where=str(path), cause=f"{what} was expected")
    if path.stat().st_size > limits()["manifest_bytes"]:
        raise UnreadableInput(f"{path.name} is too large to be {what}.", where=str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            f"{path.name} is not UTF-8.", where=str(path), cause=str(error), remedy="Save it as UTF-8."
        ) from None
    return parse_toml(text, path.name, where=str(path))


def parse_toml(text: str, name: str, *, where: str) -> dict[str, Any]:
    """Return the words of a text.

    Raises
    ------
    UnreadableInput
        Where it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableInput(
            f"{name} is not valid TOML.",
            where=where,
            cause=str(error),
            remedy="Strings stand in quotation marks, tables in [brackets].",
        ) from None
