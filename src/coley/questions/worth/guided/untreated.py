"""Whether a marker that is taken to tell who gains is associated with survival in patients who had no treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Estimate
from coley.model.part import Part
from coley.questions.worth.guided.told import called
from coley.stats.survival.cox import cox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.guided import Guided
    from coley.questions.worth.guided.patients import Patients
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]


def untreated_part(who: Patients, one: Guided, worked: Worked) -> Part:
    """Return the hazard ratio of death by the marker, in the treated and in the untreated; nothing without these."""
    if who.untreated is None:
        return Part()
    spread = float(who.marker.std(ddof=1))
    marker, alive = who.untreated
    treated = _per_sd(who.marker, who.alive, one, worked, spread=spread, among="treated")
    others = _per_sd(marker, alive, one, worked, spread=spread, among="not treated")
    ratios = [
        f"{e.value:.2f} ({e.low:.2f}-{e.high:.2f}) in {e.n:,} patients {among}"
        for e, among in ((treated, "treated"), (others, "not treated"))
    ]
    associated = others.low is not None and others.high is not None and (others.high < 1 or others.low > 1)
    said = (
        "It is associated with survival without treatment as well: it tells who lives longer anyway, and part of what "
        "it tells of those who are treated is that."
        if associated
        else "No association without treatment was shown, which does not show that there is none."
    )
    return Part(
        estimates=(treated, others),
        caveats=(
            f"{called(one)}, hazard ratio of death for one standard deviation more ({spread:.3g}): "
            f"{' and '.join(ratios)}. {said} The two groups were not randomised and differ in more than treatment.",
        ),
    )


def _per_sd(
    marker: Floats,
    alive: tuple[Floats, NDArray[np.bool_]],
    one: Guided,
    worked: Worked,
    *,
    spread: float,
    among: str,
) -> Estimate:
    fit = cox(*alive, marker / spread, names=["marker"], level=worked.settings.level)
    ratio = fit.hazard_ratio("marker")
    return Estimate(
        "hazard_ratio",
        ratio.value,
        ratio.low,
        ratio.high,
        n=fit.n,
        events=fit.events,
        unit="ratio",
        method="cox",
        level=worked.settings.level,
        group=f"{called(one)}, {among}",
        note=f"of death, for one standard deviation more ({spread:.3g})",
    )
