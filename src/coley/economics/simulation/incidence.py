"""Chances of irAEs such that the simulated incidence is the one that was observed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.treated import Setting, simulate
from coley.economics.simulation.treatment import Disease, Treatment, Values
from coley.model.errors import NotEstimable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ROUNDS = 20
CLOSE = 1e-3  # relative: below the Monte Carlo error of any incidence that such runs have


def with_observed_incidence(
    iraes: Sequence[Irae],
    disease: Disease,
    treatment: Treatment,
    *,
    setting: Setting,
    fixed: Collection[str] = (),
) -> tuple[Irae, ...]:
    """Return irAEs whose chances give, under this treatment, the incidence that their `chance` is now.

    A trial's incidence is of all who began treatment, some of whom stopped or died before an irAE could come.

    Parameters
    ----------
    iraes
        With the observed incidence of any grade as `chance`, one value or (D,).
    disease, treatment
        Those of the trial.
    setting
        Patients, draws, seed and horizon: the follow-up of the trial.
    fixed
        Names of those whose chance stays as it is.

    Raises
    ------
    NotEstimable
        Where even a chance of one gives fewer events.

    Examples
    --------
    >>> from coley.economics.simulation.clocks import Hazard, median_of
    >>> disease = Disease(Hazard("exponential", [0.5]), Hazard("exponential", [0.1]), Hazard("exponential", [1.0]))
    >>> rash = Irae(name="rash", chance=0.2, onset=median_of(0.5), lasting_low=median_of(0.1),
    ...             lasting_high=median_of(0.1))
    >>> setting = Setting(patients=20_000, seed=1, horizon_years=5)
    >>> found = with_observed_incidence([rash], disease, Treatment("x"), setting=setting)
    >>> simulate(disease, Treatment("x"), Values(), setting=setting, iraes=found).iraes["rash"]["any_grade"].round(3)
    array([0.2])
    """
    observed = [np.asarray(irae.chance, dtype=np.float64) for irae in iraes]
    found = tuple(iraes)
    for _ in range(ROUNDS):
        result = simulate(disease, treatment, Values(), setting=setting, iraes=found)
        close = True
        chances = []
        for irae, target in zip(found, observed, strict=True):
            if irae.name in fixed:
                chances.append(np.asarray(irae.chance))
                continue
            again = result.iraes[irae.name]["any_grade"] - result.iraes[irae.name]["recurrences"]
            first = again if target.ndim else again.mean()
            with np.errstate(divide="ignore", invalid="ignore"):
                scale = np.where(target > 0, target / first, 1.0)
            close = close and bool((np.abs(scale - 1) < CLOSE).all())
            chances.append(np.asarray(irae.chance) * scale)
            if not (chances[-1] <= 1).all():
                raise NotEstimable(
                    f"An incidence of {target.max():.3g} of {irae.name} cannot be reached: patients leave treatment "
                    "before it comes.",
                    remedy="Give an earlier onset, or a longer exposure.",
                )
        if close:
            return found
        found = tuple(replace(i, chance=c) for i, c in zip(found, chances, strict=True))
    return found


def with_mean_incidence(
    iraes: Sequence[Irae],
    disease: Disease,
    treatment: Treatment,
    *,
    setting: Setting,
    observed: Sequence[ArrayLike],
    fixed: Collection[str] = (),
) -> tuple[Irae, ...]:
    """Return irAEs of many draws whose chances, each times one factor, give the observed incidence on average.

    Between draws incidence then moves with the disease, as it would between trials; the factor is found in one round,
    from chances that are nearly right.

    Parameters
    ----------
    iraes
        With chances of those who stay on treatment, (D,).
    disease, treatment, setting
        Those of the draws.
    observed
        Of each irAE the share of all who begin that have it, one value or (D,).
    fixed
        Names of those whose chance stays as it is.

    Examples
    --------
    >>> from coley.economics.simulation.clocks import Hazard, median_of
    >>> disease = Disease(Hazard("exponential", [[0.4], [0.6]]), Hazard("exponential", [0.1]),
    ...                   Hazard("exponential", [1.0]))
    >>> rash = Irae(name="rash", chance=0.3, onset=median_of(0.5), lasting_low=median_of(0.1),
    ...             lasting_high=median_of(0.1))
    >>> setting = Setting(patients=20_000, draws=2, seed=1, horizon_years=5)
    >>> found = with_mean_incidence([rash], disease, Treatment("x"), setting=setting, observed=[0.2])
    >>> seen = simulate(disease, Treatment("x"), Values(), setting=setting, iraes=found).iraes["rash"]["any_grade"]
    >>> round(float(seen.mean()), 3), bool(seen[0] > seen[1])
    (0.2, True)
    """
    found = simulate(disease, treatment, Values(), setting=setting, iraes=iraes).iraes
    scaled = []
    for irae, target in zip(iraes, observed, strict=True):
        first = (found[irae.name]["any_grade"] - found[irae.name]["recurrences"]).mean()
        factor = np.asarray(target).mean() / first if first > 0 and irae.name not in fixed else 1.0
        scaled.append(replace(irae, chance=np.minimum(np.asarray(irae.chance) * factor, 1.0)))
    return tuple(scaled)
