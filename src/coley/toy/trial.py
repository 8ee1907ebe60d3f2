"""One simulated study before it is written as tables: arrays of patients, their course, what was seen."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from coley.model.errors import InvalidSetting
from coley.model.study import DAYS_PER_MONTH
from coley.toy.baseline import Baseline, draw_baseline, randomise
from coley.toy.course import Course, run_course
from coley.toy.design import Design
from coley.toy.lesions import Lesions, draw_lesions
from coley.toy.observe import Observed, end_of_sight, observe
from coley.toy.streams import Ints, Streams

MOST_PATIENTS = 20_000  # all scans of all patients are held at once, in under 2 GiB

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Trial:
    """A study as arrays.

    Attributes
    ----------
    design, streams
        What it was drawn from.
    ids
        Patient ids.
    baseline, lesions
        Before treatment.
    arm
        Index of each patient's arm.
    courses
        The course of every patient under every arm, arm by arm: what would have been.
    course, observed
        Under the arm to which the patient was allotted: what was, and what was seen of it.
    """

    design: Design
    streams: Streams
    ids: NDArray[np.str_]
    baseline: Baseline
    lesions: Lesions
    arm: Ints
    courses: tuple[Course, ...]
    course: Course
    observed: Observed

    @property
    def patients(self) -> int:
        """Number of patients."""
        return self.arm.size

    def of_arm(self, attribute: str) -> NDArray[Any]:
        """Return an attribute of each patient's arm."""
        return np.array([getattr(arm, attribute) for arm in self.design.arms])[self.arm]


def run_trial(patients: int, seed: int, design: Design) -> Trial:
    """Draw a study.

    Raises
    ------
    InvalidSetting
        For fewer than 2 or more than 20,000 patients, or a negative seed.
    """
    if not 2 <= patients <= MOST_PATIENTS:
        raise InvalidSetting(
            f"A simulated study cannot have {patients} patients.",
            remedy=f"Choose a number between 2 and {MOST_PATIENTS:,}.",
        )
    if seed < 0:
        raise InvalidSetting(f"The seed cannot be {seed}.", remedy="Choose 0 or more.")
    streams = Streams(seed)
    baseline = draw_baseline(patients, design, streams)
    lesions = draw_lesions(baseline, streams)
    arm = randomise(patients, design, streams)
    last_day = int(design.last_month * DAYS_PER_MONTH)
    courses = tuple(
        run_course(baseline, lesions, each, design=design, streams=streams, last_day=last_day)
        for each in design.arms
    )
    course = choose(courses, arm)
    return Trial(
        design=design,
        streams=streams,
        ids=np.array([f"TOY-{i:04d}" for i in range(1, patients + 1)]),
        baseline=baseline,
        lesions=lesions,
        arm=arm,
        courses=courses,
        course=course,
        observed=observe(course, end_of_sight(patients, design, streams)),
    )


def choose(parts: tuple[T, ...], which: Ints) -> T:
    """Return the dataclass whose rows are taken from `parts[which[i]]`, patient by patient."""
    first: Any = parts[0]
    make: Any = type(first)
    if isinstance(first, np.ndarray):
        out: Any = first.copy()
        for k, part in enumerate(parts):
            out[which == k] = np.asarray(part)[which == k]
        return out  # type: ignore[no-any-return]
    if not is_dataclass(first):
        raise TypeError(f"cannot choose among {type(first).__name__}")
    values = {f.name: choose(tuple(getattr(part, f.name) for part in parts), which) for f in fields(first)}
    return make(**values)  # type: ignore[no-any-return]
