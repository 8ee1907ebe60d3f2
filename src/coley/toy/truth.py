"""The truth behind a simulated study: of every patient, of every marker, and of the population."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.course import CAUSES
from coley.toy.design import Design
from coley.toy.facts import column
from coley.toy.lesions import TARGETS
from coley.toy.markers import markers
from coley.toy.population import population_truth
from coley.toy.recist import NEVER, true_progression
from coley.toy.scans import true_diameters
from coley.toy.streams import Floats
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

GRID_MONTHS = 0.1  # step at which the exact sum of diameters is followed


@dataclass(frozen=True, eq=False)
class Truth:
    """What only the simulator knows.

    Attributes
    ----------
    design
        The design that was simulated.
    individuals
        One row per patient: latent immune tone and sensitivity, whether the tumour was controlled and cured,
        the parameters of its curve, when it escaped and how, when it truly progressed, when and of what the
        patient died (whether or not the study saw it).
    potential
        One row per patient and arm: what would have become of him there.
    markers
        One row per baseline factor: what it truly is (predictive, prognostic, surrogate, correlate, null) and
        its coefficient in the model.
    """

    design: Design
    individuals: pl.DataFrame
    potential: pl.DataFrame
    markers: pl.DataFrame

    @cached_property
    def population(self) -> pl.DataFrame:
        """Truths of the population, by Monte Carlo of the same design; computed once when first asked for."""
        return population_truth(self.design)

    def value(self, quantity: str, *, arm: str = "", months: float | None = None) -> float:
        """Return one truth of the population.

        Raises
        ------
        LookupError
            Where no row or more than one row matches.
        """
        import polars as pl

        found = self.population.filter((pl.col("quantity") == quantity) & (pl.col("arm") == arm))
        if months is not None:
            found = found.filter(pl.col("months") == months)
        if found.height != 1:
            raise LookupError(f"{found.height} truths match {quantity=} {arm=} {months=}")
        return float(found["value"][0])

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return every table of the truth by name, for the caller to write beside the study."""
        return {
            "individuals": self.individuals,
            "potential": self.potential,
            "markers": self.markers,
            "population": self.population,
        }


def individual_truth(trial: Trial) -> Truth:
    """Return the truth of a trial."""
    return Truth(trial.design, _individuals(trial), _potential(trial), markers(trial.design))


def _individuals(trial: Trial) -> pl.DataFrame:
    import polars as pl

    b, course = trial.baseline, trial.course
    curves = course.curves
    mechanism = np.array([*column("escape", "mechanism"), ""])[course.mechanism]
    frame = pl.DataFrame(
        {
            "patient_id": trial.ids,
            "arm": trial.of_arm("name"),
            "immune_tone": b.tone,
            "frailty": b.frailty,
            "sensitivity_log_odds": course.log_odds,
            "controlled": course.sensitive,
            "cured": course.cured,
            "growth_per_month": curves.growth,
            "delay_months": curves.delay,
            "kill_per_month": curves.kill,
            "escape_months": curves.escape,
            "escape_size": curves.seed,
            "regrowth_per_month": curves.regrowth,
            "scar": trial.lesions.scar,
            "new_lesion_months": course.new_months,
            "progression_months": np.minimum(course.new_months, _sum_progression(trial)),
            "scan_progression_months": _months(course.scans.progression_day),
            "irae_months": _months(course.toxicity.first_day),
            "death_months": _months(course.death_day),
        }
    )
    names = pl.DataFrame({"escape_mechanism": mechanism, "death_cause": CAUSES[course.cause]})
    blank = pl.when(pl.col("escape_mechanism") == "").then(None).otherwise(pl.col("escape_mechanism"))
    infinite = pl.selectors.float().replace(np.inf, None)
    return frame.with_columns(infinite).hstack(names.with_columns(blank.alias("escape_mechanism")))


def _potential(trial: Trial) -> pl.DataFrame:
    import polars as pl

    return pl.concat(
        pl.DataFrame(
            {
                "patient_id": trial.ids,
                "arm": np.full(trial.patients, arm.name),
                "allotted": trial.arm == k,
                "controlled": course.sensitive,
                "cured": course.cured,
                "irae_months": _months(course.toxicity.first_day),
                "death_months": _months(course.death_day),
                "death_cause": CAUSES[course.cause],
            }
        ).with_columns(pl.col("irae_months").replace(np.inf, None))
        for k, (arm, course) in enumerate(zip(trial.design.arms, trial.courses, strict=True))
    )


def _sum_progression(trial: Trial) -> Floats:
    grid = np.arange(0, trial.design.last_month, GRID_MONTHS)
    exact = true_diameters(
        trial.lesions, trial.course.curves, np.broadcast_to(grid, (trial.patients, grid.size))
    )
    return true_progression(grid, exact[:, :, :TARGETS].sum(axis=2))


def _months(day: np.ndarray) -> Floats:
    return np.where(day < NEVER, day / DAYS_PER_MONTH, np.inf)
