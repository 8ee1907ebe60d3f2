"""Vials shared among a few patients: the distribution of the sum of their doses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, gcd
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.vials import LATTICE, Cover

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses.prescribed import Prescribed

    Floats = NDArray[np.float64]

STEP_MG = 0.1  # grid on which doses of several patients are added up
AT_ONCE = 4_000_000  # values of such grids that are held at a time


def shared_vials(
    doses: Prescribed,
    patients: int,
    *,
    vial_mg: Sequence[float],
    cover_of: Callable[[float], Cover],
    rounded: tuple[Floats, Floats] | None,
) -> Floats:
    """Return the expected vials of each size, a patient, where so many patients share a lot: (D, V).

    The sum of independent doses is convolved on a grid by Fourier transform.

    Parameters
    ----------
    doses
        Distribution of one patient's dose.
    patients
        Who share.
    vial_mg
        Content of each size of vial.
    cover_of
        From the largest sum, in mg, to the cheapest combinations up to it.
    rounded
        Doses (I,) and chances (D, I), where doses are rounded.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    caps = doses.cap[np.isfinite(doses.cap)].tolist() if rounded is None else rounded[0].tolist()
    step = _step([*vial_mg, *caps], discrete=rounded is not None or doses.body is None)
    points = ceil((doses.largest if rounded is None else float(rounded[0][-1])) / step) + 1
    sums = patients * (points - 1) + 1
    cover = cover_of(sums * step)
    totals = np.arange(sums) * step
    counts = cover.counts[cover.which(totals)]
    continuous = rounded is None and doses.body is not None and doses.body.continuous
    # A continuous sum on a point of the grid lies below and above it with equal chance.
    split = (counts + cover.counts[cover.which(totals + step / 2)]) / 2 if continuous else counts
    size = next_fast_len(sums, real=True)
    block = max(1, AT_ONCE // size)
    draws = doses.draws if rounded is None else len(rounded[1])
    vials = []
    for start in range(0, draws, block):
        part = slice(start, start + block)
        if rounded is None:
            drawn = doses.drawn(part)
            chance = drawn.between(np.asarray((np.arange(points) + 0.5) * step))
        else:
            chance = _on_grid(np.rint(rounded[0] / step).astype(np.intp), rounded[1][part], points)
        spread = irfft(rfft(chance, size, axis=1) ** patients, size, axis=1)
        expected = spread[:, :sums] @ split
        if continuous and caps:  # the sum of caps is no continuous sum
            at = np.rint(patients * drawn.cap[:, 0] / step).astype(np.intp)
            expected = expected + drawn.at_cap**patients * (counts - split)[at]
        vials.append(expected)
    return np.concatenate(vials) / patients


def _on_grid(at: NDArray[np.intp], chance: Floats, points: int) -> Floats:
    grid = np.zeros((len(chance), points))
    for i, column in enumerate(at):
        grid[:, column] += chance[:, i]
    return grid


def _step(marks: Sequence[float], *, discrete: bool) -> float:
    """Return a grid on which the marks lie: as wide as they allow, and fine where doses are continuous."""
    common = gcd(*(max(round(mark * LATTICE), 1) for mark in marks)) / LATTICE
    if discrete:
        return max(common, STEP_MG)
    return common / ceil(common / STEP_MG) if common >= STEP_MG else STEP_MG
