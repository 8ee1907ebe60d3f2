"""Model files of further indications, which a model file names beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.read.sources import inside
from coley.read.toml import load_toml

if TYPE_CHECKING:
    from coley.economics.model_file.schema import Model
    from coley.read.economic_model import EconomicModel


def read_indications(
    path: Path, model: Model, *, read: Callable[[Path], EconomicModel]
) -> Mapping[str, EconomicModel]:
    """Return the models of the indications that have one of their own, by label; each file is read once.

    Parameters
    ----------
    path, model
        The model file that names them, beside which they lie, and what it holds.
    read
        Reads a model file.

    Raises
    ------
    UnreadableInput
        Where a file is missing, lies elsewhere, is the model file itself, or names indications of its own.
    InvalidSetting
        Where the models cannot be set side by side.
    """
    found: dict[str, EconomicModel] = {}
    files: dict[Path, EconomicModel] = {}
    for one in model.indications:
        if not one.model:
            continue
        file = inside(path.parent, one.model, manifest=path.name)
        if file.resolve() == path.resolve():
            raise UnreadableInput(
                f"The indication {one.label!r} names the model file that it stands in.",
                where=path.name,
                remedy="Leave model out: the indication is then this model's own.",
            )
        if "indications" in load_toml(file, "a model file"):
            raise UnreadableInput(
                f"{one.model} names indications of its own; only the model that is asked may.",
                where=f"{path.name}: indication {one.label!r}",
                remedy="Take them out of it, and name all indications in one file.",
            )
        if file not in files:
            files[file] = read(file)
        found[one.label] = files[file]
    if model.indications:
        from coley.economics.analysis.indications import refuse_unlike

        refuse_unlike(model, {label: other.model for label, other in found.items()}, where=path.name)
    return found
