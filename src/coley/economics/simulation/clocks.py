"""Hazards by which something happens to a patient: a family and its parameters, or a life table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.registry import Registry
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.family import Family

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.population.life_tables import LifeTable
    from coley.stats.parametric.fitted import Fit

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

CLOCKS: Registry[bool] = Registry("clock")
CLOCKS.add("forward", True)
CLOCKS.add("reset", False)

# Families whose cumulative hazard the kernel knows how to invert; others are followed along a table of it.
CLOSED = ("exponential", "weibull", "weibull_ph", "gompertz", "log_normal", "log_logistic")
TABLE, NEVER = len(CLOSED), len(CLOSED) + 1
NOTHING, NOWHERE = np.zeros(0), np.zeros(1)
EARLIEST = 1e-5  # first node of a table, as a share of the horizon


class Part(NamedTuple):
    """One hazard, in arrays whose axes of draws and patients may be of length one.

    Attributes
    ----------
    kind, forward
        Code of the family, and whether the clock runs on from `offset`.
    numbers
        (D, N, 2) parameters, or (D, R, NODES) cumulative hazards of a table.
    ratio, offset
        (D, N) by which the hazard is multiplied; (N,) where the clock of a patient stands at the start.
    times, rows
        (NODES,) of a table; (N,) which of its R rows is whose. Empty where there is none.
    """

    kind: int
    forward: bool
    numbers: Floats
    ratio: Floats
    offset: Floats
    times: Floats
    rows: Floats


class HasPart(Protocol):
    """What the kernel can follow: a `Hazard`, a `Background`, or one along a grid."""

    def part(self, horizon_years: float) -> Part:
        """Return it in arrays."""


class Clocks(NamedTuple):
    """Hazards side by side for the kernel: a row of `about` each, and their numbers in one row of `data`."""

    about: Integers
    data: Floats


@dataclass(frozen=True, eq=False)
class Hazard:
    """The hazard of one event, as a family of survival distributions; times in years.

    Attributes
    ----------
    family
        A family, or its name in `stats.parametric.families.FAMILIES`.
    parameters
        Natural parameters, (P,), (D, P) with a row a draw, or (1 or D, N, P) with one for each patient too.
    clock
        "forward": time since the start; "reset": since what made the event possible (entry of a state,
        a rechallenge, the onset of an irAE).
    ratio
        Multiplies the hazard: a number, (D,) or (1 or D, N).

    Raises
    ------
    InvalidSetting
        For parameters out of range, a clock that there is not, or a negative ratio.
    UnknownName
        For a family that there is not.

    Examples
    --------
    >>> Hazard("weibull", [1.2, 3.0]).family.name
    'weibull'
    """

    family: Family | str
    parameters: ArrayLike
    clock: str = "forward"
    ratio: ArrayLike = 1.0

    def __post_init__(self) -> None:
        family = FAMILIES[self.family] if isinstance(self.family, str) else self.family
        object.__setattr__(self, "family", family)
        CLOCKS[self.clock]
        values = np.asarray(self.parameters, dtype=np.float64)
        family.working(values)
        ratio = np.asarray(self.ratio, dtype=np.float64)
        if values.ndim > 3 or ratio.ndim > 2:
            raise InvalidSetting(
                "Parameters of a hazard are (P,), (D, P) or (D, N, P), and its ratio a number, (D,) or (D, N).",
                where=f"parameters {values.shape}, ratio {ratio.shape}",
            )
        if not (np.isfinite(ratio).all() and (ratio >= 0).all()):
            raise InvalidSetting("A hazard ratio is zero or above.", where=f"{ratio.min():g}")

    def part(self, horizon_years: float) -> Part:
        """Return the hazard in arrays."""
        family = self.family
        assert isinstance(family, Family)
        values = np.asarray(self.parameters, dtype=np.float64)
        by_patient = values.ndim == 3
        values = values if by_patient else np.atleast_2d(values)[:, None, :]
        ratio = np.asarray(self.ratio, dtype=np.float64)
        ratio = ratio if ratio.ndim == 2 else np.atleast_1d(ratio)[:, None]
        forward = CLOCKS[self.clock]
        if family.name in CLOSED:
            two = np.zeros((*values.shape[:2], 2))
            two[..., : values.shape[2]] = values
            return Part(CLOSED.index(family.name), forward, two, ratio, NOWHERE, NOTHING, NOTHING)
        if by_patient and values.shape[1] > 1:
            raise InvalidSetting(
                f"The {family.title} distribution cannot have parameters of its own for each patient.",
                remedy=f"Give them by `ratio`, or take one of {', '.join(CLOSED)}.",
            )
        from coley.economics.simulation.clock_kernel import NODES
        from coley.stats.parametric.curves import cumulative_hazard

        grid = np.concatenate([[0.0], np.geomspace(EARLIEST * horizon_years, horizon_years, NODES - 1)])
        for jump in family.breaks:
            if grid[1] < jump < horizon_years:
                grid[np.searchsorted(grid, jump)] = jump
        found = np.nan_to_num(cumulative_hazard(family, values[:, 0], grid), nan=0.0, posinf=1e300)
        cumulative = np.maximum.accumulate(found, axis=1)
        return Part(TABLE, forward, cumulative[:, None], ratio, NOWHERE, grid, NOTHING)


@dataclass(frozen=True, eq=False)
class Background:
    """Death as in the general population, by each patient's age and sex.

    Attributes
    ----------
    table
        The life table.
    age_years, female
        (N,) at the start.
    ratio
        Multiplies the hazard: a number, (D,) or (1 or D, N).
    """

    table: LifeTable
    age_years: ArrayLike
    female: ArrayLike
    ratio: ArrayLike = 1.0

    def part(self, horizon_years: float) -> Part:
        """Return the hazard in arrays."""
        ages = np.atleast_1d(np.asarray(self.age_years, dtype=np.float64))
        sex = np.broadcast_to(np.asarray(self.female, dtype=bool), ages.shape)
        of = self.table.hazards
        if not ((ages >= of.first_age) & np.isfinite(ages)).all():
            raise UnreadableInput(
                f"The life table {self.table.name} starts at age {of.first_age}; a patient is younger, or of no age."
            )
        from coley.economics.simulation.clock_kernel import NODES

        knots = of.first_age + np.arange(NODES, dtype=np.float64)
        if ages.max() + horizon_years > knots[-1]:
            raise InvalidSetting(f"A horizon of {horizon_years:g} years is too long for a life table.")
        cumulative = np.stack([self.table.cumulative_hazard(knots, female) for female in (False, True)])
        ratio = np.asarray(self.ratio, dtype=np.float64)
        ratio = ratio if ratio.ndim == 2 else np.atleast_1d(ratio)[:, None]
        return Part(TABLE, True, cumulative[None], ratio, ages, knots, sex.astype(np.float64))


def median_of(median_years: ArrayLike, *, shape: float = 1.0) -> Hazard:
    """Return a Weibull hazard on a clock of its own, with a median (years; a number or (D,)) and a shape.

    Where no more than a median is published; a shape of 1 says that the hazard is constant.

    Raises
    ------
    InvalidSetting
        For a median or a shape that is not above zero.

    Examples
    --------
    >>> round(float(median_of(0.5).parameters[0, 1]), 4)
    0.7213
    """
    medians = np.atleast_1d(np.asarray(median_years, dtype=np.float64))
    if not ((medians > 0).all() and shape > 0):
        raise InvalidSetting(
            "A median time and a shape are above zero.", where=f"{medians.min():g}, {shape:g}"
        )
    scale = medians / np.log(2) ** (1 / shape)
    return Hazard("weibull", np.stack([np.full_like(scale, shape), scale], axis=-1), clock="reset")


def fitted_hazard(
    fit: Fit,
    *,
    patients: Mapping[str, ArrayLike] | None = None,
    draws: ArrayLike | None = None,
    clock: str = "forward",
) -> Hazard:
    """Return the hazard of a fit to times in years, for each patient's covariates.

    Parameters
    ----------
    fit
        Of `stats.parametric`; its unit of time must be the year.
    patients
        Covariate of the fit to its (N,) values; none where the fit has none.
    draws
        (D, B) working coefficients, as `fit.draws` gives them; the estimates without.
    clock
        "forward" for times since the start, "reset" for times since the entry of the state.

    Raises
    ------
    InvalidSetting
        Where covariates have different lengths, or are not those of the fit.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.fitting import fit
    >>> seen = survival_data([1, 2, 3, 4], [1, 1, 1, 0])
    >>> np.asarray(fitted_hazard(fit(FAMILIES["exponential"], seen)).parameters).round(3)
    array([[0.3]])
    """
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in (patients or {}).items()}
    if not columns:
        return Hazard(fit.family, np.atleast_2d(fit.parameters(draws)), clock=clock)
    if len({column.shape for column in columns.values()}) > 1:
        raise InvalidSetting("Covariates of patients have different lengths.")
    rows, whose = np.unique(np.column_stack(list(columns.values())), axis=0, return_inverse=True)
    each = [np.atleast_2d(fit.parameters(draws, at=dict(zip(columns, row, strict=True)))) for row in rows]
    return Hazard(fit.family, np.stack(each, axis=1)[:, whose], clock=clock)


def side_by_side(
    hazards: Sequence[HasPart | None], *, draws: int, patients: int, horizon_years: float
) -> Clocks:
    """Return hazards stacked for the kernel; None never happens.

    Raises
    ------
    InvalidSetting
        Where a hazard holds another number of draws or of patients.
    """
    from coley.economics.simulation.clock_kernel import COLUMNS

    never = Part(NEVER, False, np.zeros((1, 1, 2)), np.ones((1, 1)), NOWHERE, NOTHING, NOTHING)
    parts = [never if hazard is None else hazard.part(horizon_years) for hazard in hazards]
    about = np.zeros((len(parts), COLUMNS), dtype=np.int64)
    arrays: list[Floats] = []
    size = 0

    def lay(values: Floats) -> int:
        nonlocal size
        arrays.append(values.ravel())
        size += values.size
        return size - values.size

    def steps(values: Floats, axis: int, count: int, each: int) -> int:
        """Return how far it is from one draw, or patient, to the next: nowhere, if one stands for all."""
        if values.shape[axis] not in (1, count):
            what = "draws" if count == draws and axis == 0 else "patients"
            raise InvalidSetting(
                f"A hazard holds {values.shape[axis]} {what}; the simulation {draws} draws and {patients} patients."
            )
        return each if values.shape[axis] > 1 else 0

    for j, part in enumerate(parts):
        each = part.numbers.shape[2]
        by_row = len(part.rows) > 0  # rows of a table, not patients, are then on its second axis
        about[j] = (
            part.kind,
            part.forward,
            lay(part.numbers),
            steps(part.numbers, 0, draws, each * part.numbers.shape[1]),
            0 if by_row else steps(part.numbers, 1, patients, each),
            lay(part.ratio),
            steps(part.ratio, 0, draws, part.ratio.shape[1]),
            steps(part.ratio, 1, patients, 1),
            lay(part.offset),
            steps(part.offset[None], 1, patients, 1),
            lay(part.times),
            lay(np.broadcast_to(part.rows, (patients,))) if by_row else -1,
        )
    return Clocks(about, np.concatenate(arrays))
