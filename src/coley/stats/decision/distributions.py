"""Distributions of uncertain parameters as values, made from what papers print: means, errors, intervals, counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.registry import Registry
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is believed about a parameter, or about several that belong together.

    Attributes
    ----------
    family
        Its name in the registry.
    parameters
        Its own parameters, by name.
    mean, sd
        Of each output, (m,).
    draw
        Uniform numbers, (D, inputs), to values, (D, m): the quantile function, so that one set of uniform numbers,
        however arranged, serves every family.
    inputs
        Uniform numbers that a draw takes.
    labels
        Of the outputs, where there are several.
    """

    family: str
    parameters: Mapping[str, float]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    draw: Callable[[Floats], Floats] = field(compare=False, repr=False)
    inputs: int = 1
    labels: tuple[str, ...] = ()


SKEW = 0.1  # of the width of an interval: more than rounding as printed makes of a symmetric one

# Family -> the sets of keywords from which it can be made -> how.
FAMILIES: Registry[Mapping[frozenset[str], Callable[..., Distribution]]] = Registry("family of distributions")


def distribution(family: str, **given: float) -> Distribution:
    """Make the distribution of one parameter from what is known of it.

    Parameters
    ----------
    family
        "normal", "lognormal", "beta", "gamma", "uniform", "triangular" or "fixed".
    **given
        What is known, under the names that the family takes: `mean` and `sd` (or `se`: the standard error of an
        estimate is the standard deviation of what is believed about it); `mean`, `low`, `high` (limits of an
        interval, with `level`, 0.95 where not given); for a lognormal `median` with `log_sd` or with `low` and
        `high` (a hazard ratio and its interval); for a beta `alpha` and `beta`, or `events` and `n`; for a gamma
        `shape` and `scale`; `low` and `high`; `low`, `mode`, `high`; `value`.

    Raises
    ------
    UnknownName
        For a family that does not exist.
    InvalidSetting
        Where these keywords do not determine it, or no such distribution has these moments.

    References
    ----------
    Briggs A, Claxton K, Sculpher M. Decision modelling for health economic evaluation. Oxford 2006, chapter 4
    (method of moments).

    Examples
    --------
    >>> {name: round(value, 9) for name, value in distribution("beta", mean=0.7, se=0.1).parameters.items()}
    {'alpha': 14.0, 'beta': 6.0}
    >>> hazard_ratio = distribution("lognormal", median=0.62, low=0.48, high=0.8)
    >>> round(hazard_ratio.parameters["log_sd"], 4)
    0.1303
    """
    ways = FAMILIES[family]
    if "se" in given and "sd" not in given:
        given = {("sd" if name == "se" else name): value for name, value in given.items()}
    for name, value in given.items():
        if not np.isfinite(value):
            raise InvalidSetting(f"The {name} of a {family} distribution cannot be {value}.")
    level = given.pop("level") if "level" in given and {"low", "high"} <= given.keys() else 0.95
    make = ways.get(frozenset(given))
    if make is None:
        known = "; or ".join(", ".join(sorted(way)) for way in ways)
        raise InvalidSetting(
            f"A {family} distribution cannot be made from {', '.join(sorted(given)) or 'nothing'}.",
            remedy=f"Give {known}.",
        )
    if {"low", "high"} <= given.keys():
        if not given["low"] < given["high"]:
            raise InvalidSetting(
                f"The limits {given['low']:g} and {given['high']:g} of a {family} distribution do not increase."
            )
        middle = next((given[name] for name in ("mean", "median", "mode") if name in given), None)
        if middle is not None and not given["low"] <= middle <= given["high"]:
            raise InvalidSetting(
                f"The value {middle:g} lies outside its limits {given['low']:g} to {given['high']:g}.",
                cause="limits of another quantity, or of another scale",
            )
    if "sd" in given and not given["sd"] > 0:
        raise InvalidSetting(
            f"The spread of a {family} distribution must be positive, not {given['sd']:g}.",
            remedy='What is known exactly is "fixed".',
        )
    width = {"width": (given["high"] - given["low"]) / (2 * z_of(level))} if _by_interval(given) else {}
    return make(**given, **width)


def _by_interval(given: Mapping[str, float]) -> bool:
    return {"low", "high"} < given.keys() and bool({"mean", "median"} & given.keys())


def _family(name: str, **ways: Callable[..., Distribution]) -> None:
    """Register the ways of making a family; each way's name is its keywords, joined by two underscores."""
    FAMILIES.add(name, {frozenset(way.split("__")): make for way, make in ways.items()})


def _one(
    family: str,
    parameters: dict[str, float],
    moments: tuple[float, float],
    quantile: Callable[[Floats], Floats],
) -> Distribution:
    return Distribution(family, parameters, (moments[0],), (moments[1],), quantile)


def _normal_interval(mean: float, low: float, high: float, width: float) -> Distribution:
    _symmetric("normal", (low, mean, high), "Limits that are symmetric as ratios belong to a lognormal.")
    return _normal(mean, width)


def _normal(mean: float, sd: float) -> Distribution:
    from scipy.special import ndtri

    return _one("normal", {"mean": mean, "sd": sd}, (mean, sd), lambda u: mean + sd * ndtri(u))


def _lognormal(median: float, log_sd: float) -> Distribution:
    from scipy.special import ndtri

    _positive("lognormal", median=median, log_sd=log_sd)
    mean = median * np.exp(log_sd**2 / 2)
    return _one(
        "lognormal",
        {"median": median, "log_sd": log_sd},
        (float(mean), float(mean * np.sqrt(np.expm1(log_sd**2)))),
        lambda u: median * np.exp(log_sd * ndtri(u)),
    )


def _lognormal_moments(mean: float, sd: float) -> Distribution:
    _positive("lognormal", mean=mean)
    variance = np.log1p((sd / mean) ** 2)
    return _lognormal(float(mean * np.exp(-variance / 2)), float(np.sqrt(variance)))


def _lognormal_interval(median: float, low: float, high: float, width: float) -> Distribution:
    _positive("lognormal", low=low, median=median)
    logs = (float(np.log(low)), float(np.log(median)), float(np.log(high)))
    _symmetric("lognormal", logs, "Give the median, not the mean; or limits of the same analysis.")
    return _lognormal(median, width / (high - low) * (logs[2] - logs[0]))


def _beta(alpha: float, beta: float) -> Distribution:
    from scipy.special import betaincinv

    _positive("beta", alpha=alpha, beta=beta)
    total = alpha + beta
    sd = np.sqrt(alpha * beta / (total + 1)) / total
    return _one(
        "beta",
        {"alpha": alpha, "beta": beta},
        (alpha / total, float(sd)),
        lambda u: betaincinv(alpha, beta, u),
    )


def _beta_moments(mean: float, sd: float) -> Distribution:
    if not 0 < mean < 1:
        raise InvalidSetting(
            f"A beta distribution lies between 0 and 1; its mean cannot be {mean:g}.",
            cause="a percentage instead of a fraction" if 1 < mean <= 100 else "",
        )
    largest = np.sqrt(mean * (1 - mean))
    if sd >= largest:
        raise InvalidSetting(
            f"No beta distribution of mean {mean:g} has a standard deviation of {sd:g}: it stays under {largest:.4g}.",
            cause="the spread among patients instead of the standard error of the mean",
            remedy="Divide by the square root of the number of patients.",
        )
    total = mean * (1 - mean) / sd**2 - 1
    return _beta(mean * total, (1 - mean) * total)


def _beta_counts(events: float, n: float) -> Distribution:
    if not 0 < events < n:
        raise InvalidSetting(
            f"{events:g} events of {n:g} do not make a beta distribution by themselves.",
            remedy="Give alpha and beta with a prior added, as 0.5 to each.",
        )
    return _beta(events, n - events)


def _gamma(shape: float, scale: float) -> Distribution:
    from scipy.special import gammaincinv

    _positive("gamma", shape=shape, scale=scale)
    return _one(
        "gamma",
        {"shape": shape, "scale": scale},
        (shape * scale, float(np.sqrt(shape) * scale)),
        lambda u: scale * gammaincinv(shape, u),
    )


def _gamma_moments(mean: float, sd: float) -> Distribution:
    _positive("gamma", mean=mean)
    return _gamma((mean / sd) ** 2, sd**2 / mean)


def _uniform(low: float, high: float) -> Distribution:
    return _one(
        "uniform",
        {"low": low, "high": high},
        ((low + high) / 2, float((high - low) / np.sqrt(12))),
        lambda u: low + (high - low) * u,
    )


def _triangular(low: float, mode: float, high: float) -> Distribution:
    span, rise = high - low, (mode - low) / (high - low)
    variance = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18

    def quantile(u: Floats) -> Floats:
        up, down = low + span * np.sqrt(u * rise), high - span * np.sqrt((1 - u) * (1 - rise))
        return np.where(u < rise, up, down)

    return _one(
        "triangular",
        {"low": low, "mode": mode, "high": high},
        ((low + mode + high) / 3, float(np.sqrt(variance))),
        quantile,
    )


def _fixed(value: float) -> Distribution:
    return _one("fixed", {"value": value}, (value, 0.0), lambda u: np.full(u.shape, value))


def _symmetric(family: str, limits: tuple[float, float, float], remedy: str) -> None:
    low, middle, high = limits
    if abs((high - middle) - (middle - low)) > SKEW * (high - low):
        raise InvalidSetting(
            f"These limits are not symmetric enough about their value for a {family} distribution.",
            where=f"{middle - low:.4g} below and {high - middle:.4g} above"
            + (" on the log scale" if family == "lognormal" else ""),
            cause="limits made on another scale",
            remedy=remedy,
        )


def _positive(family: str, **values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise InvalidSetting(f"The {name} of a {family} distribution must be positive, not {value:g}.")


_family("normal", mean__sd=_normal, mean__low__high=_normal_interval)
_family(
    "lognormal", median__log_sd=_lognormal, mean__sd=_lognormal_moments, median__low__high=_lognormal_interval
)
_family(
    "beta",
    alpha__beta=_beta,
    mean__sd=_beta_moments,
    events__n=_beta_counts,
    mean__low__high=lambda mean, low, high, width: _beta_moments(mean, width),
)
_family(
    "gamma",
    shape__scale=_gamma,
    mean__sd=_gamma_moments,
    mean__low__high=lambda mean, low, high, width: _gamma_moments(mean, width),
)
_family("uniform", low__high=_uniform)
_family("triangular", low__mode__high=_triangular)
_family("fixed", value=_fixed)
