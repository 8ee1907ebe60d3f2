"""Hazards by which something happens to a patient: a family and its parameters, or a life table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.registry import Registry
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.family import Family

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.population.life_tables import LifeTable
    from coley.economics.simulation.clock_kernel import Clocks

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Number = TypeVar("Number", np.float64, np.int64)

CLOCKS: Registry[bool] = Registry("clock")
CLOCKS.add("forward", True)
CLOCKS.add("reset", False)

# Families whose cumulative hazard the kernel knows how to invert; others are followed along a table of it.
CLOSED = ("exponential", "weibull", "weibull_ph", "gompertz", "log_normal", "log_logistic")
TABLE, NEVER = len(CLOSED), len(CLOSED) + 1
# Nodes of a table: neighbours differ by 1.1 %, so that straight lines miss a time by less than one in 10^4.
NODES = 1024
EARLIEST = 1e-5  # first node of a table, as a share of the horizon


class Part(NamedTuple):
    """One hazard, in arrays: as `clock_kernel.Clocks`, without the first axis."""

    kind: int
    forward: bool
    parameters: Floats  # (D, N, 2)
    ratio: Floats  # (D, N)
    row: Integers  # (D, N), counted from this hazard's first table
    offset: Floats  # (N,)
    times: Floats  # (R, NODES)
    cumulative: Floats


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
        forward, zero = CLOCKS[self.clock], np.zeros((1, 1), dtype=np.int64)
        if family.name in CLOSED:
            two = np.zeros((*values.shape[:2], 2))
            two[..., : values.shape[2]] = values
            none = np.zeros((0, NODES))
            return Part(CLOSED.index(family.name), forward, two, ratio, zero, np.zeros(1), none, none)
        if by_patient and values.shape[1] > 1:
            raise InvalidSetting(
                f"The {family.title} distribution cannot have parameters of its own for each patient.",
                remedy=f"Give them by `ratio`, or take one of {', '.join(CLOSED)}.",
            )
        from coley.stats.parametric.curves import cumulative_hazard

        grid = np.concatenate([[0.0], np.geomspace(EARLIEST * horizon_years, horizon_years, NODES - 1)])
        for jump in family.breaks:
            if grid[1] < jump < horizon_years:
                grid[np.searchsorted(grid, jump)] = jump
        found = np.nan_to_num(cumulative_hazard(family, values[:, 0], grid), nan=0.0, posinf=1e300)
        cumulative = np.maximum.accumulate(found, axis=1)
        times = np.ascontiguousarray(np.broadcast_to(grid, cumulative.shape))
        rows = np.arange(len(cumulative))[:, None]
        return Part(TABLE, forward, np.zeros((1, 1, 2)), ratio, rows, np.zeros(1), times, cumulative)


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
        end = max(of.last_age + 1, np.ceil(ages.max() + horizon_years))
        knots = np.arange(of.first_age, end + 1, dtype=np.float64)
        if len(knots) > NODES:
            raise InvalidSetting(f"A horizon of {horizon_years:g} years is too long for a life table.")
        knots = np.concatenate([knots, knots[-1] + 1 + np.arange(NODES - len(knots))])
        cumulative = np.stack([self.table.cumulative_hazard(knots, female) for female in (False, True)])
        times = np.ascontiguousarray(np.broadcast_to(knots, cumulative.shape))
        ratio = np.asarray(self.ratio, dtype=np.float64)
        ratio = ratio if ratio.ndim == 2 else np.atleast_1d(ratio)[:, None]
        rows = sex.astype(np.int64)[None, :]
        return Part(TABLE, True, np.zeros((1, 1, 2)), ratio, rows, ages, times, cumulative)


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


def side_by_side(
    hazards: Sequence[Hazard | Background | None], *, draws: int, patients: int, horizon_years: float
) -> Clocks:
    """Return hazards stacked for the kernel; None never happens.

    Raises
    ------
    InvalidSetting
        Where a hazard holds another number of draws or of patients.
    """
    from coley.economics.simulation.clock_kernel import Clocks

    nothing = np.zeros((0, NODES))
    one, zero = np.ones((1, 1)), np.zeros((1, 1), dtype=np.int64)
    never = Part(NEVER, False, np.zeros((1, 1, 2)), one, zero, np.zeros(1), nothing, nothing)
    parts = [never if hazard is None else hazard.part(horizon_years) for hazard in hazards]
    for part in parts:
        for values in (part.parameters, part.ratio, part.row):
            if values.shape[0] not in (1, draws) or values.shape[1] not in (1, patients):
                raise InvalidSetting(
                    f"A hazard holds {values.shape[0]} draws and {values.shape[1]} patients; "
                    f"the simulation {draws} and {patients}."
                )
    firsts = np.cumsum([0, *(len(part.times) for part in parts)])
    rows = [part.row + first for part, first in zip(parts, firsts, strict=False)]
    times = np.concatenate([part.times for part in parts])
    cumulative = np.concatenate([part.cumulative for part in parts])
    return Clocks(
        np.array([part.kind for part in parts]),
        np.array([part.forward for part in parts]),
        _stacked([part.parameters for part in parts]),
        _stacked([part.ratio for part in parts]),
        _stacked(rows),
        _stacked([part.offset for part in parts]),
        times if len(times) else np.zeros((1, NODES)),
        cumulative if len(times) else np.zeros((1, NODES)),
    )


def _stacked(arrays: Sequence[NDArray[Number]]) -> NDArray[Number]:
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return np.ascontiguousarray(np.stack([np.broadcast_to(a, shape) for a in arrays]))
