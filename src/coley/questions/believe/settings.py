"""What a user may set of `believe`; every default gives its reason."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from coley.model.question import Settings


class BelieveSettings(Settings):
    """Settings of the question `believe`."""

    markers: tuple[str, ...] = Field(
        (),
        description="Markers to judge: columns of patients, signatures, published models, gene:NAME (expression), "
        "mutated:NAME or METHOD:CELL; empty: every known marker that the study holds.",
    )
    signatures: Literal["preferred", "all", "none"] = Field(
        "preferred",
        description="Which signatures are scored where expression is there: the preferred version of each idea, all, "
        "or none; every further one costs the others through the correction for many tests.",
    )
    cells: tuple[str, ...] = Field(
        (),
        description="Deconvolution methods (quantiseq, mcp_counter, immunophenoscore) whose cell types are judged as "
        "well; none by default, for each of them is many more markers.",
    )
    endpoint: Literal["auto", "response", "pfs", "os"] = Field(
        "auto",
        description="The endpoint that verdicts rest on, one so that no marker is given three chances; auto: response "
        "where it is recorded, else progression-free, else overall survival.",
    )
    cohorts: tuple[str, ...] = Field((), description="Cohorts to use; empty: all of the study.")
    control: str = Field(
        "",
        description="Value of arm that is the control; empty: control_arm of study.toml, or treatment_class control.",
    )
    clinical: tuple[str, ...] = Field(
        (),
        description="Columns of the clinical model that a marker must add to; empty: the known baseline factors that "
        "are no markers.",
    )
    horizon_months: float = Field(
        12.0, gt=0, description="Survival is predicted to a year, which most cohorts have been followed for."
    )
    cutpoints: Literal["corrected", "published", "uncorrected"] = Field(
        "corrected",
        description="Cut-points: the best one with its p corrected for the search, or published ones alone. An "
        "uncorrected best cut-point is refused: it calls about four of ten useless markers significant at 5 %.",
    )
    permutations: int = Field(
        1000, ge=99, le=100_000, description="For corrected p values; their floor is one in this number."
    )
    bootstraps: int = Field(
        200, ge=20, le=10_000, description="Resamples for intervals that have no closed form."
    )
    folds: int = Field(
        5, ge=2, le=20, description="Parts of the cross-validation; tenths leave few events in a part."
    )
    repeats: int = Field(
        10, ge=1, le=200, description="Divisions of the cross-validation, so that luck averages out."
    )
    min_coverage: float = Field(
        0.8,
        gt=0,
        le=1,
        description="A signature of which less than this share of genes was measured is another signature.",
    )
    screen: bool = Field(
        True,
        description="Test every measured gene as well, so that a signature can be seen against all others.",
    )

    @field_validator("cutpoints")
    @classmethod
    def _corrected(cls, value: str) -> str:
        if value == "uncorrected":
            raise ValueError(
                "an uncorrected optimal cut-point is refused: with 50 to 400 patients it calls about four of ten "
                "useless markers significant at the 5 % level, and exaggerates the effect of useful ones"
            )
        return value
