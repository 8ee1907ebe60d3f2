"""What goes into one run of a model: every uncertain number and every curve's parameters, for any number of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from coley.economics.analysis.fitted import published_family, specified
from coley.economics.analysis.survival import published_parameters
from coley.economics.model_file.parse import quantities
from coley.model.errors import ColeyError, InvalidSetting
from coley.stats.decision.sampling import sample_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.fitted import FittedCurve
    from coley.economics.model_file.curves import Curve as Spec
    from coley.economics.model_file.quantity import Quantity
    from coley.economics.model_file.schema import Model
    from coley.stats.decision.distributions import Distribution

    Floats = NDArray[np.float64]


CURVE = "curve: "  # before the place of a curve, among the names of inputs


@dataclass(frozen=True, eq=False)
class Inputs:
    """Numbers and parameters of curves for D draws.

    Attributes
    ----------
    numbers
        Place of each number in the model file to its draws, (D,).
    curves
        "strategy.endpoint" to natural parameters (D, P) of each of its families.
    ratios
        "strategy.endpoint" to a ratio by which its hazard is multiplied, (D,): the effect in a subgroup.
    """

    numbers: Mapping[str, Floats]
    curves: Mapping[str, tuple[Floats, ...]]
    ratios: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """D."""
        return len(next(iter(self.numbers.values())))

    def rows(self, start: int, stop: int) -> Inputs:
        """Return the draws from one to another."""
        return self.take(slice(start, stop))

    def take(self, which: slice | NDArray[np.int64]) -> Inputs:
        """Return some of the draws."""
        return Inputs(
            {name: values[which] for name, values in self.numbers.items()},
            {name: tuple(p[which] for p in parts) for name, parts in self.curves.items()},
            {name: values[which] for name, values in self.ratios.items()},
        )


@dataclass(frozen=True, eq=False)
class OneWay:
    """Rows of a one-way analysis: the base case, then each input at its low and its high end.

    Attributes
    ----------
    inputs
        1 + 2 P rows.
    names
        The P inputs that are uncertain: numbers by their place, curves as "curve: strategy.endpoint".
    low, high
        (P,) what they were set to; of a curve its mean years within the horizon.
    """

    inputs: Inputs
    names: tuple[str, ...]
    low: Floats
    high: Floats


def base_case(model: Model, fitted: Mapping[str, FittedCurve]) -> Inputs:
    """Return the estimates themselves, one draw."""
    numbers = {place: np.array([number.value]) for place, number in quantities(model).items()}
    curves = {place: tuple(fit.parameters()[None] for fit in one.fits) for place, one in fitted.items()}
    return Inputs(numbers, curves)


def drawn(model: Model, fitted: Mapping[str, FittedCurve], *, draws: int, seed: int) -> Inputs:
    """Return draws of everything that is uncertain.

    Each number and each curve has a stream of its own, from the seed and its name: what is added to a model later
    changes no draw of what was there. Follow-ups of the same patients are drawn together, and so are parameters of one
    published curve whose covariance is known. A Latin hypercube spreads the numbers; curves are drawn at random.
    """
    known = quantities(model)
    sample = sample_parameters(
        {place: _believed(place, n) for place, n in known.items()},
        draws,
        seed,
        correlation=correlated(model),
        design=model.sampling,
    )
    numbers = {place: sample[place] for place in known}
    curves: dict[str, tuple[Floats, ...]] = {}
    for together in _same_people(fitted):
        curves |= _drawn_together({place: fitted[place] for place in together}, draws, seed)
    return Inputs(numbers, curves)


def jointly_published(model: Model) -> dict[str, Spec]:
    """Return the published curves whose parameters vary together, as the paper says, by "strategy.endpoint"."""
    return {
        place: spec
        for place, spec in specified(model).items()
        if spec.published is not None and spec.published.joint
    }


def joint_parameters(model: Model) -> dict[str, tuple[str, ...]]:
    """Return the places of the parameters that vary together, by "strategy.endpoint"."""
    return {
        place: tuple(f"strategies.{place}.published.parameters.{name}" for name in spec.published.parameters)
        for place, spec in jointly_published(model).items()
        if spec.published is not None
    }


def correlated(model: Model) -> dict[tuple[str, str], float]:
    """Return Spearman correlations of published parameters, by the places of two numbers in the model file.

    On the scale of the fit they are normal, and there r between two of them is 6 / pi arcsin(r / 2) between ranks.
    """
    found: dict[tuple[str, str], float] = {}
    for place, names in joint_parameters(model).items():
        published = specified(model)[place].published
        if published is None:
            continue
        ranks = 6 / np.pi * np.arcsin(published.correlations() / 2)
        found |= {(names[i], names[j]): float(ranks[i, j]) for j in range(len(names)) for i in range(j)}
    return found


def _believed(place: str, number: Quantity) -> Distribution:
    """Return the distribution of a number; what is wrong with it is told with its place."""
    try:
        return number.believed()
    except (ColeyError, ValueError) as error:
        if not isinstance(error, ColeyError):
            raise InvalidSetting(f"{error}.", where=place) from None
        raise InvalidSetting(error.what, where=place, cause=error.cause, remedy=error.remedy) from None


def _same_people(fitted: Mapping[str, FittedCurve]) -> list[list[str]]:
    """Return the curves in groups that were fitted to the same people."""
    groups: dict[str, list[str]] = {}
    for place, one in fitted.items():
        groups.setdefault(one.follow_up.patients or place, []).append(place)
    return list(groups.values())


def _drawn_together(
    fitted: Mapping[str, FittedCurve], draws: int, seed: int
) -> dict[str, tuple[Floats, ...]]:
    """Draw all families of some curves; where there are several curves, with their correlation across endpoints."""
    from coley.stats.parametric.joint import joint_draws

    stream = np.random.default_rng([seed, crc32(" ".join(fitted).encode())])
    if len(fitted) == 1:
        ((place, one),) = fitted.items()
        return {place: tuple(fit.parameters(fit.draws(draws, seed=stream)) for fit in one.fits)}
    fits = [fit for one in fitted.values() for fit in one.fits]
    who = [one.follow_up.identifiers() for one in fitted.values() for _ in one.fits]
    made = iter(joint_draws(fits, draws, seed=stream, patients=who))
    return {place: tuple(fit.parameters(next(made)) for fit in one.fits) for place, one in fitted.items()}


def curve_years(model: Model, fitted: Mapping[str, FittedCurve], inputs: Inputs) -> dict[str, Floats]:
    """Return the mean years within the horizon of each curve in each draw, before background mortality.

    Of curves that are fitted, and of those published with a covariance: what counts is how a whole curve lies.
    """
    from coley.stats.parametric.curves import restricted_mean

    horizon_years, found = model.horizon_years, {}
    for place, spec in jointly_published(model).items():
        theta, per_year = published_parameters(place, spec, inputs)
        years = restricted_mean(published_family(spec), theta, horizon_years * per_year) / per_year
        found[place] = np.asarray(years, dtype=np.float64)
    for place, one in fitted.items():
        each = [
            weight * restricted_mean(fit.family, p, horizon_years)
            for fit, p, weight in zip(one.fits, inputs.curves[place], one.weights, strict=True)
        ]
        found[place] = np.asarray(sum(each), dtype=np.float64)
    return found


def one_way(model: Model, fitted: Mapping[str, FittedCurve], inputs: Inputs) -> OneWay:
    """Return the rows of a one-way analysis of all numbers that are uncertain, and of every curve.

    A curve has no low and high end of its own: it takes the draws whose mean years within the horizon are at 2.5 %
    and 97.5 % of all draws.

    Parameters
    ----------
    inputs
        Draws, from `drawn`.
    """
    base, known = base_case(model, fitted), quantities(model)
    joint = joint_parameters(model)
    apart = {name for names in joint.values() for name in names}
    numbered = [place for place, number in known.items() if number.uncertain and place not in apart]
    ends = [known[place].ends() for place in numbered]
    whole = (*fitted, *joint)
    count = 1 + 2 * (len(numbered) + len(whole))
    numbers = {place: np.repeat(values, count) for place, values in base.numbers.items()}
    for i, (place, pair) in enumerate(zip(numbered, ends, strict=True)):
        numbers[place][1 + 2 * i : 3 + 2 * i] = pair
    curves = {
        place: tuple(np.repeat(p, count, axis=0) for p in parts) for place, parts in base.curves.items()
    }
    years = curve_years(model, fitted, inputs)
    for i, place in enumerate(whole, start=len(numbered)):
        order = np.argsort(years[place], kind="stable")
        at = order[np.rint(np.array([0.025, 0.975]) * (len(order) - 1)).astype(int)]
        rows = slice(1 + 2 * i, 3 + 2 * i)
        for values, draws in zip(curves.get(place, ()), inputs.curves.get(place, ()), strict=True):
            values[rows] = draws[at]
        for name in joint.get(place, ()):
            numbers[name][rows] = inputs.numbers[name][at]
        ends.append((float(years[place][at[0]]), float(years[place][at[1]])))
    low, high = np.array(ends).reshape(-1, 2).T
    names = (*numbered, *(f"{CURVE}{place}" for place in whole))
    return OneWay(Inputs(numbers, curves), names, low, high)
