"""The table of clinical and DNA markers: where each comes from, its scale, and what is claimed of it with a source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Kind = Literal["clinical", "dna", "pd-l1"]


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A published cut-point in the raw unit of the marker: values at or above it are high."""

    value: float
    unit: str
    assay: str
    cancer_type: str
    source: str


@dataclass(frozen=True, slots=True)
class MarkerFact:
    """What is known of a marker before any data.

    Attributes
    ----------
    name, label
        As it is asked for; as it is written.
    kind
        "clinical", "dna" or "pd-l1".
    table, column, derive
        The table it comes from, and its column there, or what is derived from the table ("tmb").
    values, levels
        "number", "flag" or "level"; for levels, the number that each word stands for.
    transform
        Name of the scale on which it is modelled, in `TRANSFORMS`.
    unit
        Raw unit, before the transform.
    direction
        1: higher was reported to go with benefit; -1: with resistance or death; 0: neither is claimed.
    assay_column
        The column of `patients` that names the assay, where cohorts may differ in it.
    claim, caveat
        The source of the direction; what speaks against it.
    cut_points
        Published ones, in the raw unit.
    """

    name: str
    label: str
    kind: Kind
    table: str
    column: str
    derive: str
    values: str
    levels: Mapping[str, float]
    transform: str
    unit: str
    direction: int
    assay_column: str
    claim: str
    caveat: str
    cut_points: tuple[CutPoint, ...]

    def scaled(self, values: ArrayLike) -> Floats:
        """Return raw values on the scale on which the marker is modelled.

        Examples
        --------
        >>> markers()["tmb_per_mb"].scaled([0, 3, float("nan")])
        array([ 0.,  2., nan])
        """
        return TRANSFORMS[self.transform](np.asarray(values, dtype=float))


TRANSFORMS: Registry[Callable[[Floats], Floats]] = Registry("transform")


def _log2p1(values: Floats) -> Floats:
    if (values < 0).any():
        raise UnreadableInput(
            "A count or burden cannot be negative.",
            where=f"least value {np.nanmin(values):g}",
            cause="Values that are logarithms already.",
        )
    return np.log2(values + 1)


TRANSFORMS.add("none", lambda values: values)
TRANSFORMS.add("log2p1", _log2p1)  # burdens span three orders of magnitude, and zero occurs


@cache
def markers() -> Registry[MarkerFact]:
    """Return the table of markers.

    Examples
    --------
    >>> markers()["albumin_g_dl"].direction
    1
    >>> [point.value for point in markers()["pdl1_tps"].cut_points]
    [1.0, 50.0]
    """
    cuts = _rows("marker_cut_points.csv")
    registry: Registry[MarkerFact] = Registry("marker")
    for row in _rows("markers.csv"):
        if row["kind"] not in ("clinical", "dna", "pd-l1"):
            raise ValueError(f"markers.csv: {row['name']} has the unknown kind {row['kind']!r}")
        registry.add(
            row["name"],
            MarkerFact(
                name=row["name"],
                label=row["label"],
                kind=cast(Kind, row["kind"]),
                table=row["table"],
                column=row["column"],
                derive=row["derive"],
                values=row["values"],
                levels=_levels(row["levels"]),
                transform=row["transform"],
                unit=row["unit"],
                direction=int(row["direction"]),
                assay_column=row["assay_column"],
                claim=row["claim"],
                caveat=row["caveat"],
                cut_points=tuple(
                    CutPoint(float(c["cut"]), c["unit"], c["assay"], c["cancer_type"], c["source"])
                    for c in cuts
                    if c["marker"] == row["name"]
                ),
            ),
        )
    return registry


def _levels(text: str) -> Mapping[str, float]:
    pairs = (part.split("=") for part in text.split("|") if part)
    return {word: float(number) for word, number in pairs}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("coley.biology").joinpath("resources", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
