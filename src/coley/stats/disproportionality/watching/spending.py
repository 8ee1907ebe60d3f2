"""How much of the error may be spent by each look: spending functions for looks that were planned, or never end."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LAN_DEMETS = (
    "Lan KKG, DeMets DL. Discrete sequential boundaries for clinical trials. Biometrika 1983;70:659-663."
)
Spending = Callable[["Floats", int, float], "Floats"]
# From the numbers of looks (1, 2 ...), the number that is planned and the error to the error spent by each look.
SPENDING: Registry[Spending] = Registry("spending function")


def _pocock(look: Floats, planned: int, alpha: float) -> Floats:
    """Spend nearly evenly: Lan and DeMets's function like Pocock's boundary."""
    spent: Floats = alpha * np.log1p((np.e - 1) * look / planned)
    return spent


def _obrien_fleming(look: Floats, planned: int, alpha: float) -> Floats:
    """Spend late: Lan and DeMets's function like O'Brien and Fleming's boundary."""
    from scipy.special import ndtr

    spent: Floats = 2 * ndtr(NormalDist().inv_cdf(alpha / 2) / np.sqrt(look / planned))
    return spent


def _even(look: Floats, planned: int, alpha: float) -> Floats:
    """Spend the same at every look."""
    return alpha * look / planned


def _open(look: Floats, planned: int, alpha: float) -> Floats:
    """Spend alpha / (k (k + 1)) at look k, which sums to alpha over looks without end."""
    return alpha * look / (look + 1)


for _name, _spend in (
    ("pocock", _pocock),
    ("obrien_fleming", _obrien_fleming),
    ("even", _even),
    ("open", _open),
):
    SPENDING.add(_name, _spend)


def spending(name: str, looks: int, *, alpha: float, planned: int | None = None) -> Floats:
    """Return the error that may be spent by each of the looks.

    Parameters
    ----------
    name
        "pocock" (nearly even), "obrien_fleming" (late), "even", or "open" (for looks without a planned end).
    looks
        Looks so far.
    alpha
        The error over all looks that are planned.
    planned
        Looks planned in all; None for those so far. "open" does not use it.

    Raises
    ------
    UnknownName
        Where there is no such function.
    InvalidSetting
        Where alpha is not between 0 and 1, or more looks were taken than planned.

    References
    ----------
    Lan and DeMets 1983.

    Examples
    --------
    >>> spending("pocock", 3, alpha=0.05, planned=4).round(4)
    array([0.0179, 0.031 , 0.0414])
    """
    spend = SPENDING[name]
    whole = looks if planned is None else planned
    if not 0 < alpha < 1:
        raise InvalidSetting(f"The error of a watch cannot be {alpha!r}.", remedy="Choose one as 0.05.")
    if looks > whole and spend is not _open:
        raise InvalidSetting(
            f"{looks} looks were taken of {whole} that were planned.",
            remedy='Plan more, or spend the error "open", which never ends.',
        )
    return np.minimum(spend(np.arange(1.0, looks + 1), whole, alpha), alpha)
