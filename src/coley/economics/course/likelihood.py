"""How likely each structure makes the patients' own progressions and deaths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from coley.economics.course.three_state import MUSTON
from coley.model.errors import MissingData, UnreadableInput
from coley.model.method import method
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

Endpoint = Callable[["Floats"], tuple["Floats", "Floats"]]
"""Times to log hazard and log survival at them."""

NODES = 32  # of Gauss-Legendre between a patient's progression and the end of follow-up


@dataclass(frozen=True, eq=False)
class Histories:
    """What was seen of each patient, (n,); times above 0 in the unit of the endpoints.

    Attributes
    ----------
    stable_until
        Time of progression, of death without it, or of the last look at which neither had happened.
    progressed
        Whether progression was seen at `stable_until`.
    seen_until
        Time of death or of the end of follow-up.
    died
        Whether the patient died at `seen_until`. A death later than a last look without progression is not
        used: nobody knows whether progression came first.

    Raises
    ------
    UnreadableInput
        Where lengths differ, a time is missing or not above 0, follow-up ends before progression, or
        progression and death fall on one day.
    """

    stable_until: Floats
    progressed: Booleans
    seen_until: Floats
    died: Booleans

    def __post_init__(self) -> None:
        n = len(self.stable_until)
        if {len(self.progressed), len(self.seen_until), len(self.died)} != {n}:
            raise UnreadableInput("Histories need the same patients in every column.")
        times = np.stack([self.stable_until, self.seen_until])
        if not (np.isfinite(times).all() and (times > 0).all() and (times[1] >= times[0]).all()):
            raise UnreadableInput(
                "Histories need times above 0, and no follow-up that ends before progression.",
                where=f"patient {int(np.argmax(~((times > 0).all(axis=0) & (times[1] >= times[0]))))}",
            )
        together = self.progressed & self.died & (times[0] == times[1])
        if together.any():
            raise UnreadableInput(
                "A patient cannot progress and die at one time.",
                where=f"{int(together.sum())} patients, the first of them {int(np.argmax(together))}",
                remedy="Count it as death without progression, or put progression before death.",
            )

    @property
    def died_first(self) -> Booleans:
        """Who died without progression."""
        return np.asarray(self.died & ~self.progressed & (self.seen_until == self.stable_until))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The endpoints that a likelihood needs, and the log-likelihood (n,) from them."""

    needs: tuple[str, ...]
    of: Callable[[Sequence[Endpoint], Histories], Floats]


LIKELIHOODS: Registry[Likelihood] = Registry("structure")


@method(
    "structure_likelihood",
    title="Likelihood of a three-state structure",
    summary="How likely a structure makes each patient's progression and death, so that structures can be compared.",
    needs="times of progression and death of each patient, and the endpoints that the structure is made of",
    limits="Compare by AIC or BIC with the parameters of all endpoints used. A better fit within the follow-up is no "
    "proof of better extrapolation.",
    references=(MUSTON,),
)
def structure_log_likelihood(
    structure: str,
    endpoints: Mapping[str, Endpoint],
    *,
    stable_until: ArrayLike,
    progressed: ArrayLike,
    seen_until: ArrayLike,
    died: ArrayLike,
) -> Floats:
    """Return the log-likelihood (n,) of each patient's history under a structure.

    Parameters
    ----------
    structure
        "partitioned_survival", "clock_forward" or "clock_reset".
    endpoints
        By the names that `structures.STRUCTURES` lists under `needs`: functions of times to (log hazard, log
        survival). Partitioned survival needs "time_to_progression" too, which tells progression from death.
    stable_until, progressed, seen_until, died
        As for `Histories`.

    Raises
    ------
    MissingData
        Where an endpoint is missing.
    UnreadableInput
        As for `Histories`.

    Notes
    -----
    Partitioned survival has no hazard of death after progression; it is what overall survival leaves for
    those who have progressed. Where that is negative it is taken as 0, and a death there has likelihood 0.

    References
    ----------
    Muston 2024.

    Examples
    --------
    >>> def exponential(rate):
    ...     return lambda t: (np.full_like(t, np.log(rate)), -rate * t)
    >>> endpoints = {
    ...     "time_to_progression": exponential(0.5), "death_before_progression": exponential(0.1),
    ...     "death_after_progression": exponential(0.8),
    ... }
    >>> structure_log_likelihood(
    ...     "clock_reset", endpoints, stable_until=[1, 2], progressed=[True, False], seen_until=[3, 2],
    ...     died=[True, False],
    ... ).round(4)
    array([-3.1163, -1.2   ])
    """
    histories = Histories(
        np.asarray(stable_until, dtype=float),
        np.asarray(progressed, dtype=bool),
        np.asarray(seen_until, dtype=float),
        np.asarray(died, dtype=bool),
    )
    likelihood = LIKELIHOODS[structure]
    for need in likelihood.needs:
        if need not in endpoints:
            raise MissingData(
                f"The likelihood of {structure!r} needs the endpoint {need!r}.",
                where=f"given: {', '.join(endpoints) or 'none'}",
            )
    return likelihood.of([endpoints[need] for need in likelihood.needs], histories)


def _until_progression(progression: Endpoint, death_before: Endpoint, histories: Histories) -> Floats:
    t = histories.stable_until
    log_h, log_s = progression(t)
    log_h_death, log_s_death = death_before(t)
    seen = np.where(histories.progressed, log_h, 0.0) + np.where(histories.died_first, log_h_death, 0.0)
    return np.asarray(log_s + log_s_death + seen)


def _forward(endpoints: Sequence[Endpoint], histories: Histories) -> Floats:
    progression, death_before, death_after = endpoints
    log_h, log_s = death_after(histories.seen_until)
    _, log_s_entry = death_after(histories.stable_until)
    later = log_s - log_s_entry + np.where(histories.died, log_h, 0.0)
    return _until_progression(progression, death_before, histories) + np.where(
        histories.progressed, later, 0.0
    )


def _reset(endpoints: Sequence[Endpoint], histories: Histories) -> Floats:
    progression, death_before, death_after = endpoints
    since = histories.seen_until - histories.stable_until
    followed = histories.progressed & (since > 0)
    log_h, log_s = death_after(np.where(followed, since, histories.seen_until))
    later = log_s + np.where(histories.died, log_h, 0.0)
    return _until_progression(progression, death_before, histories) + np.where(followed, later, 0.0)


def _partitioned(endpoints: Sequence[Endpoint], histories: Histories) -> Floats:
    stable, overall, progression = endpoints

    def rates(t: Floats) -> tuple[Floats, Floats, Floats]:
        """Return hazards of progression, of death before it, and of death after it."""
        (log_h, log_s), (log_h_all, log_s_all) = stable(t), overall(t)
        leaving = np.exp(log_h)
        progressing = np.minimum(np.exp(progression(t)[0]), leaving)
        dying = leaving - progressing
        share = np.exp(log_s_all) - np.exp(log_s)
        deaths = np.exp(log_h_all + log_s_all) - dying * np.exp(log_s)
        with np.errstate(divide="ignore", invalid="ignore"):
            after = np.where(share > 0, np.maximum(deaths, 0.0) / share, 0.0)
        return progressing, dying, after

    t, end = histories.stable_until, histories.seen_until
    progressing, dying, _ = rates(t)
    x, w = cast("tuple[Floats, Floats]", np.polynomial.legendre.leggauss(NODES))
    half = (end - t) / 2
    nodes = (end + t)[:, None] / 2 + half[:, None] * x
    lost = half * (rates(nodes.ravel())[2].reshape(nodes.shape) @ w)
    with np.errstate(divide="ignore"):
        first = np.where(histories.progressed, np.log(progressing), 0.0) + np.where(
            histories.died_first, np.log(dying), 0.0
        )
        later = np.where(histories.died, np.log(rates(end)[2]), 0.0) - lost
    return np.asarray(stable(t)[1] + first + np.where(histories.progressed, later, 0.0))


_BEFORE = ("time_to_progression", "death_before_progression")
LIKELIHOODS.add(
    "partitioned_survival",
    Likelihood(("progression_free_survival", "overall_survival", "time_to_progression"), _partitioned),
)
LIKELIHOODS.add("clock_forward", Likelihood((*_BEFORE, "death_after_progression_from_start"), _forward))
LIKELIHOODS.add("clock_reset", Likelihood((*_BEFORE, "death_after_progression"), _reset))
