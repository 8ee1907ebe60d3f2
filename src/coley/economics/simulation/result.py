"""What a simulation of treated patients found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Names of the sums of the kernel, in its order.
COSTS = ("drug", "care", "moves", "iraes")
EFFECTS = ("states", "iraes")
REST = (
    "life_years_discounted", "life_years", "progression_free_years", "treated_years", "progressed", "died", "doses",
    "stopped_for_irae", "rechallenged", "died_of_irae",
)  # fmt: skip
OF_IRAE = (
    "any_grade", "grade_3_or_more", "admissions", "deaths", "stops", "lasting", "recurrences", "cost", "loss",
)  # fmt: skip
# Codes of the log, in order.
EVENTS = (
    "progression", "death", "end of follow-up", "discontinuation", "held", "resumed", "rechallenge", "irAE grade 1-2",
    "irAE grade 3+", "irAE resolved", "treatment complete", "stopped for irAE", "admitted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a simulated life: patient, time in years, what, and of which irAE."""

    patient: int
    time_years: float
    what: str
    irae: str = ""


@dataclass(frozen=True, eq=False)
class Simulated:
    """What one strategy costs and yields: means over the patients of each draw, (D,).

    Attributes
    ----------
    strategy
        Its name.
    costs, effects
        (D,) discounted.
    costs_se, effects_se
        (D,) Monte Carlo standard errors of those means, for patients drawn at random.
    cost_by_category, effect_by_category
        Discounted parts: drug, care, moves and iraes; states and iraes (a loss, negative).
    counts
        Means per patient: years (undiscounted, but for `life_years_discounted`), shares and numbers of events.
    iraes
        irAE to means per patient of its events, by kind; `cost` and `loss` are its discounted money and QALYs lost.
    times_years, occupancy
        (T,), and shares progression-free, progressed and on treatment, (D, T, 3).
    by_patient
        (D, N, 2) costs and effects of every patient.
    """

    strategy: str
    costs: Floats
    effects: Floats
    costs_se: Floats
    effects_se: Floats
    cost_by_category: Mapping[str, Floats]
    effect_by_category: Mapping[str, Floats]
    counts: Mapping[str, Floats]
    iraes: Mapping[str, Mapping[str, Floats]]
    times_years: Floats
    occupancy: Floats
    by_patient: Floats


@dataclass(frozen=True, eq=False)
class Difference:
    """Costs and effects of one strategy less those of another, patient by patient under the same luck, (D,).

    Attributes
    ----------
    costs, effects
        Means.
    costs_se, effects_se
        Monte Carlo standard errors: small where strategies differ little.
    """

    costs: Floats
    effects: Floats
    costs_se: Floats
    effects_se: Floats


def difference(new: Simulated, old: Simulated) -> Difference:
    """Return what the new strategy costs and yields above the old one, run with one seed and setting.

    Raises
    ------
    InvalidSetting
        Where they hold other numbers of patients or draws.

    Examples
    --------
    The value of rechallenge: where stopping early costs control of the disease, time comes back at a price.

    >>> from dataclasses import replace
    >>> from coley.economics.simulation.clocks import Hazard, median_of
    >>> from coley.economics.simulation.iraes import Irae
    >>> from coley.economics.simulation.treated import Setting, simulate
    >>> from coley.economics.simulation.treatment import Disease, Treatment, Values
    >>> disease = Disease(Hazard("exponential", [0.5]), Hazard("exponential", [0.1]), Hazard("exponential", [1.0]))
    >>> colitis = Irae(name="colitis", chance=0.12, high=0.67, onset=median_of(0.5), lasting_low=median_of(0.1),
    ...                lasting_high=median_of(0.1), recurs=0.38, cost_high=4321.0, loss_high=0.1)
    >>> never = Treatment("never again", cost_per_year=60_000.0, longest_years=2.0, ratio_off=2.0)
    >>> again = replace(never, name="rechallenge", rechallenge=1.0)
    >>> setting = Setting(patients=20_000, seed=1, horizon_years=40)
    >>> runs = [simulate(disease, t, Values(utilities=(0.8, 0.6)), setting=setting, iraes=[colitis])
    ...         for t in (again, never)]
    >>> gain = difference(*runs)
    >>> bool(gain.effects[0] > 3 * gain.effects_se[0]), bool(gain.costs[0] > 3 * gain.costs_se[0])
    (True, True)
    """
    if new.by_patient.shape != old.by_patient.shape:
        raise InvalidSetting(
            "Strategies can be compared patient by patient only with the same patients and draws.",
            where=f"{new.by_patient.shape[:2]} and {old.by_patient.shape[:2]}",
        )
    gains = new.by_patient - old.by_patient
    mean, n = gains.mean(axis=1), gains.shape[1]
    se = gains.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else np.full_like(mean, np.nan)
    return Difference(mean[:, 0], mean[:, 1], se[:, 0], se[:, 1])


def simulated(
    strategy: str,
    means: Floats,
    iraes: Sequence[str],
    shares: tuple[Floats, Floats],
    patients: tuple[Floats, Floats, Floats],
) -> Simulated:
    """Return the result.

    Parameters
    ----------
    strategy, means, iraes
        Its name, the sums of the kernel divided by the number of patients, and names.
    shares, patients
        Times with occupancy; costs and effects of patients with their means and standard errors.
    """
    names = (*COSTS, *EFFECTS, *REST)
    columns = dict(zip(range(len(names)), names, strict=True))
    parts = [means[:, k] for k in columns]
    by_patient, mean, se = patients
    first = len(names)
    return Simulated(
        strategy, mean[:, 0], mean[:, 1], se[:, 0], se[:, 1],
        dict(zip(COSTS, parts[:4], strict=True)),
        dict(zip(EFFECTS, parts[4:6], strict=True)),
        dict(zip(REST, parts[6:], strict=True)),
        {
            irae: {kind: means[:, first + len(OF_IRAE) * j + k] for k, kind in enumerate(OF_IRAE)}
            for j, irae in enumerate(iraes)
        },
        *shares, by_patient,
    )  # fmt: skip


def events_of(log: Floats, iraes: Sequence[str]) -> tuple[Event, ...]:
    """Return the lines of a log in the order of patients and times."""
    ordered = log[np.lexsort((log[:, 1], log[:, 0]))]
    return tuple(
        Event(int(patient), float(t), EVENTS[int(code)], iraes[int(irae)] if irae >= 0 else "")
        for patient, t, code, irae in ordered
    )
