"""A fitted family: estimates with intervals, draws, curves, and what was seen of convergence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.parametric import curves
from coley.stats.tails import z_of
from coley.stats.values import Interval, Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.parametric.data import SurvivalData
    from coley.stats.parametric.family import Family, Floats

    At = Mapping[str, float]

# A standard error of so many scales of its parameter: the likelihood hardly changes along it.
FLAT = 10.0
# An interval of a cured share that is wider than this leaves open whether few are cured or most.
UNDECIDED = 0.5
# A curve of which more than this is left after so many times the follow-up has levelled off.
LEFT, LATE = 0.01, 1e6
# Hills lower than the highest by less than this (half the 95 % point of chi-squared with 1 degree) are as likely.
RIVAL = 1.92


@dataclass(frozen=True, eq=False)
class Search:
    """What was seen of convergence.

    Attributes
    ----------
    end
        "top": no slope left, and curved downwards in every direction. "edge": a parameter reached the end of its
        range, as a cured share of none. "ridge": neither, after all the steps that were allowed.
    gradient
        Slope that is left, in standard errors.
    positive_definite
        Whether the observed information is.
    steps
        Newton steps of the climb that won.
    others
        Other hills that other starts ended on: log-likelihood, end and natural parameters. One of them may be
        higher, if it is a ridge.
    """

    end: str
    gradient: float
    positive_definite: bool
    steps: int
    others: tuple[tuple[float, str, Floats], ...]

    @property
    def converged(self) -> bool:
        """Whether the search ended at a top."""
        return self.end == "top"


@dataclass(frozen=True, eq=False)
class Fit:
    """A family fitted to follow-up.

    Attributes
    ----------
    family, data
        What was fitted to what.
    names
        (B,) names of coefficients: of a parameter, or "parameter:covariate".
    designs
        (n, q) columns of each parameter, the first of ones; B of them in all.
    estimate, covariance
        (B,) and (B, B) on the working scale; the covariance is NaN where the search did not converge.
    loglik
        At the maximum.
    scores
        (n, B) each patient's gradient, without weights.
    search
        What was seen of convergence.
    level
        Coverage of intervals.
    """

    family: Family
    data: SurvivalData
    names: tuple[str, ...]
    designs: tuple[Floats, ...]
    estimate: Floats
    covariance: Floats
    loglik: float
    scores: Floats
    search: Search
    level: float

    @property
    def n(self) -> int:
        """Patients."""
        return self.data.n

    @property
    def events(self) -> int:
        """Events."""
        return self.data.events

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * len(self.estimate) - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of patients."""
        return float(np.log(self.n)) * len(self.estimate) - 2 * self.loglik

    @property
    def estimates(self) -> dict[str, Interval]:
        """Estimates by name: parameters on their natural scale (covariates at zero), covariates as coefficients."""
        links = {p.name: p.link.natural for p in self.family.parameters}
        z, out = z_of(self.level), {}
        with np.errstate(all="ignore"):
            for j, name in enumerate(self.names):
                value, se = self.estimate[j], float(np.sqrt(self.covariance[j, j]))
                ends = np.array([value, value - z * se, value + z * se])
                if name in links:
                    ends = links[name](ends)
                centre, low, high = (float(end) for end in (ends[0], min(ends[1:]), max(ends[1:])))
                out[name] = Interval(centre, low, high, self.level, se)
        return out

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Coefficients along which the likelihood is flat; all where the search did not end at a top."""
        if not self.search.converged:
            return self.names
        scale = np.repeat(self.family.scales(self.data.horizon), [d.shape[1] for d in self.designs])
        extent = np.concatenate([np.abs(d).max(axis=0) for d in self.designs])
        flat = np.sqrt(np.diag(self.covariance)) * extent > FLAT * scale
        if self.family.basis:
            flat = np.zeros_like(flat)
        return tuple(name for name, f in zip(self.names, flat, strict=True) if f)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before believing the fit, in sentences."""
        told = []
        if self.search.end == "edge":
            told.append(
                f"The cured share ran to {round(self.estimates['cured'].value)}: fit the family without it."
            )
        elif self.search.end == "ridge":
            told.append("The search did not end at a maximum: no interval can be given.")
        elif self.undetermined:
            told.append(f"The data do not determine {', '.join(self.undetermined)}.")
        for height, end, place in self.search.others:
            if self.loglik - height < RIVAL:
                told.append(
                    f"{'A ridge' if end == 'ridge' else 'Another maximum'} is {self._compared(height)}: "
                    + ", ".join(f"{name} {v:.4g}" for name, v in zip(self.family.names, place, strict=True))
                    + "."
                )
        if self.family.cure and self.search.converged and self.designs[0].shape[1] == 1:
            cured = self.estimates["cured"]
            if not cured.high - cured.low < UNDECIDED:
                told.append(
                    f"The cured share is not determined: {cured.value:.2f}, interval {cured.low:.2f} to "
                    f"{cured.high:.2f}."
                )
        told += self._of_the_curve()
        return tuple(told)

    def _compared(self, height: float) -> str:
        gap = self.loglik - height
        return (
            f"nearly as likely (log-likelihood lower by {gap:.2f})" if gap > 0 else f"likelier by {-gap:.2f}"
        )

    def _of_the_curve(self) -> list[str]:
        """Say where the curve (covariates at zero) does what a survival curve of people would not."""
        told, theta = [], self.parameters()
        late = float(curves.survival(self.family, theta, [LATE * self.data.horizon])[0])
        if late > LEFT and not self.family.cure:
            told.append(f"The curve levels off at {late:.2f}, although the family has no cured share.")
        grid = self.data.horizon * np.geomspace(0.01, 10, 200)
        if np.isnan(curves.hazard(self.family, theta, grid)).any():
            told.append("The fitted curve rises somewhere: its hazard is negative there.")
        return told

    def draws(self, n: int, *, seed: int | np.random.Generator) -> Floats:
        """Draw (n, B) coefficients on the working scale from their asymptotic normal distribution.

        Raises
        ------
        NotEstimable
            Where the data do not determine the parameters, so that there is no such distribution.
        """
        root = self.root()
        return self.estimate + np.random.default_rng(seed).standard_normal((n, len(self.estimate))) @ root.T

    def root(self) -> Floats:
        """Return the lower Cholesky factor of the covariance; errors as for `draws`."""
        if self.undetermined:
            raise NotEstimable(
                f"The {self.family.title} model cannot be drawn from: the data do not determine "
                f"{', '.join(self.undetermined)}.",
                cause="too few events, or a family with more parameters than the curve has features",
                remedy="Use a simpler family; for a cured share, longer follow-up.",
            )
        size = np.sqrt(np.diag(self.covariance))
        return np.asarray(size[:, None] * np.linalg.cholesky(self.covariance / np.outer(size, size)))

    def parameters(self, draws: ArrayLike | None = None, *, at: At | None = None) -> Floats:
        """Return natural parameters (D, P) of working draws (D, B), or (P,) of the estimates.

        Parameters
        ----------
        draws
            (D, B) working coefficients; the estimates without.
        at
            Covariate to value; zero for all without. The name of a covariate stands for it on every parameter.

        Raises
        ------
        InvalidSetting
            Where a covariate of the model is not given, or one is given that it does not have.
        """
        beta = self.estimate if draws is None else np.asarray(draws, dtype=float)
        rows = self._rows(at)
        parts = [beta[..., self._first(j) : self._first(j) + len(row)] @ row for j, row in enumerate(rows)]
        return self.family.natural(np.stack(parts, axis=-1))

    def survival(self, times: ArrayLike, *, at: At | None = None) -> Intervals:
        """Return (net) survival at times (T,) with delta-method intervals on the scale of log(-log S)."""
        parts = self._delta(lambda p: np.log(curves.cumulative_hazard(self.family, p, times)), at)
        with np.errstate(over="ignore"):
            value, high, low = (np.exp(-np.exp(part)) for part in parts)
        return Intervals(value, low, high, self.level)

    def cumulative_hazard(self, times: ArrayLike, *, at: At | None = None) -> Intervals:
        """Return the cumulative hazard at times (T,) with delta-method intervals on its logarithm."""
        parts = self._delta(lambda p: np.log(curves.cumulative_hazard(self.family, p, times)), at)
        return _exp(parts, self.level)

    def hazard(self, times: ArrayLike, *, at: At | None = None) -> Intervals:
        """Return the (excess) hazard at times (T,) with delta-method intervals on its logarithm."""
        parts = self._delta(lambda p: np.log(curves.hazard(self.family, p, times)), at)
        return _exp(parts, self.level)

    def restricted_mean(self, horizon: float, *, at: At | None = None) -> Interval:
        """Return the mean time before the horizon with a delta-method interval on its logarithm."""
        parts = self._delta(lambda p: np.log(curves.restricted_mean(self.family, p, horizon))[..., None], at)
        return _exp(parts, self.level)[0]

    def cure_fraction(self, *, at: At | None = None) -> Interval:
        """Return the share that never has the event, with an interval on the scale of its link.

        Raises
        ------
        InvalidSetting
            Where the family has no such share.
        """
        if not self.family.cure:
            raise InvalidSetting(
                f"The {self.family.title} model has no cured share.", remedy="Wrap it by mixture_cure."
            )
        row = self._rows(at)[0]
        eta = float(self.estimate[: len(row)] @ row)
        with np.errstate(invalid="ignore"):
            se = float(np.sqrt(row @ self.covariance[: len(row), : len(row)] @ row))
        z, natural = z_of(self.level), self.family.parameters[0].link.natural
        with np.errstate(all="ignore"):
            value, *ends = natural(np.array([eta, eta - z * se, eta + z * se]))
        return Interval(float(value), float(min(ends)), float(max(ends)), self.level, se)

    def _delta(self, functional: Callable[[Floats], Floats], at: At | None) -> tuple[Floats, Floats, Floats]:
        """Return value and limits of a function of natural parameters, from its slope in the coefficients."""
        steps = self._steps()
        moves = np.concatenate([s * np.diag(steps) for s in (0.0, -2.0, -1.0, 1.0, 2.0)])[len(steps) - 1 :]
        with np.errstate(all="ignore"):
            values = functional(self.parameters(self.estimate + moves, at=at))
            value, (b, a, c, d) = values[0], values[1:].reshape(4, len(steps), -1)
            slope = (b - 8 * a + 8 * c - d) / (12 * steps[:, None])
            # Where nothing has happened yet (survival one, its log cumulative hazard minus infinity) nothing varies.
            slope = np.where(np.isneginf(value), 0.0, slope)
            half = z_of(self.level) * np.sqrt(np.einsum("bt,bc,ct->t", slope, self.covariance, slope))
        return value, value - half, value + half

    def _steps(self) -> Floats:
        """Return a step of each coefficient over which curves change smoothly: a hundredth of its scale."""
        scale = np.repeat(self.family.scales(self.data.horizon), [d.shape[1] for d in self.designs])
        return np.asarray(0.01 * scale / np.concatenate([np.abs(d).max(axis=0) for d in self.designs]))

    def _first(self, j: int) -> int:
        return sum(design.shape[1] for design in self.designs[:j])

    def _rows(self, at: At | None) -> list[Floats]:
        """Return the design row of each parameter."""
        labels = [name.split(":", 1)[1] for name in self.names if ":" in name]
        if at is not None and set(at) != set(labels):
            raise InvalidSetting(
                "Each covariate of the model needs a value, and no other can have one.",
                where=f"given {sorted(at)}; the model has {sorted(set(labels))}",
            )
        given = dict.fromkeys(labels, 0.0) if at is None else at
        rows: list[list[float]] = []
        for name in self.names:
            if ":" in name:
                rows[-1].append(float(given[name.split(":", 1)[1]]))
            else:
                rows.append([1.0])
        return [np.array(row) for row in rows]


def _exp(parts: tuple[Floats, Floats, Floats], level: float) -> Intervals:
    with np.errstate(over="ignore"):
        value, low, high = (np.exp(part) for part in parts)
    return Intervals(value, low, high, level)
