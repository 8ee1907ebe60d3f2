"""The units of expression that can be prepared, and what each says about genes and samples."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from coley.model.registry import Registry


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of expression.

    Attributes
    ----------
    name, title
        As settings name it ("log2_tpm1"), and in words ("log2(TPM + 1)").
    family
        "tpm", "fpkm", "counts", "cpm" or "z".
    offset
        What was added before taking log2; None where values are linear (or z scores).
    why
        What the unit says.
    """

    name: str
    title: str
    family: str
    offset: float | None
    why: str


@cache
def units() -> Registry[Unit]:
    """Return the known units.

    Examples
    --------
    >>> units()["log2_tpm001"].offset
    0.001
    """
    text = files("coley.biology.expression").joinpath("resources/units.csv").read_text(encoding="utf-8")
    known: Registry[Unit] = Registry("unit of expression")
    for row in csv.DictReader(text.splitlines()):
        offset = float(row["offset"]) if row["offset"] else None
        known.add(row["unit"], Unit(row["unit"], row["title"], row["family"], offset, row["why"]))
    return known
