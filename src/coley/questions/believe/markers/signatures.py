"""Markers from expression: signatures scored in each cohort in its own unit, and single genes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import NotEstimable, UnknownName, UnreadableInput
from coley.questions.believe.markers.marker import Found, Marker
from coley.read.samples import baseline_samples

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.biology.expression import Expression
    from coley.biology.signatures.values import Signature
    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.settings import BelieveSettings

# Names of genes that are doubtful or doubled touch a few signatures, whose table says which.
SAID_BY_THE_DOCTOR = frozenset({"ambiguous_genes", "duplicated_genes", "constant_genes"})
PART = ":"  # "COMPASS_concept:CD8Tcell_sc" is known as "CD8Tcell_sc" as well


@dataclass(frozen=True, eq=False)
class Measured:
    """The expression of one cohort: prepared, with the row of the patient that each sample stands for."""

    cohort: str
    expression: Expression
    rows: NDArray[np.intp]
    sample: NDArray[np.intp]


def measured(cohorts: Cohorts) -> tuple[tuple[Measured, ...], tuple[Check, ...], tuple[str, ...]]:
    """Return the prepared expression of each cohort, checks, and what cannot be told.

    A cohort that was measured in a unit nobody states, or whose numbers cannot be in it, is left out and named.
    """
    from coley.biology.expression import prepare
    from coley.read.doctor.expression import matrices

    study = cohorts.study
    if not study.has("expression", "gene"):
        return (), (), ()
    place = {str(patient): i for i, patient in enumerate(study.patients["patient_id"].to_list())}
    made: list[Measured] = []
    checks: list[Check] = []
    cannot: list[str] = []
    for cohort, unit, frame in matrices(study):
        told = cohort or study.name
        pairs, found = baseline_samples(study, [name for name in frame.columns if name != "gene"])
        pairs = pairs.filter(pairs["patient_id"].is_in(list(place)))
        checks += [replace(check, message=f"{told}: {check.message}") for check in found]
        if not unit:
            cannot.append(
                f"Signatures in {told}: the unit of its expression is not stated; set expression_unit."
            )
            continue
        if not pairs.height:
            cannot.append(f"Signatures in {told}: no sample belongs to a patient of the study.")
            continue
        try:
            expression = prepare(frame.select("gene", *pairs["sample_id"].to_list()), unit=unit)
        except (UnreadableInput, NotEstimable, UnknownName) as error:
            cannot.append(f"Signatures in {told}: {error.what} {error.remedy}".strip())
            continue
        checks += [
            replace(check, message=f"{told}: {check.message}")
            for check in expression.notes
            if check.level != "pass"
        ]
        owner = dict(pairs.iter_rows())
        kept = [(place[owner[s]], j) for j, s in enumerate(expression.samples) if owner[s] in place]
        rows, sample = np.array(kept, dtype=np.intp).reshape(-1, 2).T
        made.append(Measured(told, expression, rows, sample))
    return tuple(made), tuple(checks), tuple(cannot)


def signature_markers(
    cohorts: Cohorts, matrices: Sequence[Measured], names: Sequence[str], settings: BelieveSettings
) -> tuple[Found, pl.DataFrame | None]:
    """Return one marker a signature, and the table of what stands behind each score.

    Scores that were computed elsewhere (table `scores`) stand in for cohorts without expression.
    """
    import polars as pl

    from coley.biology.signatures import score, signatures

    registry = signatures()
    values = {name: np.full(cohorts.n, np.nan) for name in names}
    assays: dict[str, dict[str, str]] = {name: {} for name in names}
    refused: dict[str, list[str]] = {}
    tables = []
    for one in matrices:
        scores = score(one.expression, names, min_coverage=settings.min_coverage)
        tables.append(scores.table.with_columns(cohort=pl.lit(one.cohort)))
        for name in names:
            column = scores.frame[name].to_numpy().astype(float)
            if np.isfinite(column).any():
                values[name][one.rows] = column[one.sample]
                assays[name][one.cohort] = (
                    f"{registry[name].method.replace('_', ' ')} of {one.expression.unit}"
                )
        for name, reason in scores.refused().items():
            refused.setdefault(name, []).append(f"{one.cohort}: {reason}")
    for name, given, unit in _given(cohorts, names):
        use = np.isfinite(given) & ~np.isfinite(values[name])
        values[name][use] = given[use]
        for cohort in dict.fromkeys(cohorts.label[use].tolist()):
            assays[name][cohort] = unit
    markers = tuple(
        _marker(registry[name], values[name], assays[name])
        for name in names
        if np.isfinite(values[name]).any()
    )
    table = pl.concat(tables, how="diagonal_relaxed") if tables else None
    made = {marker.name for marker in markers}
    nowhere = tuple((name, "; ".join(reasons[:2])) for name, reasons in refused.items() if name not in made)
    return Found(markers, refused=nowhere), table


def _marker(signature: Signature, values: NDArray[np.float64], assays: dict[str, str]) -> Marker:
    note = signature.note
    if signature.conflicts:
        others = ", ".join(signature.conflicts[:3])
        note = f"{note} Other lists claim the same name: {others}.".strip()
    return Marker(
        name=signature.name,
        label=signature.name.split(PART)[-1].replace("_", " "),
        kind="signature",
        values=values,
        unit="score",
        direction=signature.direction,
        claim=signature.paper,
        assays=assays,
        note=note,
    )


def default_signatures(cohorts: Cohorts, settings: BelieveSettings) -> tuple[str, ...]:
    """Return the signatures to score where nobody names any: the preferred ones and those given as scores."""
    from coley.biology.signatures import signatures

    if settings.signatures == "none":
        return ()
    registry = signatures()
    chosen = {name for name, s in registry.items() if settings.signatures == "all" or s.preferred}
    chosen |= {name for column in score_columns(cohorts) if (name := known_as(column))}
    parts = {part for name in chosen for part, _ in registry[name].parts}
    if settings.signatures != "all":
        chosen -= parts  # a composite is judged whole
    return tuple(name for name in registry if name in chosen)


def score_columns(cohorts: Cohorts) -> tuple[str, ...]:
    """Return the columns of the table of scores that hold numbers."""
    frame = cohorts.study.tables.get("scores")
    if frame is None:
        return ()
    return tuple(n for n, dtype in frame.schema.items() if dtype.is_numeric() and not n.startswith("_"))


def known_as(column: str) -> str | None:
    """Return the signature that a column of scores is, by its name: the preferred one of those with its genes."""
    from coley.biology.signatures import signatures

    registry = signatures()
    named = [name for name in registry if name == column or name.split(PART, 1)[-1] == column]
    if len(named) != 1:
        return None
    genes = frozenset(registry[named[0]].genes)
    twins = [
        name for name, s in registry.items() if s.preferred and not s.pairs and frozenset(s.genes) == genes
    ]
    return (*twins, *named)[0]


def _given(cohorts: Cohorts, names: Sequence[str]) -> list[tuple[str, NDArray[np.float64], str]]:
    """Return scores that came with the study, by signature, over the rows of the patients."""
    columns = {known_as(column): column for column in score_columns(cohorts)}
    wanted = [(name, columns[name]) for name in names if name in columns]
    if not wanted:
        return []
    frame = cohorts.study.tables["scores"]
    pairs, _ = baseline_samples(cohorts.study, frame["sample_id"].to_list())
    joined = cohorts.patients.select("patient_id").join(
        pairs.join(frame, on="sample_id"), on="patient_id", how="left", maintain_order="left"
    )
    return [
        (name, joined[column].cast(float).to_numpy().astype(float), "score as given")
        for name, column in wanted
    ]


def other_scores(cohorts: Cohorts) -> Found:
    """Return the given scores that are no known signature, each as a marker without a claim."""
    columns = [column for column in score_columns(cohorts) if known_as(column) is None]
    if not columns:
        return Found()
    frame = cohorts.study.tables["scores"]
    pairs, _ = baseline_samples(cohorts.study, frame["sample_id"].to_list())
    joined = cohorts.patients.select("patient_id").join(
        pairs.join(frame, on="sample_id"), on="patient_id", how="left", maintain_order="left"
    )
    return Found(
        tuple(
            Marker(
                column, column.replace("_", " "), "score", joined[column].cast(float).to_numpy().astype(float)
            )
            for column in columns
        )
    )


def gene_markers(cohorts: Cohorts, matrices: Sequence[Measured], genes: Sequence[str]) -> Found:
    """Return the expression of single genes, each as a marker."""
    from coley.biology.genes import repair

    symbols = repair(genes).symbols
    markers, refused = [], []
    for asked, gene in zip(genes, symbols, strict=True):
        values = np.full(cohorts.n, np.nan)
        assays = {}
        for one in matrices:
            if gene in one.expression.genes:
                values[one.rows] = one.expression.values[one.expression.genes.index(gene)][one.sample]
                assays[one.cohort] = one.expression.unit
        if np.isfinite(values).any():
            markers.append(Marker(f"gene:{asked}", f"{gene} expression", "gene", values, assays=assays))
        else:
            refused.append((f"gene:{asked}", "it was measured in no cohort"))
    return Found(tuple(markers), refused=tuple(refused))
