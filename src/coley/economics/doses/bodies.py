"""How body weight (or body surface) is distributed among patients, with what dosing needs of it in closed form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Means of a group of patients that are believed, from small children to a very heavy group. A mean above
# 130 kg is far above any published cohort of cancer patients, and is what a mean in pounds looks like.
PLAUSIBLE_MEAN = {"kg": (5.0, 130.0), "m2": (0.2, 3.0)}
POUNDS_PER_KG = 2.2046226218
FAR = 9.0  # standard deviations beyond which a normal tail (1e-19) costs nothing

MOSTELLER = "Mosteller RD. Simplified calculation of body-surface area. N Engl J Med 1987;317:1098."
DUBOIS = (
    "Du Bois D, Du Bois EF. A formula to estimate the approximate surface area if height and weight be "
    "known. Arch Intern Med 1916;17:863-871."
)


class Body(ABC):
    """A distribution of body weight in kg, or of body surface in m2; each number may be drawn (D,)."""

    unit: str

    @property
    def continuous(self) -> bool:
        """Whether no single value has a chance of its own."""
        return True

    @abstractmethod
    def _below(self, x: Floats) -> tuple[Floats, Floats]:
        """Return `cdf` and `partial_mean` at x, (1 or D, J)."""

    def cdf(self, x: ArrayLike) -> Floats:
        """Return the share of patients at or below each of the values x, (J,) or (D, J), as (D, J)."""
        return self._below(np.atleast_2d(np.asarray(x, dtype=np.float64)))[0]

    def partial_mean(self, x: ArrayLike) -> Floats:
        """Return the mean of B where B is at most x and 0 elsewhere, for x (J,) or (D, J), as (D, J)."""
        return self._below(np.atleast_2d(np.asarray(x, dtype=np.float64)))[1]

    @property
    @abstractmethod
    def largest(self) -> float:
        """A value that practically no patient exceeds."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return values of patients (size,), at the first draw of the parameters."""

    def drawn(self, part: slice) -> Body:
        """Return the distribution at some of the draws of its parameters; itself where nothing is drawn."""
        return self

    @property
    def average(self) -> Floats:
        """Mean of each draw after any cut, (D,)."""
        return self.partial_mean([self.largest])[:, 0]


class _Truncated(Body):
    """A continuous distribution cut to the range from `low` to `high`."""

    low: float
    high: float

    @abstractmethod
    def _whole(self, x: Floats) -> tuple[Floats, Floats]:
        """Return cdf and partial mean at x (1 or D, J) of the distribution before it is cut."""

    @abstractmethod
    def _quantile(self, p: Floats) -> Floats: ...

    def _below(self, x: Floats) -> tuple[Floats, Floats]:
        at = self._whole(np.clip(x, self.low, self.high))
        low, high = (self._whole(np.array([[end]])) for end in (self.low, self.high))
        inside = high[0] - low[0]
        return (at[0] - low[0]) / inside, (at[1] - low[1]) / inside

    def drawn(self, part: slice) -> Body:
        """Return the distribution at some of the draws of its parameters."""
        cut = {
            name: values if len(values) == 1 else values[part]
            for name in ("mean", "sd")
            for values in (np.atleast_1d(getattr(self, name)),)
        }
        return replace(self, **cut)  # type: ignore[type-var]

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return values of patients (size,), at the first draw of the parameters."""
        low, high = (float(self._whole(np.array([[end]]))[0][0, 0]) for end in (self.low, self.high))
        return self._quantile(low + (high - low) * rng.random(size))


@dataclass(frozen=True, eq=False)
class Normal(_Truncated):
    """Normal with mean and SD as they are before it is cut to the range from `low` to `high`.

    Examples
    --------
    >>> weight = Normal(83.38, 18.01)
    >>> weight.cdf([80]).round(3)
    array([[0.426]])
    """

    mean: ArrayLike
    sd: ArrayLike
    low: float = 0.0
    high: float = np.inf
    unit: str = "kg"

    def __post_init__(self) -> None:
        _examine(self)

    def _whole(self, x: Floats) -> tuple[Floats, Floats]:
        from scipy.special import ndtr

        mean, sd = np.atleast_1d(self.mean)[:, None], np.atleast_1d(self.sd)[:, None]
        z = (x - mean) / sd
        below = ndtr(z)
        return below, mean * below - sd * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    def _quantile(self, p: Floats) -> Floats:
        from scipy.special import ndtri

        return np.asarray(np.atleast_1d(self.mean)[0] + np.atleast_1d(self.sd)[0] * ndtri(p))

    @property
    def largest(self) -> float:
        """A value that practically no patient exceeds."""
        return min(self.high, float((np.atleast_1d(self.mean) + FAR * np.atleast_1d(self.sd)).max()))


@dataclass(frozen=True, eq=False)
class LogNormal(_Truncated):
    """Log-normal with mean and SD of the quantity itself (not of its logarithm), before it is cut."""

    mean: ArrayLike
    sd: ArrayLike
    low: float = 0.0
    high: float = np.inf
    unit: str = "kg"

    def __post_init__(self) -> None:
        _examine(self)

    @property
    def _log(self) -> tuple[Floats, Floats]:
        mean, sd = np.atleast_1d(self.mean), np.atleast_1d(self.sd)
        variance = np.log1p((sd / mean) ** 2)
        return np.log(mean) - variance / 2, np.sqrt(variance)

    def _whole(self, x: Floats) -> tuple[Floats, Floats]:
        from scipy.special import ndtr

        mu, sigma = (part[:, None] for part in self._log)
        with np.errstate(divide="ignore"):
            z = (np.log(x) - mu) / sigma
        return ndtr(z), np.atleast_1d(self.mean)[:, None] * ndtr(z - sigma)

    def _quantile(self, p: Floats) -> Floats:
        from scipy.special import ndtri

        mu, sigma = self._log
        return np.asarray(np.exp(mu[0] + sigma[0] * ndtri(p)))

    @property
    def largest(self) -> float:
        """A value that practically no patient exceeds."""
        mu, sigma = self._log
        return min(self.high, float(np.exp(mu + FAR * sigma).max()))


@dataclass(frozen=True, eq=False)
class Empirical(Body):
    """The values seen in a cohort, each patient counting once.

    Examples
    --------
    >>> Empirical([55, 70, 85, 102]).cdf([80, 100])
    array([[0.5 , 0.75]])
    """

    values: ArrayLike
    unit: str = "kg"

    def __post_init__(self) -> None:
        name = {"kg": "A body weight", "m2": "A body surface"}[_unit(self.unit)]
        values = np.sort(draws_of(self.values, name, low=np.nextafter(0, 1), unit=self.unit))
        _believe(values.mean(), self.unit)
        object.__setattr__(self, "values", values)

    @property
    def continuous(self) -> bool:
        """False: each value seen has a chance of its own."""
        return False

    @property
    def _sorted(self) -> Floats:
        return np.asarray(self.values, dtype=np.float64)

    def _below(self, x: Floats) -> tuple[Floats, Floats]:
        below = np.searchsorted(self._sorted, x, side="right")
        sums = np.concatenate([[0.0], np.cumsum(self._sorted)])
        return below / len(self._sorted), sums[below] / len(self._sorted)

    @property
    def largest(self) -> float:
        """The largest value seen."""
        return float(self._sorted[-1])

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return values drawn with replacement (size,)."""
        return rng.choice(self._sorted, size)


@dataclass(frozen=True, eq=False)
class Mixture(Body):
    """Groups of patients with distributions of their own, as women and men.

    Examples
    --------
    >>> both = Mixture([0.29, 0.71], [Normal(72, 15), Normal(88, 17)])
    >>> both.average.round(2)
    array([83.36])
    """

    shares: Sequence[float]
    parts: Sequence[Body]

    def __post_init__(self) -> None:
        shares = draws_of(self.shares, "The share of a group", high=1.0)
        if len(shares) != len(self.parts) or abs(shares.sum() - 1) > 1e-9:
            raise InvalidSetting(
                f"The shares of {len(self.parts)} groups must be as many and add up to 1.",
                where=f"shares {shares.tolist()} add up to {shares.sum():g}",
            )
        if len({part.unit for part in self.parts}) > 1:
            raise InvalidSetting("Groups must all be given in kg, or all in m2.")

    @property
    def unit(self) -> str:  # type: ignore[override]
        """Unit of every group."""
        return self.parts[0].unit

    @property
    def continuous(self) -> bool:
        """Whether every group is."""
        return all(part.continuous for part in self.parts)

    def _below(self, x: Floats) -> tuple[Floats, Floats]:
        parts = [part._below(x) for part in self.parts]
        count_of_draws(*(below for below, _ in parts))
        cdf, mean = (
            sum(share * part[i] for share, part in zip(self.shares, parts, strict=True)) for i in (0, 1)
        )
        return np.asarray(cdf), np.asarray(mean)

    def drawn(self, part: slice) -> Body:
        """Return the mixture at some of the draws of its groups' parameters."""
        return replace(self, parts=[group.drawn(part) for group in self.parts])

    @property
    def largest(self) -> float:
        """A value that practically no patient exceeds."""
        return max(part.largest for part in self.parts)

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return values of patients (size,), each of a group drawn by its share."""
        group = rng.choice(len(self.parts), size, p=np.asarray(self.shares))
        values = np.empty(size)
        for i, part in enumerate(self.parts):
            values[group == i] = part.sample(rng, int((group == i).sum()))
        return values


SURFACE_FORMULAS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "mosteller": lambda kg, cm: np.sqrt(kg * cm / 3600),
    "du_bois": lambda kg, cm: 0.007184 * kg**0.425 * cm**0.725,
}


@method(
    "body_surface",
    title="Body surface area",
    summary="Body surface from weight and height, by the formula of Mosteller or of Du Bois and Du Bois.",
    needs="weight in kg and height in cm of each patient",
    limits="The two differ by several per cent in obese patients.",
    references=(MOSTELLER, DUBOIS),
)
def body_surface_m2(weight_kg: ArrayLike, height_cm: ArrayLike, *, formula: str = "mosteller") -> Floats:
    """Return body surfaces in m2.

    Parameters
    ----------
    weight_kg, height_cm
        One value a patient, in kg and cm.
    formula
        "mosteller" or "du_bois".

    Raises
    ------
    InvalidSetting
        Where a value is not positive, a height looks like metres, or the formula is unknown.

    References
    ----------
    Mosteller 1987; Du Bois and Du Bois 1916.

    Examples
    --------
    >>> body_surface_m2([70], [175]).round(3)
    array([1.845])
    """
    if formula not in SURFACE_FORMULAS:
        raise InvalidSetting(
            f"There is no formula of body surface named {formula!r}.",
            remedy=f"Known: {', '.join(SURFACE_FORMULAS)}.",
        )
    kg = draws_of(weight_kg, "A body weight", low=np.nextafter(0, 1), unit="kg")
    cm = draws_of(height_cm, "A height", low=30.0, high=250.0, unit="cm (a height of 1.75 is in metres)")
    return SURFACE_FORMULAS[formula](kg, cm)


def _unit(unit: str) -> str:
    if unit not in PLAUSIBLE_MEAN:
        raise InvalidSetting(f"Bodies are measured in kg or m2, not in {unit!r}.")
    return unit


def _examine(body: Normal | LogNormal) -> None:
    mean = draws_of(body.mean, "The mean of a body measure", unit=_unit(body.unit))
    sd = draws_of(body.sd, "The SD of a body measure", low=np.nextafter(0, 1), unit=body.unit)
    count_of_draws(mean, sd)
    if not 0 <= body.low < body.high:
        raise InvalidSetting(f"A body measure cannot range from {body.low!r} to {body.high!r} {body.unit}.")
    _believe(float(mean.mean()), body.unit)
    object.__setattr__(body, "mean", mean)
    object.__setattr__(body, "sd", sd)


def _believe(mean: float, unit: str) -> None:
    low, high = PLAUSIBLE_MEAN[unit]
    if not low <= mean <= high:
        kg = mean / POUNDS_PER_KG
        raise InvalidSetting(
            f"A mean of {mean:g} {unit} is not believed of a group of patients.",
            cause=f"It may be in pounds: {mean:g} lb are {kg:.1f} kg."
            if unit == "kg" and mean > high
            else "",
            remedy=f"Give values in {unit}; means from {low:g} to {high:g} {unit} are taken.",
        )
