"""Climbing to the maximum of a log-likelihood that may have several, or a ridge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from coley.stats.parametric.family import Floats

# A step moves no working parameter of any patient by more than so many of its scales.
LONGEST = 2.0
STEPS, HALVINGS = 100, 25
# Loss of log-likelihood that is rounding and nothing else, relative to its size.
ROUNDING = 1e-11
# Gain in log-likelihood that is still to be had when a climb stops; Newton's last step squares what remains.
DONE = 1e-9
# The same where rounding allows no smaller step.
ROUGH = 1e-5
# Curvature, relative to the largest, below which a direction counts as flat.
FLAT = 1e-10
# Hills whose heights differ by less are one hill.
SAME = 1e-4
# Climbs from further starts, begun at once with the best; a hill that so many have found needs no other.
AGREED = 3


@dataclass(frozen=True, eq=False)
class Hill:
    """Where a climb ended.

    Attributes
    ----------
    place, value, gradient, hessian
        Of the log-likelihood there.
    steps
        Newton steps.
    end
        "top" without slope and curved downwards every way, "edge" where a parameter reached the end of its range,
        "ridge" where the climb might go on.
    """

    place: Floats
    value: float
    gradient: Floats
    hessian: Floats
    steps: int
    end: str


@dataclass(frozen=True, eq=False)
class Ground:
    """What is climbed.

    Attributes
    ----------
    value, full
        From a place to the log-likelihood, and to that with its gradient and Hessian.
    reach
        From a step to how far it moves a working parameter of any patient, in scales.
    edge
        From a place to whether a parameter is at the end of its range.
    """

    value: Callable[[Floats], float]
    full: Callable[[Floats], tuple[float, Floats, Floats]]
    reach: Callable[[Floats], float]
    edge: Callable[[Floats], bool]


def climb(ground: Ground, start: Floats) -> Hill | None:
    """Climb by Newton's method, with the curvature made positive where it is not; None from an impossible start."""
    place = start
    here, gradient, hessian = ground.full(place)
    if not _finite(here, gradient, hessian):
        return None
    for steps in range(STEPS):
        step, gain, curved = _newton(gradient, hessian)
        if ground.edge(place):
            return Hill(place, here, gradient, hessian, steps, "edge")
        if gain < DONE:
            last = ground.full(place + step) if ground.reach(step) < LONGEST else (np.nan, gradient, hessian)
            if last[0] >= here and _finite(*last):
                place, (here, gradient, hessian) = place + step, last
                curved = _newton(gradient, hessian)[2]
            return Hill(place, here, gradient, hessian, steps, "top" if curved else "ridge")
        step = step * min(1.0, LONGEST / max(ground.reach(step), 1e-300))
        for _ in range(HALVINGS):
            # a place too near to the impossible has a value and no derivatives: it is refused as well
            if ground.value(place + step) > here - ROUNDING * (1 + abs(here)):
                candidate = ground.full(place + step)
                if _finite(*candidate):
                    break
            step = step / 2
        else:
            return Hill(place, here, gradient, hessian, steps, "top" if curved and gain < ROUGH else "ridge")
        place, (here, gradient, hessian) = place + step, candidate
    return Hill(place, here, gradient, hessian, STEPS, "ridge")


def _finite(value: float, gradient: Floats, hessian: Floats) -> bool:
    return bool(np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all())


def _newton(gradient: Floats, hessian: Floats) -> tuple[Floats, float, bool]:
    """Return an ascending step, the gain it promises, and whether the place is curved downwards every way."""
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    values, vectors = np.linalg.eigh(-hessian / np.outer(size, size))
    largest = np.abs(values).max()
    safe = np.maximum(np.abs(values), FLAT * largest)
    along = vectors.T @ (gradient / size)
    step = vectors @ (along / safe) / size
    return step, float(gradient @ step), bool(values.min() > FLAT * largest)


def hills(ground: Ground, starts: Sequence[Floats]) -> list[Hill]:
    """Climb from several places and return the distinct hills, the best first.

    Tops and edges come before ridges, even higher ones: a likelihood without bound, as where a density grows over
    one event, has no maximum, and its highest proper top is the estimate.
    """
    order = sorted(starts, key=lambda start: -np.nan_to_num(ground.value(start), nan=-np.inf))
    found: list[Hill] = []
    agreed = 0
    for start in order:
        hill = climb(ground, start)
        if hill is None:
            continue
        same = [other for other in found if abs(other.value - hill.value) < SAME]
        if not same:
            found.append(hill)
        elif same[0].end == "ridge" and hill.end != "ridge":
            found[found.index(same[0])] = hill
        found.sort(key=lambda hill: (hill.end == "ridge", -hill.value))
        agreed = agreed + 1 if same and found[0] in (hill, same[0]) else 1 if found[0] is hill else agreed
        if agreed >= AGREED:
            break
    return found
