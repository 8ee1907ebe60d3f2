"""Results of studies that were never done: for each draw of the truth, what studies of several sizes would show.

A larger study holds the patients of a smaller one, so that values of information rise with size as smoothly as they do
in truth. The size infinity stands for a study without sampling error: the most that one of this design can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ENDLESS = float("inf")
ROUNDING = 1e-9  # by which a survival may rise, or pass 1, before it is none


def simulated_means(
    means: ArrayLike, sd: float, sizes: Sequence[int], *, seed: int = 1
) -> dict[float, Floats]:
    """Return the mean that a study of each size would find, (D,).

    Parameters
    ----------
    means
        True means, (D,).
    sd
        Standard deviation of one person's value.
    sizes
        Persons asked.
    seed
        Of their answers.

    Raises
    ------
    InvalidSetting
        For sizes that are no whole numbers above 0, or a standard deviation that is not above 0.
    UnreadableInput
        Where a truth is missing.

    Examples
    --------
    >>> found = simulated_means(np.full(20_000, 0.7), 0.2, [25, 100])
    >>> found[25].std().round(3), found[100].std().round(3), found[ENDLESS].max()
    (np.float64(0.04), np.float64(0.02), np.float64(0.7))
    """
    truth = _truth(means)
    if not sd > 0:
        raise InvalidSetting(f"The standard deviation of one person's value must be above 0, not {sd}.")
    rng = np.random.default_rng(seed)
    sums = _growing(sizes, lambda more: more * truth + sd * np.sqrt(more) * rng.standard_normal(len(truth)))
    return {n: total / n for n, total in sums.items()} | {ENDLESS: truth}


def simulated_shares(shares: ArrayLike, sizes: Sequence[int], *, seed: int = 1) -> dict[float, Floats]:
    """Return the share that a study of each size would find, (D,).

    Parameters
    ----------
    shares
        True shares, (D,), from 0 to 1.
    sizes, seed
        As for `simulated_means`.

    Raises
    ------
    InvalidSetting, UnreadableInput
        As for `simulated_means`; for a share outside 0 to 1.

    Examples
    --------
    >>> found = simulated_shares(np.full(20_000, 0.2), [16, 100])
    >>> found[16].std().round(2), found[100].std().round(2), found[100].mean().round(2)
    (np.float64(0.1), np.float64(0.04), np.float64(0.2))
    """
    truth = _truth(shares)
    if truth.min() < 0 or truth.max() > 1:
        raise UnreadableInput(f"Shares lie between 0 and 1, not {truth.min():g} to {truth.max():g}.")
    rng = np.random.default_rng(seed)
    sums = _growing(sizes, lambda more: rng.binomial(more, truth).astype(np.float64))
    return {n: total / n for n, total in sums.items()} | {ENDLESS: truth}


def simulated_log_ratios(
    ratios: ArrayLike, event_share: float, sizes: Sequence[int], *, seed: int = 1
) -> dict[float, Floats]:
    """Return the logarithm of the hazard ratio that a trial of each size would find, (D,).

    Parameters
    ----------
    ratios
        True hazard ratios, (D,).
    event_share
        Of all patients, those whose event the trial sees.
    sizes
        Patients of both arms together, half in each.
    seed
        As for `simulated_means`.

    Raises
    ------
    InvalidSetting, UnreadableInput
        As for `simulated_means`; for a ratio or a share of events that is not above 0.

    References
    ----------
    Schoenfeld, Biometrika 1981;68:316-319: the variance is 4 over the number of events.

    Examples
    --------
    >>> found = simulated_log_ratios(np.full(20_000, 0.7), 0.5, [200, 800])
    >>> found[200].std().round(2), found[800].std().round(2)
    (np.float64(0.2), np.float64(0.1))
    """
    truth = _truth(ratios)
    if truth.min() <= 0:
        raise UnreadableInput(f"A ratio of hazards is above 0, not {truth.min():g}.")
    if not 0 < event_share <= 1:
        raise InvalidSetting(
            f"The share of patients with an event is above 0 and at most 1, not {event_share}."
        )
    return simulated_means(np.log(truth), 2 / np.sqrt(event_share), sizes, seed=seed)


def simulated_survival(
    times: ArrayLike, survival: ArrayLike, sizes: Sequence[int], *, seed: int = 1
) -> dict[float, Floats]:
    """Return mean survival within the follow-up, and the share alive at its end, of a trial arm of each size, (D, 2).

    Every patient is followed from the start to the last of the times.

    Parameters
    ----------
    times
        (T,), rising from 0 to the end of the follow-up; deaths between two of them are taken half-way.
    survival
        True survival at these, (D, T).
    sizes
        Patients of the arm.
    seed
        As for `simulated_means`.

    Raises
    ------
    InvalidSetting
        As for `simulated_means`; for times that do not rise from 0.
    UnreadableInput
        Where a survival is missing, rises, or does not start at 1.

    Examples
    --------
    >>> times = np.linspace(0, 2, 41)
    >>> found = simulated_survival(times, np.tile(np.exp(-times / 2), (20_000, 1)), [100])
    >>> found[100].mean(axis=0).round(2), found[ENDLESS][0].round(2)
    (array([1.26, 0.37]), array([1.26, 0.37]))
    """
    t, curves = np.asarray(times, dtype=np.float64), np.atleast_2d(np.asarray(survival, dtype=np.float64))
    if t.ndim != 1 or len(t) < 2 or t[0] != 0 or not (np.diff(t) > 0).all():
        raise InvalidSetting("Times of a trial rise from 0 to the end of its follow-up.")
    if curves.shape[1] != len(t) or not np.isfinite(curves).all():
        raise UnreadableInput(
            f"Survival needs a finite value at each of {len(t)} times.", where=f"shape {curves.shape}"
        )
    if (np.diff(curves, axis=1) > ROUNDING).any() or (np.abs(curves[:, 0] - 1) > ROUNDING).any():
        raise UnreadableInput("Survival starts at 1 and never rises.")
    ends = np.clip(-np.diff(curves, axis=1), 0, None)
    cells = np.column_stack([ends, np.maximum(1 - ends.sum(axis=1), 0)])
    cells /= cells.sum(axis=1, keepdims=True)
    lived = np.append((t[1:] + t[:-1]) / 2, t[-1])
    rng = np.random.default_rng(seed)

    def summary(shares: Floats) -> Floats:
        return np.column_stack([shares @ lived, shares[:, -1]])

    counts = _growing(sizes, lambda more: rng.multinomial(more, cells).astype(np.float64))
    return {n: summary(total / n) for n, total in counts.items()} | {ENDLESS: summary(cells)}


def _truth(values: ArrayLike) -> Floats:
    truth = np.asarray(values, dtype=np.float64)
    if truth.ndim != 1 or not truth.size or not np.isfinite(truth).all():
        raise UnreadableInput(
            "A truth is missing, or is not one number a draw.", where=f"shape {truth.shape}"
        )
    return truth


def _growing(sizes: Sequence[int], more: Callable[[int], Floats]) -> dict[float, Floats]:
    """Return sums over patients of studies that grow from size to size; `more` draws the sum over so many of them."""
    whole = sorted({int(n) for n in sizes})
    if not whole or whole[0] < 1 or len(whole) < len(sizes) or any(int(n) != n for n in sizes):
        raise InvalidSetting(f"Sizes of studies are different whole numbers above 0: {list(sizes)!r:.80}.")
    found: dict[float, Floats] = {whole[0]: more(whole[0])}
    for before, n in pairwise(whole):
        found[n] = found[before] + more(n - before)
    return found
