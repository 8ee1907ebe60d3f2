"""Treated patients, one by one: disease, treatment and irAEs in continuous time, with what they cost and yield."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.discounting import Discount
from coley.economics.simulation.clocks import CLOCKS, Background, Clocks, side_by_side
from coley.economics.simulation.discounts import pieces
from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.result import Event, Simulated, events_of, simulated
from coley.economics.simulation.treatment import Disease, Treatment, Values, dose_arrays, numbers_of
from coley.economics.simulation.work import blocks_of, by_draw, key_of, moments, spread
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.simulation.treated_kernel import Plan

    Floats = NDArray[np.float64]

KARNON = (
    "Karnon J, Stahl J, Brennan A, Caro JJ, Mar J, Moeller J. Modeling using discrete event simulation: a report of "
    "the ISPOR-SMDM Modeling Good Research Practices Task Force-4. Value Health 2012;15:821-827."
)
STOUT = (
    "Stout NK, Goldie SJ. Keeping the noise down: common random numbers for disease simulation modeling. Health "
    "Care Manag Sci 2008;11:399-406."
)
LOG_LINES = 64  # of a patient: more than any life here has events


@dataclass(frozen=True, eq=False)
class Setting:
    """What all strategies of an analysis share.

    Attributes
    ----------
    patients, draws
        N and D.
    seed
        Of luck, which belongs to (draw, patient, event): strategies share it.
    horizon_years
        Where it ends.
    background
        Death as in the general population, or None where the hazards of the disease hold all deaths.
    costs, effects
        How they are discounted, 3.5 % a year unless given.
    times_years
        (T,) at which shares of patients are wanted.
    effect_multiplier
        Times and values by which effects are multiplied: utility that falls with age. None to leave them.

    Raises
    ------
    InvalidSetting
        For no patient, no draw, no time, or times beyond the horizon.

    Examples
    --------
    >>> Setting(patients=1000, seed=1, horizon_years=40).draws
    1
    """

    patients: int
    seed: int
    horizon_years: float
    draws: int = 1
    background: Background | None = None
    costs: Discount | None = None
    effects: Discount | None = None
    times_years: ArrayLike = ()
    effect_multiplier: tuple[ArrayLike, ArrayLike] | None = None

    def __post_init__(self) -> None:
        if (
            self.patients < 1
            or self.draws < 1
            or not (np.isfinite(self.horizon_years) and self.horizon_years > 0)
        ):
            raise InvalidSetting(
                "A simulation needs a patient, a draw and a horizon above zero.",
                where=f"{self.patients} patients, {self.draws} draws, {self.horizon_years} years",
            )
        times = np.sort(np.asarray(self.times_years, dtype=np.float64))
        if len(times) and not (times[0] >= 0 and times[-1] <= self.horizon_years):
            raise InvalidSetting(
                "Times of occupancy lie between 0 and the horizon.", where=f"{times[[0, -1]]}"
            )
        object.__setattr__(self, "times_years", times)


@method(
    "treated_patient_simulation",
    title="Individual-level continuous-time simulation of treated patients with irAEs",
    summary="Progression, death, irAEs, withheld and stopped treatment and rechallenge compete in each patient's life; "
    "costs and utilities add up in closed form between events.",
    needs="hazards of progression and death, a calendar of doses, and for each irAE its chance, onset and course",
    limits="irAEs do not change the disease unless a ratio for time off treatment says so. Losses of utility add up. "
    "Doses that fall into a hold are skipped, not postponed.",
    references=(KARNON, STOUT),
)
def simulate(
    disease: Disease,
    treatment: Treatment,
    values: Values,
    *,
    setting: Setting,
    iraes: Sequence[Irae] = (),
    threads: int | None = None,
) -> Simulated:
    """Live the lives of patients under one strategy.

    Parameters
    ----------
    disease
        Hazards of progression and of death.
    treatment
        Doses, rules of stopping, rechallenge.
    values
        Utilities and costs.
    setting
        Patients, draws, seed, horizon: the same for all strategies that are compared.
    iraes
        The events of this treatment. An irAE keeps its luck under all strategies that list it at the same place.
    threads
        All cores unless given; the result is the same.

    Raises
    ------
    InvalidSetting
        Where numbers of draws or patients do not fit, or two irAEs have one name.
    UnreadableInput
        Where numbers are out of range.

    References
    ----------
    Karnon et al. 2012; common random numbers: Stout and Goldie 2008.

    Examples
    --------
    >>> from coley.economics.simulation.clocks import Hazard
    >>> disease = Disease(Hazard("exponential", [0.5]), Hazard("exponential", [0.1]), Hazard("exponential", [1.0]))
    >>> setting = Setting(patients=20_000, seed=1, horizon_years=100, effects=Discount(0.0))
    >>> found = simulate(disease, Treatment("none"), Values(utilities=(0.8, 0.6)), setting=setting)
    >>> exact = (0.8 + 0.5 * 0.6) / 0.6
    >>> bool(abs(found.effects[0] - exact) < 4 * found.effects_se[0])
    True
    """
    from coley.economics.simulation.treated_kernel import BY_IRAE, TOTALS, live

    names = [irae.name for irae in iraes]
    if len(set(names)) < len(names):
        raise InvalidSetting("Each irAE needs a name of its own.", where=", ".join(names))
    D, N, J = setting.draws, setting.patients, len(iraes)
    times = np.asarray(setting.times_years)
    clocks, plan = _arrays(disease, treatment, values, setting=setting, iraes=iraes)
    blocks = blocks_of(D, N)
    totals = np.zeros((len(blocks), TOTALS + BY_IRAE * J))
    changes = np.zeros((len(blocks), len(times) + 1, 3))
    by_patient, spreads = np.empty((D, N, 2)), np.zeros((len(blocks), 4))
    no_log = np.zeros((0, 4))

    def run(part: slice) -> int:
        return int(
            live(
                key_of(setting.seed), blocks[part], *clocks, plan, float(setting.horizon_years), times,
                totals[part], changes[part], by_patient, spreads[part], no_log,
            )
        )  # fmt: skip

    spread(run, len(blocks), threads=threads)
    occupancy = by_draw(changes, D).cumsum(axis=1)[:, :-1] / N
    return simulated(
        treatment.name,
        by_draw(totals, D) / N,
        names,
        (times, occupancy),
        (by_patient, *moments(spreads, blocks, D)),
    )


def histories(
    disease: Disease,
    treatment: Treatment,
    *,
    setting: Setting,
    iraes: Sequence[Irae] = (),
    patients: int = 20,
    draw: int = 0,
) -> tuple[Event, ...]:
    """Return every event in the lives of the first patients of a draw, as `simulate` counts them.

    Parameters
    ----------
    disease, treatment, setting, iraes
        As for `simulate`.
    patients, draw
        How many lives, and of which draw.

    Raises
    ------
    InvalidSetting
        Where there are fewer patients or draws.

    Examples
    --------
    >>> from coley.economics.simulation.clocks import Hazard
    >>> disease = Disease(Hazard("exponential", [0.5]), Hazard("exponential", [0.1]), Hazard("exponential", [1.0]))
    >>> lives = histories(disease, Treatment("none"), setting=Setting(patients=9, seed=3, horizon_years=50), patients=1)
    >>> [event.what for event in lives]
    ['progression', 'death']
    """
    from coley.economics.simulation.treated_kernel import BY_IRAE, TOTALS, live

    if not (0 < patients <= setting.patients and 0 <= draw < setting.draws):
        raise InvalidSetting(f"There are {setting.patients} patients and {setting.draws} draws.")
    clocks, plan = _arrays(disease, treatment, Values(), setting=setting, iraes=iraes)
    log = np.zeros((patients * (LOG_LINES + 8 * len(iraes)), 4))
    lines = live(
        key_of(setting.seed), np.array([[draw, 0, patients]]), *clocks, plan, float(setting.horizon_years),
        np.zeros(0), np.zeros((1, TOTALS + BY_IRAE * len(iraes))), np.zeros((1, 1, 3)),
        np.zeros((setting.draws, patients, 2)), np.zeros((1, 4)), log,
    )  # fmt: skip
    return events_of(log[:lines], [irae.name for irae in iraes])


def _arrays(
    disease: Disease, treatment: Treatment, values: Values, *, setting: Setting, iraes: Sequence[Irae]
) -> tuple[Clocks, Plan]:
    from coley.economics.simulation.treated_kernel import IRAE_COLUMNS, Plan

    if not CLOCKS[disease.progression.clock] or not CLOCKS[disease.death_before.clock]:
        raise InvalidSetting(
            "Progression, and death before it, count from the start.", remedy='clock="forward"'
        )
    D, N, horizon = setting.draws, setting.patients, setting.horizon_years
    lasting = [h for i in iraes for h in (i.onset, i.lasting_low, i.lasting_high)]
    clocks = side_by_side(
        [
            disease.progression, disease.death_before, disease.death_after, setting.background,
            treatment.discontinuation, *lasting,
        ],
        draws=D,
        patients=N,
        horizon_years=horizon,
    )  # fmt: skip
    cost_discount = pieces(setting.costs or Discount(), horizon)
    effect_discount = pieces(setting.effects or Discount(), horizon, multiplier=setting.effect_multiplier)
    columns = np.zeros((D, len(iraes), IRAE_COLUMNS))
    for j, irae in enumerate(iraes):
        columns[:, j] = irae.columns(D)
    dose_times, dose_costs, of_patient = dose_arrays(
        treatment, setting.costs or Discount(), draws=D, patients=N
    )
    return clocks, Plan(
        numbers_of(treatment, values, D),
        columns,
        dose_times,
        dose_costs,
        of_patient,
        float(treatment.longest_years),
        float(treatment.exposed_after_years),
        treatment.to_progression,
        cost_discount,
        effect_discount,
    )
