"""Immune-related adverse events as a simulation needs them, and what is published of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.simulation.clocks import CLOCKS, Hazard, median_of
from coley.model.errors import InvalidSetting, MissingData, UnknownName, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

WEEKS_PER_YEAR = 365.25 / 7

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


@cache
def irae_facts() -> tuple[dict[str, str], ...]:
    """Return what is published of irAEs: incidence, onset, resolution, persistence, recurrence; each with a source."""
    text = files("coley.economics.simulation").joinpath("resources", "iraes.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def known_iraes(regimen: str, *, assumed: Mapping[str, Mapping[str, ArrayLike]]) -> tuple[Irae, ...]:
    """Return the irAEs of a regimen from published figures.

    Parameters
    ----------
    regimen
        "ipilimumab", "nivolumab", "nivolumab+ipilimumab" (melanoma) or "nivolumab+ipilimumab, adjuvant".
    assumed
        irAE, or "every", to fields of `Irae` that are not published, or are to replace what is: costs, losses, shares.
        An irAE's own figures go before those of "every", and published ones between them.

    Raises
    ------
    UnknownName
        For a regimen, an irAE or a field that there is not.
    MissingData
        Where a share is neither published nor assumed: it is not taken to be nought.

    Notes
    -----
    Medians of onset and of resolution are read as those of exponential times. Incidences are of all treated
    patients, who did not all stay on treatment: simulated ones come out lower, and are reported. Persistence
    counts from 12 weeks after treatment in the source, from the end of the acute phase here.

    Examples
    --------
    >>> rest = {"fatal": 0, "admitted": 0.5, "persists": 0, "recurs": 0.288, "stops_low": 0, "stops_high": 0.7}
    >>> [i.name for i in known_iraes("nivolumab", assumed={"every": rest})]
    ['rash', 'colitis', 'diarrhoea', 'hepatitis', 'hypothyroidism']
    """
    rows = irae_facts()
    regimens = tuple(dict.fromkeys(row["regimen"] for row in rows if row["regimen"]))
    if regimen not in regimens:
        raise UnknownName("regimen", regimen, regimens)
    known: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["regimen"] == regimen:
            known.setdefault(row["irae"], {})[row["quantity"]] = float(row["value"])
    for row in rows:
        if not row["regimen"] and row["irae"] in known:
            known[row["irae"]][row["quantity"]] = float(row["value"])
    allowed = {field.name for field in fields(Irae)} - {"name"}
    for irae, given in assumed.items():
        if irae != "every" and irae not in known:
            raise UnknownName("irAE", irae, (*known, "every"))
        for name in given:
            if name not in allowed:
                raise UnknownName("field of an irAE", name, sorted(allowed))
    return tuple(_irae(name, found, assumed) for name, found in known.items())


def _irae(name: str, found: Mapping[str, float], assumed: Mapping[str, Mapping[str, ArrayLike]]) -> Irae:
    published: dict[str, object] = {"chance": found["any_grade"]}
    published["high"] = found["grade_3_or_more"] / found["any_grade"]
    if "median_onset" in found:
        published["onset"] = median_of(found["median_onset"] / WEEKS_PER_YEAR)
    if "median_resolution" in found:
        lasting = median_of(found["median_resolution"] / WEEKS_PER_YEAR)
        published |= {"lasting_low": lasting, "lasting_high": lasting}
    published |= {share: found[share] for share in ("persists", "recurs") if share in found}
    whole = {**assumed.get("every", {}), **published, **assumed.get(name, {})}
    needed = (*SHARES, "onset", "lasting_low", "lasting_high")
    missing = [quantity for quantity in needed if quantity not in whole]
    if missing:
        raise MissingData(
            f"Of {name}, {', '.join(missing)} is not known from a source.",
            remedy=f"Say what you assume: assumed={{{name!r}: {{{missing[0]!r}: ...}}}}.",
        )
    return Irae(name=name, **whole)  # type: ignore[arg-type]  # fields were examined above
