"""Qualitative interaction: whether a treatment helps some patients and harms others."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Literal

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.interaction.relative import Interaction

    Floats = NDArray[np.float64]

GAIL_SIMON = (
    "Gail M, Simon R. Testing for qualitative interactions between treatment effects and patient subsets. "
    "Biometrics 1985;41:361-372."
)
FIELLER = "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185."
Verdict = Literal["supported", "not supported", "cannot be told"]


@dataclass(frozen=True, slots=True)
class GailSimon:
    """Test that a treatment helps in some classes and harms in others.

    Attributes
    ----------
    below, above
        Sums of squared standardised effects of the classes with an effect below and above 0.
    statistic
        The smaller of the two.
    p
        Of the hypothesis that no two classes have effects of opposite sign.
    classes
        Number of classes.
    """

    below: float
    above: float
    statistic: float
    p: float
    classes: int


@method(
    "gail_simon",
    title="Gail and Simon's test of qualitative interaction",
    summary="Whether the effect of a treatment has one sign in some classes of patients and the other sign in others.",
    needs="the effect (log hazard or odds ratio) and its standard error in each of two or more classes",
    limits="Little power: that no crossing is shown does not mean that there is none.",
    references=(GAIL_SIMON,),
)
def gail_simon(effects: ArrayLike, standard_errors: ArrayLike) -> GailSimon:
    """Test for effects of opposite sign in different classes.

    Parameters
    ----------
    effects, standard_errors
        One a class, from a fit to the patients of that class alone, on a scale where 0 is no effect.

    Raises
    ------
    UnreadableInput
        With fewer than two classes, or a value that cannot be used.

    References
    ----------
    Gail and Simon 1985, eq. 2.1 and theorem 1.

    Examples
    --------
    >>> found = gail_simon([-0.6, 0.5], [0.2, 0.2])
    >>> round(found.statistic, 2), round(found.p, 4)
    (6.25, 0.0062)
    """
    d, s = np.asarray(effects, dtype=float), np.asarray(standard_errors, dtype=float)
    if d.ndim != 1 or d.shape != s.shape or len(d) < 2 or not np.isfinite([d, s]).all() or (s <= 0).any():
        raise UnreadableInput(
            "A qualitative interaction needs an effect and a positive standard error in each of two or more classes.",
            where=f"shapes {d.shape} and {s.shape}",
        )
    squares = (d / s) ** 2
    below, above = float(squares[d < 0].sum()), float(squares[d > 0].sum())
    q, k = min(below, above), len(d)
    p = sum(comb(k - 1, h) * 0.5 ** (k - 1) * chi2_tail(q, h) for h in range(1, k)) if q > 0 else 1.0
    return GailSimon(below, above, q, p, k)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the effect of a treatment changes sign along a continuous marker.

    Attributes
    ----------
    at
        The marker value at which the ratio is 1, with Fieller's limits; both are infinite where the change of the
        effect with the marker is not told from none, so that the data do not bound the value.
    below_1
        On which side of it the ratio is below 1: "left" or "right".
    inside
        The marker values that were examined.
    verdict
        "supported": the ratio is shown to be below 1 at one end of the values examined and above 1 at the other;
        "not supported": it is shown to be on one side of 1 at all of them; else "cannot be told".
    """

    at: Interval
    below_1: Literal["left", "right"]
    inside: tuple[float, float]
    verdict: Verdict


@method(
    "crossing_point",
    title="Crossing point of a treatment effect along a marker, with Fieller's interval",
    summary="The marker value at which a treatment's ratio passes through 1, and whether that is shown to happen.",
    needs="a fitted treatment-by-marker interaction whose treatment effect can be estimated",
    limits="Assumes that the log ratio is linear in the marker; nothing is said of patients beyond those values.",
    references=(FIELLER, GAIL_SIMON),
)
def crossing_point(interaction: Interaction, *, inside: tuple[float, float] | None = None) -> Crossing:
    """Locate the change of sign of a treatment effect along a marker.

    Parameters
    ----------
    interaction
        Of `treatment_by_marker` or `treatment_by_marker_response`.
    inside
        Marker values to examine; by default the middle nine tenths of patients.

    Raises
    ------
    NotEstimable
        Where the effect of the treatment could not be estimated, or does not change with the marker.

    References
    ----------
    Fieller 1954. The verdict is an intersection-union test: both ends are tested at the level of the interval.

    Examples
    --------
    >>> from coley.stats.interaction.relative import treatment_by_marker
    >>> generator = np.random.default_rng(1)
    >>> arm, x = np.arange(300) % 2, generator.normal(size=300)
    >>> time = generator.exponential(np.exp(arm * x))
    >>> found = crossing_point(treatment_by_marker(time, np.ones(300), arm, marker=x))
    >>> found.verdict, found.below_1, bool(found.at.low < 0 < found.at.high)
    ('supported', 'right', True)
    """
    a, b = interaction.slope.tolist()
    if not np.isfinite(a) or b == 0:
        raise NotEstimable(
            "The treatment effect at a marker value is not known, so that no crossing can be found.",
            cause="no stratum holds both arms, or the effect does not change with the marker",
        )
    level = interaction.ratio.level
    z2 = z_of(level) ** 2
    (vaa, vab), (_, vbb) = interaction.covariance.tolist()
    # values x at which the effect a + b x is not told from 0: (a + b x)^2 <= z^2 (vaa + 2 vab x + vbb x^2)
    square, linear, constant = b * b - z2 * vbb, a * b - z2 * vab, a * a - z2 * vaa
    low, high = -np.inf, np.inf
    if square > 0:  # the slope is told from 0: Fieller's set is an interval
        root = np.sqrt(max(linear**2 - square * constant, 0.0))
        low, high = (-linear - root) / square, (-linear + root) / square
    ends = inside or interaction.inside
    effect = interaction.effect_at(ends)
    sides = [1 if effect.low[i] > 1 else -1 if effect.high[i] < 1 else 0 for i in (0, 1)]
    verdict: Verdict = "cannot be told"
    if sides[0] * sides[1] == -1:
        verdict = "supported"
    elif sides[0] * sides[1] == 1 and _one_sided(interaction, ends):
        verdict = "not supported"
    at = Interval(-a / b, float(low), float(high), level)
    return Crossing(at, "right" if b < 0 else "left", ends, verdict)


def _one_sided(interaction: Interaction, ends: tuple[float, float]) -> bool:
    """Whether the interval excludes 1 at every value between the ends, which have the same side."""
    effect = interaction.effect_at(np.linspace(*ends, 201))
    return bool((effect.low > 1).all() or (effect.high < 1).all())
