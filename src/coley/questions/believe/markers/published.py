"""Markers that are published formulas, applied as published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import MissingData, UnreadableInput
from coley.questions.believe.markers.marker import Found, Marker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.biology.published.models import Overlap, PublishedModel
    from coley.model.answer import Check
    from coley.questions.believe.cohorts import Cohorts

IN_SAMPLE = ("all", "part")  # a cohort with some of the training patients is no evidence either
PROBABILITY = "probability as published"


def published_markers(cohorts: Cohorts, names: Sequence[str] | None = None) -> Found:
    """Return every published score whose inputs the study holds; None asks for all."""
    import polars as pl

    from coley.biology.published import PUBLISHED, apply

    markers: list[Marker] = []
    checks: list[Check] = []
    refused: list[tuple[str, str]] = []
    for name in PUBLISHED if names is None else names:
        model = PUBLISHED[name]
        try:
            applied = apply(model, cohorts.patients, zero_without_term=True)
        except (MissingData, UnreadableInput) as error:
            if names is not None or isinstance(error, UnreadableInput):
                refused.append((name, error.what))
            continue
        values = applied.table["value"].cast(pl.Float64).to_numpy().astype(float)
        if not np.isfinite(values).any():
            refused.append((name, "no patient has all of its inputs"))
            continue
        overlaps = {c: _overlap(model, c, cohorts.study.name) for c in cohorts.names}
        inside = {
            c for c, overlap in overlaps.items() if overlap is not None and overlap.overlap in IN_SAMPLE
        }
        doubtful = [
            c for c, overlap in overlaps.items() if overlap is not None and overlap.overlap == "possible"
        ]
        note = (
            f"Its cohorts may share patients with its training set: {', '.join(doubtful)}."
            if doubtful
            else ""
        )
        markers.append(
            Marker(
                name=name,
                label=model.title,
                kind="model",
                values=values,
                unit=PROBABILITY if model.link == "logistic" else "score",
                direction=1,
                claim=model.reference,
                in_sample=frozenset(inside),
                from_clinic=model.columns,
                note=f"{model.limits} {note}".strip(),
            )
        )
        checks += applied.checks
    return Found(tuple(markers), tuple(checks), refused=tuple(refused))


def _overlap(model: PublishedModel, cohort: str, study: str) -> Overlap | None:
    """Return how a cohort overlaps with the training set, known by its own name or by that of its study."""
    found = (model.overlap(name) for name in (f"{study}/{cohort}", cohort, *cohort.split("/"), study))
    return next((overlap for overlap in found if overlap is not None), None)
