"""Three states from hazards: progression-free, progressed, dead; the clock runs on or starts anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.corrections import one_length
from coley.economics.course.courses import Trace
from coley.economics.course.curves import survival_curve
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.grid import Grid

    Floats = NDArray[np.float64]

STATES = ("progression_free", "progressed", "dead")
WOODS = (
    "Woods BS, Sideris E, Palmer S, Latimer N, Soares M. Partitioned survival and state transition models for "
    "healthcare decision making in oncology: where are we now? Value Health 2020;23:1613-1621."
)
MUSTON = (
    "Muston D. Informing structural assumptions for three state oncology cost-effectiveness models through "
    "model efficiency and fit. Appl Health Econ Health Policy 2024;22:815-827."
)
BLOCK = 256  # draws convolved together: their spectra stay in the processor's cache


@dataclass(frozen=True, eq=False)
class ThreeState(Trace):
    """A trace of three states, and the progressions (T - 1, D) of each cycle."""

    progressions: Floats

    def weigh_flows(self, weights: Floats) -> Floats:
        """Return (D, 3, 3): moves from state to state, summed over cycles with weights (T - 1,)."""
        stable, progressed = self.by_time[:, :, 0], self.by_time[:, :, 1]
        out_of_stable = weights @ (stable[:-1] - stable[1:])
        progressing = weights @ self.progressions
        more_progressed = weights @ (progressed[1:] - progressed[:-1])
        flows = np.zeros((self.draws, 3, 3))
        flows[:, 0, 1] = progressing
        flows[:, 0, 2] = np.maximum(out_of_stable - progressing, 0.0)
        flows[:, 1, 2] = np.maximum(progressing - more_progressed, 0.0)
        flows[:, 0, 0] = weights @ stable[1:]
        flows[:, 1, 1] = weights @ progressed[1:] - progressing
        flows[:, 2, 2] = weights @ self.by_time[:-1, :, 2]
        return flows


@method(
    "clock_forward",
    title="State transition model, clock forward",
    summary="Progression-free, progressed, dead; after progression the hazard of death follows time since the "
    "start of treatment.",
    needs="survival curves of time to progression, of death before it, and of death after it (from the start)",
    limits="Assumes that, at one time since the start, those who progressed early and late die at one rate.",
    references=(WOODS, MUSTON),
)
def clock_forward(
    grid: Grid, progression: ArrayLike, *, death_before: ArrayLike, death_after: ArrayLike
) -> ThreeState:
    """Return the course in which the clock runs on through progression.

    Parameters
    ----------
    grid
        Times in years from 0, in cycles of any lengths.
    progression, death_before
        (T,) or (1 or D, T): net survival curves of progression (death before it censored) and of death
        before progression (progression censored); their product is progression-free survival.
    death_after
        Likewise, of death after progression by time since the start: patients enter at their progression.

    Raises
    ------
    UnreadableInput
        Where a curve does not fit the grid, is not between 0 and 1, or rises.
    InvalidSetting
        Where numbers of draws differ, or the grid has no cycles from 0.

    Notes
    -----
    The error of the grid is of second order in the length of a cycle. A patient who progresses in a cycle
    is taken to do so at any time of it alike.

    References
    ----------
    Woods et al. 2020; the three structures: Muston 2024.

    Examples
    --------
    >>> from coley.economics.course.grid import cycles
    >>> t = cycles(4, 1 / 52).times_years
    >>> curves = {"death_before": np.exp(-0.1 * t), "death_after": np.exp(-1.0 * t)}
    >>> course = clock_forward(cycles(4, 1 / 52), np.exp(-0.5 * t), **curves)
    >>> course.occupancy[0, -1].round(4), (0.5 / 0.4 * (np.exp(-2.4) - np.exp(-4))).round(4).item()
    (array([0.0907, 0.0905, 0.8188]), 0.0905)
    """
    stable, progressions, after = _examined(grid, progression, death_before, death_after)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = after[1:] / after[:-1]
    kept = np.where(after[:-1] > 0, kept, 0.0)
    progressed = np.zeros_like(stable)
    for k in range(len(grid) - 1):
        progressed[k + 1] = progressed[k] * kept[k] + progressions[k] * (1 + kept[k]) / 2
    return _course(grid, stable, progressed, progressions)


@method(
    "clock_reset",
    title="State transition model, clock reset",
    summary="Progression-free, progressed, dead; after progression the hazard of death follows time since "
    "progression.",
    needs="survival curves of time to progression, of death before it, and of death after it (from progression)",
    limits="Assumes that survival after progression is the same whenever a patient progresses.",
    references=(WOODS, MUSTON),
)
def clock_reset(
    grid: Grid, progression: ArrayLike, *, death_before: ArrayLike, death_after: ArrayLike
) -> ThreeState:
    """Return the course in which the clock starts anew at progression.

    Parameters
    ----------
    grid
        Times in years from 0, in cycles of one length.
    progression, death_before
        As for `clock_forward`.
    death_after
        (T,) or (1 or D, T): survival from progression, by time since progression.

    Raises
    ------
    UnreadableInput
        Where a curve does not fit the grid, is not between 0 and 1, or rises.
    InvalidSetting
        Where numbers of draws differ, or the grid has no cycles of one length from 0.

    Notes
    -----
    A convolution by fast Fourier transforms; the error of the grid as for `clock_forward`.

    References
    ----------
    Woods et al. 2020; the three structures: Muston 2024.

    Examples
    --------
    >>> from coley.economics.course.grid import cycles
    >>> t = cycles(4, 1 / 52).times_years
    >>> curves = {"death_before": np.exp(-0.1 * t), "death_after": np.exp(-1.0 * t)}
    >>> course = clock_reset(cycles(4, 1 / 52), np.exp(-0.5 * t), **curves)
    >>> course.occupancy[0, -1].round(4)
    array([0.0907, 0.0905, 0.8188])
    """
    one_length(grid.lengths_years, "clock_reset")
    stable, progressions, after = _examined(grid, progression, death_before, death_after)
    alive = (after[:-1] + after[1:]) / 2  # of those who progressed at any time of a cycle alike, j cycles ago
    progressed = np.zeros_like(stable)
    progressed[1:] = _convolved(progressions, alive)
    return _course(grid, stable, progressed, progressions)


def _examined(
    grid: Grid, progression: ArrayLike, death_before: ArrayLike, death_after: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return progression-free survival, progressions by cycle and survival after them; times first."""
    if grid.correction is None or grid.times_years[0] != 0:
        raise InvalidSetting(
            "A state transition model needs a grid of cycles from 0.", remedy="Take `cycles`."
        )
    given = {"progression": progression, "death_before": death_before, "death_after": death_after}
    curves = {name: survival_curve(values, grid, name=name) for name, values in given.items()}
    sizes = {len(curve) for curve in curves.values()}
    if len(sizes - {1}) > 1:
        raise InvalidSetting("All curves must hold the same draws.", where=f"{sorted(sizes)}")
    shape = (max(sizes), len(grid))
    ttp, before, after = (np.ascontiguousarray(np.broadcast_to(curve, shape).T) for curve in curves.values())
    progressions = (ttp[:-1] - ttp[1:]) * (before[:-1] + before[1:]) / 2
    return ttp * before, progressions, after


def _course(grid: Grid, stable: Floats, progressed: Floats, progressions: Floats) -> ThreeState:
    alive = stable + progressed
    by_time = np.stack([stable, progressed, np.maximum(1.0 - alive, 0.0)], axis=-1)
    return ThreeState(grid, STATES, STATES[-1:], by_time, progressions)


def _convolved(progressions: Floats, alive: Floats) -> Floats:
    """Return (n, D): sum over j <= k of progressions j and of those of them who live k - j cycles later."""
    from scipy.fft import irfft, next_fast_len, rfft

    n, draws = progressions.shape
    length = next_fast_len(2 * n - 1, real=True)
    out = np.empty_like(progressions)
    for first in range(0, draws, BLOCK):
        block = slice(first, first + BLOCK)
        spectrum = rfft(progressions[:, block].T, length) * rfft(alive[:, block].T, length)
        out[:, block] = np.maximum(irfft(spectrum, length)[:, :n].T, 0.0)
    return out
