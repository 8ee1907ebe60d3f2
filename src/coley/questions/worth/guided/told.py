"""What ways to judge guided treatment share: what testing does to it, and how money and shares are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.biology.published import PUBLISHED
from coley.economics.analysis.tested import assay_of
from coley.economics.model_file.parse import quantities
from coley.model.answer import Estimate
from coley.stats.proportions import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.economics.policy.marker_guided import MarkerGuided
    from coley.economics.policy.score_guided import ScoreGuided
    from coley.questions.worth.worked import Worked
    from coley.stats.values import Interval

    Floats = NDArray[np.float64]

AROUND = 21  # thresholds, or about so many, at which guiding is tried
LEAST = 0.5  # of the currency: less is rounding


@dataclass(frozen=True, slots=True)
class Tested:
    """What testing does to guided treatment, at the estimates of its inputs.

    Attributes
    ----------
    cost
        Money per patient tested.
    decided, untold
        Share of patients for whom the test decides, and share treated without a result.
    """

    cost: float
    decided: float
    untold: float


def tested(one: Guided, place: str, worked: Worked) -> Tested:
    """Return the cost of testing, and the shares for whom it decides and who are treated without a result."""
    numbers = {name: np.array([number.value]) for name, number in quantities(worked.model).items()}
    found = assay_of(one, place, numbers, alive=worked.base_curves.curves[f"{one.otherwise}.os"])
    return Tested(float(found.all_costs[0]), float(found.decided[0]), float(found.treated_untold[0]))


def round_thresholds(cost_per_qaly: float, worked: Worked) -> Floats:
    """Return round thresholds up to twice what a QALY costs when all are treated: between, guiding can matter.

    Where it costs nothing, or nothing is gained, up to the end of the page's other curves.
    """
    top = 2 * cost_per_qaly or worked.settings.highest_threshold * worked.thresholds[-1]
    step = float(f"{top / AROUND:.0e}")
    return np.asarray(step * np.arange(1, int(top / step + 1e-9) + 1), dtype=np.float64)


def net_benefits(at: Mapping[float, MarkerGuided | ScoreGuided]) -> pl.DataFrame:
    """Return guided treatment against treating all and treating none, by threshold."""
    return pl.DataFrame(
        [
            {
                "threshold": threshold,
                "against": against,
                "net_benefit": over.value,
                "low": over.low,
                "high": over.high,
                "probability_better": beats,
            }
            for threshold, found in at.items()
            for against, over, beats in (
                ("treating all", found.over_all, found.beats_all),
                ("treating none", found.over_none, found.beats_none),
            )
        ]
    )


def called(one: Guided) -> str:
    """Return what a marker is called: its label, the title of a published score, or the name of its column."""
    return one.label or (PUBLISHED[one.marker].title if one.marker in PUBLISHED else one.marker)


def money(
    worked: Worked, name: str, found: Interval, n: int, *, method: str, group: str, note: str = ""
) -> Estimate:
    """Return money per patient; positive where guiding, or treating, is worth more."""
    return Estimate(
        name,
        found.value,
        found.low,
        found.high,
        n=n,
        unit=worked.model.currency,
        method=method,
        level=found.level,
        group=group,
        note=note,
    )


def chance(probability: float) -> str:
    """Return how probably it is better."""
    return f"better with probability {probability:.2f}"


def share(name: str, picked: float, n: int, *, worked: Worked, group: str, note: str = "") -> Estimate:
    """Return a share of patients with Wilson's limits; `picked` may be a mean over partitions."""
    found = wilson(round(picked), n, level=worked.settings.level)[0]
    return Estimate(
        name,
        picked / n,
        found.low,
        found.high,
        n=n,
        unit="proportion",
        method="wilson",
        level=found.level,
        group=group,
        note=note,
    )
