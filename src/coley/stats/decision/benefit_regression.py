"""Net benefit as a smooth function of parameters, at every threshold at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.registry import Registry
from coley.stats.decision.acceptability import column_means
from coley.stats.decision.gaussian_process import gaussian_process_design
from coley.stats.decision.penalised import Design, Moments, reml, reml_each
from coley.stats.decision.splines import KNOTS, tensor_design

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FEWEST = 100  # draws, below which a regression of net benefit is not worth reading


# Name -> (points, responses, seed) -> design.
SMOOTHERS: Registry[Callable[[Floats, Floats, int], Design]] = Registry("smoother")
SMOOTHERS.add("splines", lambda points, responses, seed: tensor_design(points))
SMOOTHERS.add(
    "gaussian_process",
    lambda points, responses, seed: gaussian_process_design(points, responses, seed=seed),
)


@dataclass(frozen=True, eq=False)
class Benefit:
    """Draws of what every strategy adds to the first, which net benefit joins by the threshold.

    Attributes
    ----------
    costs, effects
        Of every strategy less the first's, (D, S).
    thresholds
        (K,).
    mean_costs, mean_effects
        Of all draws, (S,).
    """

    costs: Floats
    effects: Floats
    thresholds: Floats
    mean_costs: Floats
    mean_effects: Floats

    @classmethod
    def of(cls, costs: Floats, effects: Floats, thresholds: Floats) -> Benefit:
        """Return it from draws x strategies of costs and effects."""
        # A strategy in a row of memory: columns are what is asked for.
        c, e = (np.asfortranarray(values - values[:, [0]]) for values in (costs, effects))
        return cls(c, e, thresholds, column_means(c), column_means(e))

    def part(self, draws: slice) -> Benefit:
        """Return some of the draws, about the means of all."""
        return replace(self, costs=self.costs[draws], effects=self.effects[draws])

    def at(self, i: int) -> Floats:
        """Return added net benefit of every strategy at threshold number `i`, (D, S)."""
        out = self.thresholds[i] * self.effects
        out -= self.costs
        return np.asarray(out)

    @cached_property
    def means(self) -> Floats:
        """Mean added net benefit, (K, S)."""
        return np.asarray(self.thresholds[:, None] * self.mean_effects - self.mean_costs)

    @cached_property
    def away(self) -> Floats:
        """Effects and costs of all but the first, about their means, (D, 2 (S - 1))."""
        both = np.hstack([self.effects[:, 1:], self.costs[:, 1:]])
        both -= np.r_[self.mean_effects[1:], self.mean_costs[1:]]
        return both

    @cached_property
    def squares(self) -> Floats:
        """Sums of squares of added net benefit about its means, (K, S - 1)."""
        s = self.costs.shape[1] - 1
        e, c = self.away[:, :s], self.away[:, s:]
        k = self.thresholds[:, None]
        ee, ec, cc = (np.einsum("ds,ds->s", *pair) for pair in ((e, e), (e, c), (c, c)))
        return np.asarray(k**2 * ee - 2 * k * ec + cc)

    def moments(self, rows: Floats) -> Moments:
        """Return the moments of the rows of a design with added net benefit, thresholds x strategies in a row.

        Net benefit is linear in the threshold, and so are its moments: costs and effects are multiplied with the
        design once for all thresholds.
        """
        s = self.costs.shape[1] - 1
        product = (rows.T @ self.away)[:, None, :]
        cross = self.thresholds[:, None] * product[..., :s] - product[..., s:]
        return Moments(len(rows), rows.T @ rows, cross.reshape(len(cross), -1), self.squares.ravel())


class BenefitRegression:
    """Regressions of the net benefit that every strategy adds to the first, on one design, at every threshold."""

    def __init__(
        self, rows: Floats, penalties: Floats, benefit: Benefit, *, coefficients: Floats | None = None
    ) -> None:
        self.benefit = benefit
        self.coefficients = reml(benefit.moments(rows), penalties) if coefficients is None else coefficients

    @classmethod
    def of_halves(
        cls, rows: Floats, penalties: Floats, benefit: Benefit, halves: Sequence[tuple[slice, Benefit]]
    ) -> list[BenefitRegression]:
        """Return the regression on all rows, and those on each half of them alone, from products made once."""
        first, second = (part.moments(rows[where]) for where, part in halves)
        found = reml_each([first + second, first, second], penalties)
        return [cls(rows, penalties, benefit, coefficients=coefficients) for coefficients in found]

    def fitted(self, rows: Floats, i: int) -> Floats:
        """Return the expected added net benefit of every strategy at threshold number `i`, (n, S)."""
        means = self.benefit.means
        of_threshold = self.coefficients.reshape(len(self.coefficients), len(means), -1)[:, i]
        out = np.zeros(
            (means.shape[1], len(rows))
        )  # strategies in rows: what is asked of it is asked by strategy
        np.matmul(of_threshold.T, rows.T, out=out[1:])
        out += means[i][:, None]
        return out.T


def smoother_for(count: int) -> str:
    """Return the name of the smoother for so many parameters.

    Examples
    --------
    >>> smoother_for(2), smoother_for(7)
    ('splines', 'gaussian_process')
    """
    return "splines" if count <= max(KNOTS) else "gaussian_process"


def design_of(kind: str, points: Floats, responses: Floats, seed: int) -> Design:
    """Return the design of a smoother.

    Parameters
    ----------
    kind
        Name of a smoother.
    points
        Draws x parameters, (D, d), each column with at least two values.
    responses
        Draws x responses, which the Gaussian process studies to find its lengths.
    seed
        Of its choice of draws.

    Raises
    ------
    UnknownName, InvalidSetting
        For an unknown smoother, or splines of more than three parameters.
    """
    if kind == "splines" and points.shape[1] not in KNOTS:
        raise InvalidSetting(
            f"Splines take one to {max(KNOTS)} parameters, not {points.shape[1]}.",
            remedy='Ask for "gaussian_process".',
        )
    return SMOOTHERS[kind](points, responses, seed)


def parameters_of(parameters: ArrayLike, draws: int) -> Floats:
    """Examine draws of parameters and return them as a table, (D, P).

    Raises
    ------
    UnreadableInput
        Where they are missing, too few, or of another number than the outcomes.
    """
    table = np.asarray(parameters, dtype=float)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != draws or not np.isfinite(table).all():
        raise UnreadableInput(
            f"Parameters need one finite value for each of {draws} draws.",
            where=f"shape {table.shape}, {int((~np.isfinite(table)).sum())} missing or infinite",
        )
    if draws < FEWEST:
        raise UnreadableInput(
            f"{draws} draws are too few for a regression.", remedy=f"Draw {FEWEST} at the very least."
        )
    return table


def columns_of(members: Sequence[str], labels: tuple[str, ...], group: str) -> list[int]:
    """Return the columns of a group's parameters.

    Raises
    ------
    InvalidSetting
        Where it names none, or one that does not exist.
    """
    wanted = (members,) if isinstance(members, str) else tuple(members)
    missing = [name for name in wanted if name not in labels]
    if missing or not wanted:
        raise InvalidSetting(
            f"The group {group!r} names {missing[0]!r}, which is no parameter."
            if missing
            else f"The group {group!r} names no parameter.",
            remedy=f"Known: {', '.join(labels)}.",
        )
    return [labels.index(name) for name in wanted]
