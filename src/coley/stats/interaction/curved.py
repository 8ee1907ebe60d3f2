"""Interaction without a straight line: a restricted cubic spline of the marker in each arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.interaction.arms import MARKER, PRODUCT, TREATED, arms
from coley.stats.multiplicity import global_interaction_test
from coley.stats.survival.cox import COX, CoxFit, cox
from coley.stats.tails import z_of
from coley.stats.values import Intervals, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HARRELL_SPLINES = "Harrell FE. Regression Modeling Strategies. 2nd ed. Springer 2015, section 2.4."
GRID = 41


@dataclass(frozen=True, eq=False)
class CurvedInteraction:
    """How a hazard ratio of a treatment bends along a marker.

    Attributes
    ----------
    interaction
        Test of any change of the hazard ratio with the marker.
    nonlinearity
        Test of a bend in that change, given that it may be a slope.
    marker, effect
        Values of the marker between the 5th and 95th percentile, and the hazard ratio there, with pointwise limits.
    knots
        Of the spline.
    """

    interaction: Test
    nonlinearity: Test
    marker: Floats
    effect: Intervals
    knots: tuple[float, ...]


@method(
    "curved_interaction",
    title="Treatment-by-marker interaction with restricted cubic splines",
    summary="Whether the hazard ratio of a treatment changes along a marker, and whether that change bends.",
    needs="time, event, arm and a continuous marker of each patient of two arms, with some two hundred events",
    limits="More degrees of freedom find less where the truth is a straight line; the curve at the ends rests on few.",
    references=(COX, HARRELL_SPLINES),
)
def curved_interaction(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    marker: ArrayLike,
    covariates: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    knots: ArrayLike | None = None,
    level: float = 0.95,
) -> CurvedInteraction:
    """Test and draw an interaction that need not be linear.

    Parameters
    ----------
    time, event, treated, marker, covariates, strata, level
        As for `treatment_by_marker`.
    knots
        Of the spline; by default four, at Harrell's percentiles of the marker.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used, the marker has too few values, or the model has no maximum.

    References
    ----------
    Harrell 2015, sections 2.4.5 (the spline) and 2.7.2 (tests of interaction and of its non-linearity).

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> arm, x = np.arange(400) % 2, generator.normal(size=400)
    >>> time = generator.exponential(np.exp(arm * x**2))
    >>> found = curved_interaction(time, np.ones(400), arm, marker=x)
    >>> found.nonlinearity.p < 0.001, found.interaction.df, found.nonlinearity.df
    (True, 3, 2)
    """
    from coley.stats.judging.splines import harrell_knots, restricted_cubic_spline

    both = arms(np.size(time), treated, marker, covariates=covariates)
    if both.classes:
        raise InvalidSetting("Two classes have no curve.", remedy="Use treatment_by_marker.")
    places = harrell_knots(both.marker) if knots is None else np.asarray(knots, dtype=float)
    basis = restricted_cubic_spline(both.marker, places)
    centre = basis.mean(axis=0)
    arm = both.treated[:, None]

    def fitted(products: int) -> CoxFit:
        labels = [TREATED, *_numbered(MARKER, basis.shape[1]), *_numbered(PRODUCT, products), *both.names]
        parts = [arm, basis - centre, arm * (basis - centre)[:, :products], both.covariates]
        return cox(time, event, np.column_stack(parts), names=labels, strata=strata, level=level)

    full = fitted(basis.shape[1])
    grid = np.linspace(*both.inside, GRID)
    along = np.zeros((GRID, len(full.names)))
    along[:, 0] = 1
    first = 1 + basis.shape[1]
    along[:, first : first + basis.shape[1]] = restricted_cubic_spline(grid, places) - centre
    log = along @ full.coefficients
    half = z_of(level) * np.sqrt(((along @ full.covariance) * along).sum(axis=1))
    return CurvedInteraction(
        interaction=global_interaction_test(fitted(0), full),
        nonlinearity=global_interaction_test(fitted(1), full),
        marker=grid,
        effect=Intervals(np.exp(log), np.exp(log - half), np.exp(log + half), level),
        knots=tuple(np.asarray(places).tolist()),
    )


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name} {j + 1}" for j in range(count)]
