"""A family of survival distributions, as a value: parameters with links, and functions in logarithms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.parametric.links import LOG, Link

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Theta = Sequence[NDArray[np.float64]]  # natural parameters, each an array that broadcasts against time


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a family.

    Attributes
    ----------
    name
        As papers call it.
    link
        To the scale on which it is estimated.
    scale
        A step on that scale that moves the log-likelihood of a patient by about one.
    per_time
        Whether the working value is per unit of time, so that its scale follows the unit.
    edges
        Natural values beyond which the parameter is as good as at the end of its range, where a search stops.
    """

    name: str
    link: Link = LOG
    scale: float = 1.0
    per_time: bool = False
    edges: tuple[float, float] = (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class Outline:
    """What starting values are read from: a survival curve without a model.

    Attributes
    ----------
    times, log_survival
        (K,) at distinct times of events, the Nelson-Aalen estimate of the logarithm of survival after them.
    rate
        Events per unit of time at risk.
    """

    times: Floats
    log_survival: Floats
    rate: float


@dataclass(frozen=True, eq=False)
class Family:
    """A family of distributions of a time that is not negative.

    Attributes
    ----------
    name, title
        Short name ("log_normal") and the field's name.
    parameters
        In order; P of them.
    log_hazard_survival
        From natural parameters (P arrays) and times above zero to the logarithms of hazard and of survival.
    time_at
        From natural parameters and a logarithm of survival to the time at which survival is that; infinite
        where it never is.
    mean
        From natural parameters to the mean, infinite where there is none.
    starts
        From an outline of the data to places (natural parameters) from which to search.
    breaks
        Times at which the hazard jumps, for quadrature.
    cure
        Whether the first parameter is the share that never has the event.
    basis
        Whether the parameters are coefficients of a basis: each by itself may be loose where knots lie close
        together, while the curve that they make is not.
    references
        Where the family is from.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    log_hazard_survival: Callable[[Theta, Floats], tuple[Floats, Floats]]
    time_at: Callable[[Theta, Floats], Floats]
    mean: Callable[[Theta], Floats]
    starts: Callable[[Outline], list[tuple[float, ...]]]
    breaks: tuple[float, ...] = ()
    cure: bool = False
    basis: bool = False
    references: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    def natural(self, working: ArrayLike) -> Floats:
        """Return natural parameters (..., P) from working ones."""
        eta = np.asarray(working, dtype=float)
        return np.stack([p.link.natural(eta[..., j]) for j, p in enumerate(self.parameters)], axis=-1)

    def working(self, natural: ArrayLike) -> Floats:
        """Return working parameters (..., P) from natural ones.

        Raises
        ------
        InvalidSetting
            Where a parameter is out of its range, or there are too many or too few.
        """
        theta = np.asarray(natural, dtype=float)
        if theta.ndim == 0 or theta.shape[-1] != len(self.parameters):
            raise InvalidSetting(
                f"The {self.title} distribution has {len(self.parameters)} parameters: {', '.join(self.names)}.",
                where=f"given an array of shape {theta.shape}",
            )
        with np.errstate(all="ignore"):
            eta = np.stack([p.link.working(theta[..., j]) for j, p in enumerate(self.parameters)], axis=-1)
        if np.isnan(eta).any():
            wrong = [name for j, name in enumerate(self.names) if np.isnan(eta[..., j]).any()]
            raise InvalidSetting(
                f"{', '.join(wrong)} of the {self.title} distribution is out of range.",
                cause="parameters of another parametrisation, or in another order",
                remedy=f"Give natural parameters in this order: {', '.join(self.names)}.",
            )
        return eta

    def scales(self, horizon: float) -> Floats:
        """Return the scale of each working parameter, for data that reach to `horizon`."""
        return np.array([p.scale / (horizon if p.per_time else 1.0) for p in self.parameters])
