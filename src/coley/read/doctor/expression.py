"""Expression that cannot be what it is said to be: units, genes, samples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.errors import NotEstimable, UnknownName, UnreadableInput
from coley.model.question import Need
from coley.model.study import WHERE_COLUMN
from coley.read.doctor.examination import Findings, examination
from coley.read.samples import sample_patients

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from coley.model.study import Study

# What a score must know of, and no fault of the data: said where scores are made.
LIMITS = frozenset({"ambiguous_genes", "part_of_transcriptome", "expression_scale", "constant_genes"})
SEVERAL_ROWS = "duplicated_genes"
MANY = 0.005  # of the genes: a few symbols that have merged since the file was made are no fault


@examination(
    "expression_matrix",
    title="Expression",
    looks_for="values that cannot be in the unit they are said to be in, genes given twice or by mixed identifiers, "
    "empty samples, too few genes",
    needs=(Need("expression", ("gene",)),),
)
def expression_matrix(study: Study) -> Findings:
    """Prepare each cohort's matrix as a question would, and keep what that found."""
    from coley.biology.expression import prepare

    checks: Findings = []
    for cohort, unit, frame in matrices(study):
        if not unit:
            continue  # the reader has said that nobody says it
        try:
            found: tuple[Check, ...] = prepare(frame, unit=unit).notes
        except (UnreadableInput, NotEstimable, UnknownName) as error:
            found = (Check("expression_unusable", "fail", error.what, error.remedy, error.cause),)
        told = f"{cohort}: " if cohort else ""
        checks += [replace(c, message=f"{told}{c.message}") for c in found if _is_fault(c, frame.height)]
    return checks


def _is_fault(check: Check, genes: int) -> bool:
    if check.name == SEVERAL_ROWS and check.where is not None:
        return len(check.where.values) > MANY * genes
    return check.level != "pass" and check.name not in LIMITS


def matrices(study: Study) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yield each cohort that has expression, with its unit and its own genes x samples.

    A study whose cohorts were measured in one unit is one matrix named "".
    """
    import polars as pl

    frame = study.tables["expression"].drop(WHERE_COLUMN, strict=False)
    columns = [name for name in frame.columns if name != "gene"]
    if not study.about.cohorts:
        if columns:
            yield "", study.about.expression_unit, frame
        return
    owners = sample_patients(study, columns).join(
        study.patients.select(pl.col("patient_id").cast(pl.String), pl.col("cohort").cast(pl.String)),
        on="patient_id",
    )
    for cohort in study.about.cohorts:
        own = owners.filter(pl.col("cohort") == cohort)["sample_id"].to_list()
        if own:
            part = frame.select("gene", *own).filter(~pl.all_horizontal(pl.col(c).is_null() for c in own))
            yield cohort, study.about.of(cohort).expression_unit, part
