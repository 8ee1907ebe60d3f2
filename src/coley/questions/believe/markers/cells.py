"""Markers that are cell fractions and the immunophenoscore, estimated from bulk expression on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import ColeyError
from coley.questions.believe.markers.marker import Found, Marker

if TYPE_CHECKING:
    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.markers.signatures import Measured

LEAST_COVERAGE = 0.8  # of the genes behind a cell type: with less it is another estimate
UNITS = {"tpm": "log2_tpm1", "fpkm": "log2_fpkm1", "cpm": "log2_cpm1"}


def cell_markers(cohorts: Cohorts, matrices: Sequence[Measured], methods: Sequence[str]) -> Found:
    """Return every cell type of the named methods as a marker "method:cell"; what cannot be estimated says why."""
    found = Found()
    for method in methods:
        found += _of_method(cohorts, matrices, method)
    return found


def _of_method(cohorts: Cohorts, matrices: Sequence[Measured], method: str) -> Found:
    from coley.biology.deconvolution import DECONVOLUTION, estimate

    about = DECONVOLUTION[method]
    values: dict[str, np.ndarray] = {}
    assays: dict[str, dict[str, str]] = {}
    refused: list[tuple[str, str]] = []
    checks: list[Check] = []
    for one in matrices:
        if one.expression.family not in UNITS:
            refused.append((f"{method} in {one.cohort}", "it was measured as z scores"))
            continue
        try:
            made = estimate(
                one.expression.values, one.expression.genes, method=method, unit=UNITS[one.expression.family]
            )
        except ColeyError as error:
            refused.append((f"{method} in {one.cohort}", error.what))
            continue
        for i, cell in enumerate(made.cells):
            if made.coverage[i] < LEAST_COVERAGE:
                refused.append(
                    (f"{method}:{cell} in {one.cohort}", f"{made.coverage[i]:.0%} of its genes were measured")
                )
                continue
            column = values.setdefault(cell, np.full(cohorts.n, np.nan))
            column[one.rows] = made.values[i][one.sample]
            assays.setdefault(cell, {})[one.cohort] = one.expression.unit
    markers = tuple(
        Marker(
            name=f"{method}:{cell}",
            label=f"{cell} ({about.title})",
            kind="cells",
            values=column,
            unit="estimated from expression",
            assays=assays[cell],
        )
        for cell, column in values.items()
    )
    return Found(markers, tuple(checks), refused=tuple(refused))
