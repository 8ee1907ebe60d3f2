"""Links between the natural scale of a parameter and the whole line on which it is estimated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Link:
    """A monotone map and its inverse.

    Attributes
    ----------
    name
        Under which it is registered.
    working
        From the natural scale to the working scale.
    natural
        Back; NaN where the working value has no natural one.
    """

    name: str
    working: Callable[[Floats], Floats]
    natural: Callable[[Floats], Floats]


LINKS: Registry[Link] = Registry("link")


def _share(eta: Floats) -> Floats:
    return np.where((eta >= 0) & (eta <= 1), eta, np.nan)


def _logit(p: Floats) -> Floats:
    out: Floats = np.log(p) - np.log1p(-p)
    return out


def _expit(eta: Floats) -> Floats:
    from scipy.special import expit

    out: Floats = expit(eta)
    return out


def _probit(p: Floats) -> Floats:
    from scipy.special import ndtri

    out: Floats = ndtri(p)
    return out


def _normal(eta: Floats) -> Floats:
    from scipy.special import ndtr

    out: Floats = ndtr(eta)
    return out


def _same(value: Floats) -> Floats:
    return value


IDENTITY = LINKS.add("identity", Link("identity", _same, _same))
LOG = LINKS.add("log", Link("log", np.log, np.exp))
LOGIT = LINKS.add("logit", Link("logit", _logit, _expit))
PROBIT = LINKS.add("probit", Link("probit", _probit, _normal))
CLOGLOG = LINKS.add(
    "cloglog", Link("cloglog", lambda p: np.log(-np.log1p(-p)), lambda eta: -np.expm1(-np.exp(eta)))
)
LOGLOG = LINKS.add("loglog", Link("loglog", lambda p: np.log(-np.log(p)), lambda eta: np.exp(-np.exp(eta))))
SHARE = LINKS.add("share", Link("share", _same, _share))
