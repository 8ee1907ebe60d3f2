"""What treatment adds, shared out among patients with the condition that makes it worth more and without it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.economics.policy.biomarker_guided import Worth
from coley.economics.policy.gains import VICKERS, Gains
from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Added:
    """What treating everybody adds to giving the comparator to everybody, draw by draw; made by `added`.

    Attributes
    ----------
    cost, effect
        (D,) of the comparator.
    same_cost, same_effect
        (D,) what is added in every patient alike: adverse events, what is spent once, the comparator's drugs saved.
    gained_cost, gained_effect
        (D,) what follows from surviving longer.
    spent
        (D,) money for the drugs and giving them.
    gain_without, drugs_without
        (D,) what a patient without the condition gains, and what is spent on him, as a share of one with it.
    """

    cost: Floats
    effect: Floats
    same_cost: Floats
    same_effect: Floats
    gained_cost: Floats
    gained_effect: Floats
    spent: Floats
    gain_without: Floats
    drugs_without: Floats

    def by_condition(self, prevalence: ArrayLike) -> tuple[Worth, Worth]:
        """Return the worth of treatment and of the comparator; all patients together are as before.

        Parameters
        ----------
        prevalence
            Share of patients with the condition.

        Raises
        ------
        NotEstimable
            Where nobody has the condition, and nobody else could gain.
        """
        share = share_of(prevalence, "Prevalence")
        gaining = share + (1 - share) * self.gain_without
        using = share + (1 - share) * self.drugs_without
        if not (gaining > 0).all() or not (using > 0).all():
            raise NotEstimable(
                "Nobody has the condition, and without it nobody gains.",
                remedy="Say how common it is, or what patients without it gain.",
            )

        def total(gain: Floats | float, drugs: Floats | float) -> tuple[Floats, Floats]:
            rest = gain * self.gained_cost / gaining + drugs * self.spent / using
            return (
                self.cost + self.same_cost + rest,
                self.effect + self.same_effect + gain * self.gained_effect / gaining,
            )

        cost_with, effect_with = total(1.0, 1.0)
        cost_without, effect_without = total(self.gain_without, self.drugs_without)
        return (
            Worth(cost_with, cost_without, effect_with, effect_without),
            Worth(self.cost, self.cost, self.effect, self.effect),
        )


def added(
    comparator: tuple[ArrayLike, ArrayLike],
    treated: tuple[ArrayLike, ArrayLike],
    *,
    same: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
    spent: ArrayLike = 0.0,
    gain_without: ArrayLike = 0.0,
    drugs_without: ArrayLike = 1.0,
) -> Added:
    """Return what treatment adds, in parts that can be shared out, having examined them.

    Parameters
    ----------
    comparator, treated
        Cost and effect of all patients, each (D,) or a number.
    same
        Of what treatment adds, the cost and the effect that are the same in every patient.
    spent
        Of its cost, what drugs and giving them cost.
    gain_without, drugs_without
        What a patient without the condition gains, and what is spent on drugs for him, as a share of one with it.

    Raises
    ------
    InvalidSetting
        Where a share is none, or draws do not go together.

    Examples
    --------
    Of 10 patients 2 respond; all that is gained falls to them, and drugs cost five times as much in them:

    >>> parts = added((10_000, 1.0), (50_000, 1.4), spent=36_000, drugs_without=0.2)
    >>> new, old = parts.by_condition(0.2)
    >>> new.effect_with, new.effect_without, new.cost_with, new.cost_without
    (array([3.]), array([1.]), array([130000.]), array([30000.]))
    """
    values = {
        name: draws_of(value, what, low=-np.inf)
        for name, value, what in (
            ("cost", comparator[0], "The cost of the comparator"),
            ("effect", comparator[1], "The effect of the comparator"),
            ("new_cost", treated[0], "The cost of treatment"),
            ("new_effect", treated[1], "The effect of treatment"),
            ("same_cost", same[0], "The cost that is the same"),
            ("same_effect", same[1], "The effect that is the same"),
        )
    }
    values["spent"] = draws_of(spent, "The cost of drugs")
    shares = {
        "gain_without": share_of(gain_without, "The gain without the condition"),
        "drugs_without": share_of(drugs_without, "The cost of drugs without the condition"),
    }
    count = count_of_draws(*values.values(), *shares.values())
    v = {name: np.broadcast_to(array, (count,)) for name, array in (values | shares).items()}
    return Added(
        v["cost"],
        v["effect"],
        v["same_cost"],
        v["same_effect"],
        v["new_cost"] - v["cost"] - v["same_cost"] - v["spent"],
        v["new_effect"] - v["effect"] - v["same_effect"],
        v["spent"],
        v["gain_without"],
        v["drugs_without"],
    )


@dataclass(frozen=True, eq=False)
class ResponseGains(Gains):
    """Gains of patients by response; in a resample shared out by its own response rate, and by a draw of its own.

    Attributes
    ----------
    response
        (n,) True where the patient responded.
    parts, threshold
        What treatment adds, and what a unit of effect is worth.
    """

    response: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    parts: Added | None = None
    threshold: float = 0.0

    def resampled(self, weights: Floats, first: int = 0) -> Floats:
        """Return gains in each resample, (B, n).

        Parameters
        ----------
        weights
            (B, n) how often each patient is in a resample.
        first
            Number of the first resample: it takes the draw of that number.
        """
        assert self.parts is not None  # it is made by `gains_by_response` alone
        shares = (weights @ self.response) / weights.sum(axis=1)
        rows = (first + np.arange(len(weights))) % len(self.parts.cost)
        with_, without = _money(self.parts, shares, self.threshold, rows=rows)
        return np.where(self.response, with_[:, None], without[:, None])

    def take(self, which: NDArray[np.intp]) -> ResponseGains:
        """Return the gains of some patients, or in another order."""
        return ResponseGains(
            self.value[which], self.randomised, self.response[which], self.parts, self.threshold
        )


@method(
    "gains_by_response",
    title="Gain of treatment by response, so that all patients together gain what the trial found",
    summary="What treatment adds by the model's two curves is shared out among patients with a response and without, "
    "and drugs by the time for which they are given.",
    needs="response of each patient, all treated; costs and effects of both strategies; what patients without a "
    "response gain, and what is spent on them, as a share of those with one",
    limits="Nobody was randomised: it takes all that is gained to follow response, in the share that is given. A score "
    "that only tells who does well anyway looks as good as one that tells who gains, as far as it tells who responds.",
    references=(VICKERS,),
)
def gains_by_response(response: ArrayLike, parts: Added, threshold: float) -> ResponseGains:
    """Return the gain of treating each patient, in money, means over draws.

    Parameters
    ----------
    response
        (n,) 1 or True where the patient responded.
    parts
        What treatment adds, from `added`.
    threshold
        What a unit of effect is worth.

    Raises
    ------
    UnreadableInput
        Where a response is missing.
    NotEstimable
        Where nobody responded, and nobody else could gain.

    References
    ----------
    Vickers and Elkin 2006: net benefit of a rule is that of true positives less that of false ones.

    Examples
    --------
    >>> parts = added((10_000, 1.0), (50_000, 1.4), spent=36_000, drugs_without=0.2)
    >>> gains_by_response([1, 0, 0, 0, 0], parts, 100_000).value
    array([ 80000., -20000., -20000., -20000., -20000.])
    """
    y = np.asarray(response)
    if y.ndim != 1 or not len(y) or not np.isin(y, (0, 1)).all():
        raise UnreadableInput(
            "A response is 0 or 1, and none is missing.", remedy="Leave out patients without one."
        )
    responded = y.astype(bool)
    with_, without = (
        float(values.mean()) for values in _money(parts, np.array([responded.mean()]), threshold)
    )
    return ResponseGains(np.where(responded, with_, without), False, responded, parts, float(threshold))


def _money(
    parts: Added, prevalence: Floats, threshold: float, *, rows: NDArray[np.intp] | None = None
) -> tuple[Floats, Floats]:
    """Return what treating a patient with a response, and one without, is worth over the comparator."""
    chosen = parts
    if rows is not None:
        chosen = Added(*(getattr(parts, name)[rows] for name in Added.__dataclass_fields__))
    new, old = chosen.by_condition(prevalence)
    found = []
    for group in ("with", "without"):
        effect, cost = (
            np.asarray(getattr(new, f"{what}_{group}")) - np.asarray(getattr(old, f"{what}_{group}"))
            for what in ("effect", "cost")
        )
        found.append(threshold * effect - cost)
    return found[0], found[1]
