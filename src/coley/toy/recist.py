"""RECIST 1.1 on arrays of sums: time-point response, first progression, best overall response.

References
----------
Eisenhauer EA et al. Eur J Cancer 2009;45:228-247.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.streams import Bools, Floats, Ints

PARTIAL = 7  # tenths of the baseline sum: a fall of at least 30 %
GROWTH = 12  # tenths of the smallest sum: a rise of at least 20 %
LEAST_RISE = 50  # tenths of a millimetre: and of at least 5 mm
CODES = np.array(["CR", "PR", "SD", "PD", "NE"])
CR, PR, SD, PD, NE = range(5)
NEVER = np.iinfo(np.int64).max // 4  # a visit or a day that does not come


@dataclass(frozen=True, eq=False)
class Readings:
    """What the reader saw; shapes (patients,) and (patients, visits).

    Attributes
    ----------
    baseline, sums
        Sum of target diameters in tenths of a millimetre: whole numbers, so that no threshold hangs on
        a rounding error.
    evaluable
        Whether every target lesion could be read.
    cleared
        Whether all targets are gone (nodes below 10 mm) and all non-targets too.
    new
        Whether a new lesion is there.
    """

    baseline: Ints
    sums: Ints
    evaluable: Bools
    cleared: Bools
    new: Bools


def time_points(readings: Readings) -> Ints:
    """Return the response at each visit, as an index into `CODES`; shape (patients, visits).

    Progression is judged against the smallest sum before the visit, baseline included; a visit that is
    not evaluable is NE unless a new lesion makes it PD.

    Examples
    --------
    >>> one = np.array([[True, True, True]])
    >>> CODES[time_points(Readings(np.array([500]), np.array([[340, 330, 400]]), one, ~one, ~one))].tolist()
    [['PR', 'PR', 'PD']]
    """
    sums, baseline = readings.sums, readings.baseline[:, None]
    seen = np.where(readings.evaluable, sums, NEVER)
    least = np.minimum.accumulate(np.concatenate([baseline, seen[:, :-1]], axis=1), axis=1)
    grown = readings.evaluable & (10 * sums >= GROWTH * least) & (sums - least >= LEAST_RISE)
    shrunk = 10 * sums <= PARTIAL * baseline
    return np.select(
        [readings.new | grown, ~readings.evaluable, readings.cleared, shrunk], [PD, NE, CR, PR], SD
    ).astype(np.int64)


def first_visit(mask: Bools) -> Ints:
    """Return the index of the first True of each row; `NEVER` where there is none."""
    return np.where(mask.any(axis=1), mask.argmax(axis=1), NEVER).astype(np.int64)


def best_response(responses: Ints, counted: Bools) -> Ints:
    """Return the best response over the visits that count (those up to the first progression)."""
    return np.asarray(np.where(counted, responses, NE).min(axis=1, initial=NE), dtype=np.int64)


def true_progression(months: Floats, sums: Floats) -> Floats:
    """Return the first time at which an exactly known sum (mm) meets the rule; infinite where never.

    Parameters
    ----------
    months
        A fine grid, shape (times,).
    sums
        Shape (patients, times).
    """
    least = np.minimum.accumulate(sums, axis=1)
    met = (sums >= GROWTH / 10 * least) & (sums - least >= LEAST_RISE / 10)
    return np.where(met.any(axis=1), months[met.argmax(axis=1)], np.inf)
