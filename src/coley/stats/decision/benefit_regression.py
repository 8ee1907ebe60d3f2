"""Net benefit as a smooth function of parameters, at every threshold at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.registry import Registry
from coley.stats.decision.gaussian_process import gaussian_process_design
from coley.stats.decision.penalised import Design, Moments, reml
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


class BenefitRegression:
    """Regressions of the net benefit of every strategy, less the first's, at every threshold.

    Net benefit is linear in the threshold, and so are its moments: costs and effects are multiplied with the
    design once for all thresholds.
    """

    def __init__(
        self, rows: Floats, penalties: Floats, differences: tuple[Floats, Floats], k: Floats
    ) -> None:
        c, e = (x[:, 1:] for x in differences)
        self.centres = k[:, None] * e.mean(axis=0) - c.mean(axis=0)
        c, e = c - c.mean(axis=0), e - e.mean(axis=0)
        xc, xe = rows.T @ c, rows.T @ e
        cross = k[:, None] * xe[:, None, :] - xc[:, None, :]
        squares = (
            k[:, None] ** 2 * (e**2).sum(axis=0) - 2 * k[:, None] * (e * c).sum(axis=0) + (c**2).sum(axis=0)
        )
        self.shape = cross.shape
        flat = Moments(len(rows), rows.T @ rows, cross.reshape(len(cross), -1), squares.ravel())
        self.coefficients = reml(flat, penalties).reshape(self.shape)

    def fitted(self, rows: Floats, i: int) -> Floats:
        """Return the expected net benefit of every strategy, less the first's, at threshold number `i`."""
        return np.hstack([np.zeros((len(rows), 1)), rows @ self.coefficients[:, i] + self.centres[i]])


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
