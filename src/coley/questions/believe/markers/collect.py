"""All markers of a study, or those that were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import InvalidSetting, nearest
from coley.questions.believe.markers.cells import cell_markers
from coley.questions.believe.markers.columns import any_column, column_markers, mutated_markers
from coley.questions.believe.markers.marker import Found, Marker
from coley.questions.believe.markers.published import published_markers
from coley.questions.believe.markers.signatures import (
    Measured,
    default_signatures,
    gene_markers,
    known_as,
    measured,
    other_scores,
    score_columns,
    signature_markers,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.settings import BelieveSettings

GENE, MUTATED = "gene:", "mutated:"
LARGEST = 1e100  # squares of larger numbers overflow, and those of the inverse vanish: neither was measured
# What is claimed of the tumour comes before what the clinic measures anyway.
ORDER = ("dna", "pd-l1", "model", "signature", "score", "cells", "gene", "clinical")


def collect(
    cohorts: Cohorts, settings: BelieveSettings
) -> tuple[Found, tuple[Measured, ...], pl.DataFrame | None]:
    """Return the markers, the prepared expression, and the table of what stands behind each signature.

    Raises
    ------
    InvalidSetting
        For a marker that neither the study nor a registry knows.
    """
    matrices, checks, cannot = measured(cohorts)
    found = Found(checks=checks, cannot_tell=cannot)
    if settings.markers:
        asked, matrices, coverage = _asked(cohorts, matrices, found, settings)
        return _usable(asked), matrices, coverage
    found += column_markers(cohorts)
    found += published_markers(cohorts)
    if "mutations" in cohorts.study.tables:
        from coley.biology.burden import ici_genes

        found += mutated_markers(cohorts, [gene.name for gene in ici_genes()])
    names = default_signatures(cohorts, settings)
    scored, coverage = signature_markers(cohorts, matrices, names, settings) if names else (Found(), None)
    found += scored + other_scores(cohorts) + cell_markers(cohorts, matrices, settings.cells)
    found = _usable(found + _latent(cohorts, scored))
    ordered = sorted(found.markers, key=lambda marker: ORDER.index(marker.kind))
    return replace(found, markers=tuple(ordered)), matrices, coverage


def _asked(
    cohorts: Cohorts, matrices: Sequence[Measured], found: Found, settings: BelieveSettings
) -> tuple[Found, tuple[Measured, ...], pl.DataFrame | None]:
    """Return the markers that were named, in their order."""
    from coley.biology.deconvolution import DECONVOLUTION
    from coley.biology.markers import markers as known_markers
    from coley.biology.published import PUBLISHED
    from coley.biology.signatures import signatures

    registry, facts = signatures(), known_markers()
    of_columns = column_markers(cohorts)
    held = {marker.name: marker for marker in of_columns.markers}
    unfit = dict(of_columns.refused)
    given = {marker.name: marker for marker in other_scores(cohorts).markers}
    columns = score_columns(cohorts)
    wanted = list(
        dict.fromkeys(
            (name not in registry and name in columns and known_as(name)) or name for name in settings.markers
        )
    )
    names = [name for name in wanted if name in registry]
    scored, coverage = signature_markers(cohorts, matrices, names, settings) if names else (Found(), None)
    made = {marker.name: marker for marker in scored.markers}
    methods = list(
        dict.fromkeys(name.split(":", 1)[0] for name in wanted if name.split(":", 1)[0] in DECONVOLUTION)
    )
    of_cells = cell_markers(cohorts, matrices, methods)
    cells = {marker.name: marker for marker in of_cells.markers}
    found += Found(checks=scored.checks, refused=scored.refused)
    markers: list[Marker] = []
    for name in wanted:
        if name in made or name in registry:
            markers += [made[name]] if name in made else []
            if name not in made and name not in dict(scored.refused):
                found += Found(refused=((name, "the study holds neither expression nor scores for it"),))
            continue
        if name in held or name in given:
            markers.append(held.get(name) or given[name])
        elif name in PUBLISHED:
            one = published_markers(cohorts, [name])
            markers += one.markers
            found += Found(checks=one.checks, refused=one.refused)
        elif name.startswith((GENE, MUTATED)):
            prefix, gene = name.split(":", 1)
            one = (
                gene_markers(cohorts, matrices, [gene])
                if prefix == GENE[:-1]
                else mutated_markers(cohorts, [gene])
            )
            markers += one.markers
            found += Found(checks=one.checks, refused=one.refused)
        elif name in cells:
            markers.append(cells[name])
        elif name in unfit:
            found += Found(refused=((name, unfit[name]),))
        elif why := _not_estimated(of_cells, name):
            found += Found(refused=((name, why),))
        elif name in cohorts.patients.columns:
            markers.append(any_column(cohorts, name))
        elif name in facts:
            lacks = f"column {facts[name].column!r}" if facts[name].column else f"table {facts[name].table!r}"
            found += Found(refused=((name, f"the study has no {lacks} to take it from"),))
        else:
            known = [*facts, *held, *given, *PUBLISHED, *registry, *cells, *cohorts.patients.columns]
            close = nearest(name, known)
            raise InvalidSetting(
                f"There is no marker {name!r}.",
                where="setting 'markers' of question 'believe'",
                remedy=f"Did you mean {close!r}?"
                if close
                else "Name a column of patients, a signature, gene:NAME or mutated:NAME.",
            )
    return Found(tuple(markers)) + found, tuple(matrices), coverage


def _not_estimated(of_cells: Found, name: str) -> str:
    """Return why a cell type was estimated in no cohort; empty where it is no cell type of its method."""
    whole = name.split(":", 1)[0]
    reasons = [
        f"{cohort}: {why}"
        for told, why in of_cells.refused
        for what, _, cohort in (told.partition(" in "),)
        if what in (name, whole)
    ]
    return "; ".join(reasons[:2])


def _usable(found: Found) -> Found:
    """Leave out markers that have one value in everybody, or numbers that no arithmetic can carry."""
    kept, refused = [], []
    for marker in found.markers:
        values = marker.values[marker.known]
        spread = np.ptp(values) if len(values) else 0.0
        if not spread:
            refused.append((marker.name, "it has one value in everybody"))
        elif np.abs(values).max() > LARGEST or spread < 1 / LARGEST:
            refused.append((marker.name, "its numbers are too large or too close to be measurements"))
        else:
            kept.append(marker)
    return replace(found, markers=tuple(kept), refused=(*found.refused, *refused))


def _latent(cohorts: Cohorts, scored: Found) -> Found:
    """Say which of the five latent factors of response nothing in the study stands for."""
    from coley.biology.latent import panel

    found = panel(cohorts.study, {marker.name for marker in scored.markers})
    chosen = ", ".join(f"{factor.label.lower()} ({by})" for factor, by in found.chosen)
    missing = ", ".join(factor.label.lower() for factor in found.missing)
    message = f"Here of the five latent factors of response: {chosen or 'none'}."
    if not missing:
        return Found(checks=(Check("latent_factors", "pass", message),))
    return Found(
        checks=(Check("latent_factors", "pass", message),),
        cannot_tell=(f"Of the five latent factors of response, nothing here stands for: {missing}.",),
    )
