"""A marker: one value a patient, with what is claimed of it and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from coley.model.answer import Check

Kind = Literal["clinical", "dna", "pd-l1", "signature", "cells", "gene", "model", "score"]


@dataclass(frozen=True, slots=True)
class Cut:
    """A published cut-point on the scale of the values, its raw value in words, and its source: at or above is high."""

    value: float
    words: str
    source: str


@dataclass(frozen=True, eq=False)
class Marker:
    """One marker of the patients of a study.

    Attributes
    ----------
    name, label
        As it is asked for; as it is written.
    kind
        Where it comes from.
    values
        (n,) float64 over the patients, on the scale on which it is modelled; NaN where it was not measured.
    unit
        As measured, in words ("mutations per Mb", "yes or no").
    logged
        Whether values are log2(x + 1) of what was measured.
    direction
        What is claimed: 1 higher goes with response, -1 with resistance, 0 nothing or either.
    claim
        Source of the claim.
    assays
        Cohort to the assay, where it is known.
    cuts
        Published cut-points on the scale of `values`.
    in_sample
        Cohorts that the marker was made from, which are no evidence for it.
    from_clinic
        Columns of patients that it is made of: to adjust for them would take it apart.
    note
        What a reader must know.
    """

    name: str
    label: str
    kind: Kind
    values: NDArray[np.float64]
    unit: str = ""
    logged: bool = False
    direction: int = 0
    claim: str = ""
    assays: Mapping[str, str] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    in_sample: frozenset[str] = frozenset()
    from_clinic: tuple[str, ...] = ()
    note: str = ""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which patients have a value."""
        return np.isfinite(self.values)

    @property
    def binary(self) -> bool:
        """Whether it takes two values, and is read as yes against no."""
        return bool(np.isin(self.values[self.known], (0.0, 1.0)).all())

    def measured(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return values on the scale of the model in the unit of the measurement."""
        found = np.asarray(values, dtype=float)
        return np.exp2(found) - 1 if self.logged else found

    @property
    def axis(self) -> dict[str, object]:
        """Options of a figure along the marker: its title, and the logarithm that labels undo."""
        title = self.label if self.unit in ("", "score") else f"{self.label} ({self.unit})"
        return {"x_title": title, **({"x_back": "log2(x + 1)"} if self.logged else {})}

    @property
    def of_expression(self) -> bool:
        """Whether it is one of the hundreds of scores that are made of expression."""
        return self.kind in ("signature", "score", "cells")

    @property
    def per(self) -> str:
        """What a ratio refers to."""
        return "yes against no" if self.binary else "per standard deviation"


@dataclass(frozen=True, eq=False)
class Found:
    """Markers of one source, and what there is to say about them; `a + b` joins two in order."""

    markers: tuple[Marker, ...] = ()
    checks: tuple[Check, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()  # name and reason of what could not be made

    def __add__(self, other: Found) -> Found:
        return Found(
            self.markers + other.markers,
            self.checks + other.checks,
            self.cannot_tell + other.cannot_tell,
            self.refused + other.refused,
        )
