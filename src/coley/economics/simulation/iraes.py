"""Immune-related adverse events as a simulation needs them, and what is published of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.simulation.clocks import CLOCKS, Hazard
from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Fields of an `Irae` that are probabilities, costs, and losses of utility; in the order of the kernel.
SHARES = ("chance", "high", "fatal", "persists", "admitted", "stops_low", "stops_high", "recurs")
COSTS = ("cost_low", "cost_high", "cost_admission", "cost_chronic_per_year")
LOSSES = ("loss_low", "loss_high", "loss_chronic")
NUMBERS = (*SHARES, *COSTS, *LOSSES, "years_to_death", "holds_low")


@dataclass(frozen=True, eq=False, kw_only=True)
class Irae:
    """An immune-related adverse event; numbers are one value or (D,).

    Attributes
    ----------
    name
        Of the event or of its organ.
    chance
        Probability of a first event in a patient who stays on treatment; of others fewer have it.
    onset
        When it comes, in those who will have it: years since the start, and since a rechallenge.
    lasting_low, lasting_high
        How long its acute phase lasts, in grades 1-2 and in grade 3 and above; clock "reset".
    high
        Share of events of grade 3 and above.
    fatal, years_to_death
        Share of those of high grade that are fatal, and years from onset to death.
    persists
        Share that stay for life after the acute phase, as most endocrine ones do.
    admitted
        Share of those of high grade that are admitted to hospital.
    stops_low, stops_high
        Share after which treatment ends, by grade. Otherwise high grade withholds it until the acute phase is over.
    holds_low
        Whether low grade withholds treatment too.
    recurs
        Probability of the same event after a rechallenge, with `onset` counted anew. A second event ends treatment.
    cost_low, cost_high, cost_admission, cost_chronic_per_year
        Money at the onset by grade, at the admission besides, and per year for what stays.
    loss_low, loss_high, loss_chronic
        Utility lost while it is acute, by grade, and while it stays.

    Raises
    ------
    UnreadableInput
        For a share outside 0 to 1, a negative cost, time or loss, or a loss above 2.
    InvalidSetting
        Where a duration is not on a clock of its own.

    Examples
    --------
    >>> from coley.economics.simulation.clocks import median_of
    >>> Irae(name="colitis", chance=0.12, onset=median_of(0.5), lasting_low=median_of(0.1),
    ...      lasting_high=median_of(0.1), high=0.67, cost_high=4321.0, loss_high=0.1).stops_high
    1.0
    """

    name: str
    chance: ArrayLike
    onset: Hazard
    lasting_low: Hazard
    lasting_high: Hazard
    high: ArrayLike = 0.0
    fatal: ArrayLike = 0.0
    persists: ArrayLike = 0.0
    admitted: ArrayLike = 0.0
    stops_low: ArrayLike = 0.0
    stops_high: ArrayLike = 1.0
    recurs: ArrayLike = 0.0
    cost_low: ArrayLike = 0.0
    cost_high: ArrayLike = 0.0
    cost_admission: ArrayLike = 0.0
    cost_chronic_per_year: ArrayLike = 0.0
    loss_low: ArrayLike = 0.0
    loss_high: ArrayLike = 0.0
    loss_chronic: ArrayLike = 0.0
    years_to_death: ArrayLike = 0.0
    holds_low: bool = False

    def __post_init__(self) -> None:
        for name in NUMBERS:
            values = np.asarray(getattr(self, name), dtype=np.float64)
            # A utility lies between -1 and 1, so that nothing can take more than 2 from it.
            highest = 1.0 if name in SHARES else 2.0 if name in LOSSES else np.inf
            if not (np.isfinite(values).all() and (values >= 0).all() and (values <= highest).all()):
                raise UnreadableInput(
                    f"{name} of {self.name} must lie between 0 and {highest:g}.",
                    where=f"from {values.min():g} to {values.max():g}",
                    cause="a percentage for a share"
                    if name in SHARES
                    else "a loss written with a minus sign",
                )
        if any(CLOCKS[lasting.clock] for lasting in (self.lasting_low, self.lasting_high)):
            raise InvalidSetting(f"How long {self.name} lasts counts from its onset.", remedy='clock="reset"')

    def columns(self, draws: int) -> Floats:
        """Return its numbers, (1 or D, NUMBERS), in the order of the kernel."""
        values = [np.atleast_1d(np.asarray(getattr(self, name), dtype=np.float64)) for name in NUMBERS]
        if any(v.ndim > 1 or v.size not in (1, draws) for v in values):
            raise InvalidSetting(
                f"Numbers of {self.name} are one value or one for each of the {draws} draws."
            )
        return np.stack(np.broadcast_arrays(*values), axis=-1)


@dataclass(frozen=True, slots=True)
class Fact:
    """A published number of an irAE, with a 95 % interval where its counts are known, and where it was read."""

    value: float
    low: float | None
    high: float | None
    source: str


@cache
def irae_facts() -> tuple[dict[str, str], ...]:
    """Return what is published of irAEs: incidence, onset, resolution, admission ...; each row with its source."""
    text = files("coley.economics.simulation").joinpath("resources", "iraes.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def published_iraes(regimen: str) -> dict[str, dict[str, Fact]]:
    """Return what is published of the irAEs of a regimen, by irAE and quantity.

    Parameters
    ----------
    regimen
        "ipilimumab", "nivolumab", "nivolumab+ipilimumab" (melanoma), "nivolumab+ipilimumab, adjuvant" (kidney) or
        "atezolizumab" (lung); spaces around "+" do not matter.

    Returns
    -------
    dict
        irAE, or "every" for what holds of those without a figure of their own, to quantity, to its number. Times are
        medians in weeks, `days_in_hospital` days, all others shares. `high_grade` is the share of events that are of
        grade 3 and above.

    Raises
    ------
    UnknownName
        For a regimen that there is not.

    Notes
    -----
    Persistence counts from 12 weeks after treatment in its source. A share of none or of all has no interval here.

    Examples
    --------
    >>> found = published_iraes("nivolumab + ipilimumab")["colitis"]
    >>> found["incidence"].value, round(found["high_grade"].value, 3), found["recurs"].value
    (0.12, 0.667, 0.376)
    """
    rows = irae_facts()
    named = "+".join(part.strip() for part in regimen.split("+"))
    regimens = tuple(dict.fromkeys(row["regimen"] for row in rows if row["regimen"]))
    if named not in regimens:
        raise UnknownName("regimen", regimen, regimens)
    own = [row for row in rows if row["regimen"] == named]
    found: dict[str, dict[str, Fact]] = {row["irae"]: {} for row in own}
    found["every"] = {}
    incidence = {(row["irae"], row["quantity"]): row for row in own}
    for row in [*(row for row in rows if not row["regimen"]), *own]:
        if row["irae"] in found:
            found[row["irae"]][WORDS.get(row["quantity"], row["quantity"])] = _fact(row)
    for irae, numbers in found.items():
        if (irae, "grade_3_or_more") in incidence:
            numbers["high_grade"] = _share_of(
                incidence[irae, "grade_3_or_more"], incidence[irae, "any_grade"]
            )
    return found


# The table keeps the words of the papers; here they are those of a model file.
WORDS = {
    "any_grade": "incidence",
    "grade_3_or_more": "high_grade",
    "median_onset": "onset_weeks",
    "median_resolution": "resolution_weeks",
}


def _fact(row: dict[str, str]) -> Fact:
    value = float(row["value"])
    note = f" ({row['note']})" if row["note"] else ""
    limits = _limits(value, float(row["of"])) if row["unit"] == "share" and row["of"] else (None, None)
    return Fact(value, *limits, row["source"] + note)


def _share_of(high: dict[str, str], whole: dict[str, str]) -> Fact:
    value = float(high["value"]) / float(whole["value"])
    events = float(whole["n"]) if whole["n"] else float(whole["value"]) * float(whole["of"] or 0)
    return Fact(value, *(_limits(value, events) if events else (None, None)), high["source"])


def _limits(share: float, of: float) -> tuple[float | None, float | None]:
    from coley.stats.proportions import wilson

    if not 0 < share < 1:
        return None, None
    found = wilson(round(share * of), round(of))
    return found.low.item(), found.high.item()
