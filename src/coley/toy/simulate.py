"""From a design and a seed to a study with every table, and the truth that stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.study import About, Study
from coley.toy.design import Design
from coley.toy.tables import blood, genome, labs, money, safety, transcripts, treatment
from coley.toy.tables import patients as people
from coley.toy.trial import Trial, run_trial
from coley.toy.truth import Truth, individual_truth

if TYPE_CHECKING:
    import polars as pl

TABLES: dict[str, Callable[[Trial], pl.DataFrame]] = {
    "patients": people.patients,
    "lesions": people.lesions,
    "adverse_events": safety.adverse_events,
    "labs": labs.labs,
    "doses": treatment.doses,
    "samples": genome.samples,
    "mutations": genome.mutations,
    "clones": genome.clones,
    "expression": transcripts.expression,
    "ctdna": blood.ctdna,
    "hla": blood.hla,
    "costs": money.costs,
    "utilities": money.utilities,
}


@dataclass(frozen=True, eq=False)
class Toy:
    """A simulated study and the truth behind it.

    Attributes
    ----------
    study
        What an investigator would hold.
    truth
        What only the simulator knows.
    """

    study: Study
    truth: Truth


def simulate(patients: int = 600, *, seed: int = 1, design: Design | None = None) -> Toy:
    """Simulate a whole immunotherapy study with known truth.

    Benefit, resistance, toxicity and death of a patient arise from one disease course: baseline factors and
    a latent immune tone set the sensitivity of the tumour; the tumour shrinks, grows or escapes; scans are
    read by RECIST 1.1; the hazard of death of cancer follows the burden and competes with fatal
    immune-related events and with other causes; all of it is seen until loss or data cut-off.

    Parameters
    ----------
    patients
        Number of patients.
    seed
        The same seed gives the same study; patient i stays the same when `patients` grows.
    design
        Arms, effects, accrual; by default an anti-PD-1 antibody against docetaxel, randomised 1:1.

    Raises
    ------
    InvalidSetting
        For a number of patients, a seed or a design that cannot be.

    Examples
    --------
    >>> toy = simulate(40, seed=7)
    >>> toy.study.patients.height, sorted(toy.study.tables)[:3]
    (40, ['adverse_events', 'clones', 'costs'])
    """
    trial = run_trial(patients, seed, design or Design())
    tables = {name: make(trial) for name, make in TABLES.items()}
    return Toy(Study("toy", tables, _about(trial.design)), individual_truth(trial))


def simulate_outcomes(patients: int = 600, *, seed: int = 1, design: Design | None = None) -> pl.DataFrame:
    """Simulate the outcomes alone: the table of patients of `simulate`, with the first immune-related event.

    Parameters
    ----------
    patients, seed, design
        As for `simulate`; the same values give the same patients.

    Returns
    -------
    The table of patients and three columns more: `irae_months`, the time to the first immune-related event,
    to death without one, or to the end of sight; and the flags `irae_event` and `irae_competing`, which say
    which of the first two it was.

    Examples
    --------
    >>> simulate_outcomes(40, seed=7)["os_months"].equals(simulate(40, seed=7).study.patients["os_months"])
    True
    """
    import numpy as np
    import polars as pl

    trial = run_trial(patients, seed, design or Design())
    seen = trial.observed
    event = seen.irae_day <= seen.os_day
    return people.patients(trial).with_columns(
        pl.Series("irae_months", people.months(np.minimum(seen.irae_day, seen.os_day))),
        pl.Series("irae_event", event),
        pl.Series("irae_competing", ~event & seen.os_event),
    )


def _about(design: Design) -> About:
    return About(
        title="A simulated study of cancer immunotherapy",
        citation="Simulated; no real patient stands behind any row.",
        licence="CC0-1.0",
        time_origin="randomisation" if design.randomised else "first dose",
        randomised=design.randomised,
        control_arm=design.control_arm,
        panel_megabases=design.panel_megabases,
        expression_unit=transcripts.UNIT,
        currency=money.CURRENCY,
        price_year=money.PRICE_YEAR,
    )
