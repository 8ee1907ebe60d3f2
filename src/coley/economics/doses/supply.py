"""What one dose takes over the weights of the patients: mg, vials, waste and money, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, gcd
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import Dose, Flat
from coley.economics.doses.draws import draws_of, share_of
from coley.economics.doses.vials import LATTICE, SAME, Cover, cheapest_vials
from coley.model.errors import InvalidSetting, MissingData
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.doses.bodies import Body
    from coley.economics.doses.prices import Product

    Floats = NDArray[np.float64]

SHARED_STEP_MG = 0.1  # grid on which doses of several patients are added up
BEYOND_BANDS = 0.01  # share of patients who may need more than the highest dose band, and are given that band
AT_ONCE = 4_000_000  # values of such grids that are held at a time
DAYS_PER_YEAR = 365.25

BACH = (
    "Bach PB, Conti RM, Muller RJ, Schnorr GC, Saltz LB. Overspending driven by oversized single dose vials of "
    "cancer drugs. BMJ 2016;352:i788."
)
HALL = (
    "Hall E, Zhang J, Kim EJ, et al. Economics of alternative dosing strategies for pembrolizumab and nivolumab "
    "at a single academic cancer center. Cancer Med 2020;9:2106-2114."
)
HOPA = (
    "Fahrenbruch R, Kintzel P, Bott AM, Gilmore S, Markham R. Dose rounding of biologic and cytotoxic anticancer "
    "agents: a position statement of the Hematology/Oncology Pharmacy Association. J Oncol Pract 2018;14:e130-e136."
)


@dataclass(frozen=True, slots=True)
class ToMultiple:
    """The calculated dose is rounded to the nearest multiple of so many mg, halves upward, and never to none."""

    mg: float

    def bands(self, largest_mg: float) -> tuple[Floats, Floats]:
        """Return the upper ends (I,) of the calculated doses and the dose (I,) given up to each."""
        (step,) = draws_of(self.mg, "The step of rounding", low=1 / LATTICE, unit="mg")
        given = step * np.arange(1, int(largest_mg / step + 0.5) + 2)
        return given + step / 2, given


@dataclass(frozen=True, slots=True)
class ToBands:
    """Dose banding: the nearest of a list of doses is given."""

    doses_mg: tuple[float, ...]

    def bands(self, largest_mg: float) -> tuple[Floats, Floats]:
        """Return the upper ends (I,) of the calculated doses and the dose (I,) given up to each."""
        given = draws_of(self.doses_mg, "A banded dose", low=1 / LATTICE, unit="mg")
        if len(given) < 2 or (np.diff(given) <= 0).any():
            raise InvalidSetting(
                "Dose bands must be two or more doses in rising order.", where=f"{self.doses_mg}"
            )
        return np.append((given[1:] + given[:-1]) / 2, np.inf), given


@dataclass(frozen=True, slots=True)
class DownToVial:
    """The dose may fall short of the calculated one by this fraction where that saves a vial.

    Within 10 % is taken as acceptable by the Hematology/Oncology Pharmacy Association (2018).
    """

    within: float


Rounding = ToMultiple | ToBands | DownToVial


@dataclass(frozen=True, eq=False)
class Supply:
    """What one dose takes on average over the patients.

    Attributes
    ----------
    given_mg, bought_mg
        (D,) mg that reach the patient, and that are paid for.
    vials
        (D, V) vials of each size; not whole numbers, as they are means. No column where a price is per mg.
    cost
        (D,) money, after the discount and before later cuts.
    """

    given_mg: Floats
    bought_mg: Floats
    vials: Floats
    cost: Floats

    @property
    def wasted_share(self) -> Floats:
        """Share of what is paid for that is thrown away, (D,)."""
        with np.errstate(invalid="ignore"):
            return 1 - self.given_mg / self.bought_mg

    def cost_per_year(self, every_weeks: float) -> Floats:
        """Return the cost of a year (365.25 days) of such doses every so many weeks, (D,).

        A rate, as published annual costs are; the doses of a first year are whole and start at once.
        """
        return self.cost * DAYS_PER_YEAR / 7 / every_weeks


@method(
    "expected_vials",
    title="Expected vials of a dose over the weights of patients",
    summary="Integrates the cheapest combination of vials over the distribution of body weight, band by band.",
    needs="dose, content and price of each vial, distribution of weight, and how vials are shared",
    limits="Patients are independent, those who share a day among them; weight is that at the start and does "
    "not change; every size of vial is in stock.",
    references=(BACH, HALL, HOPA),
)
def supply(
    dose: Dose,
    product: Product,
    *,
    body: Body | None = None,
    patients_sharing: float = 1,
    rounding: Rounding | None = None,
    reduced: ArrayLike = 0.0,
) -> Supply:
    """Return what one dose takes on average: mg, vials, money.

    Parameters
    ----------
    dose
        As prescribed.
    product
        The vials and their prices.
    body
        Distribution of weight (kg) or surface (m2); needed unless the dose is flat.
    patients_sharing
        How many patients are treated from the same vials: 1 for no sharing, `inf` where nothing is wasted.
    rounding
        `ToMultiple`, `ToBands` or `DownToVial`; None where the calculated dose is given.
    reduced
        Fraction by which doses are smaller than prescribed, one number or one a draw (D,).

    Raises
    ------
    MissingData
        Where the dose needs a weight (or a surface) that is not given.
    InvalidSetting
        Where settings are out of range or do not go together.

    References
    ----------
    Bach et al. 2016 for the waste; Hall et al. 2020 for sharing and for the lesser of two doses.

    Examples
    --------
    NICE TA484: 3 mg/kg for 73 kg are 219 mg, or six vials of 40 mg, 2,634 GBP.

    >>> from coley.economics.doses import Empirical, PerKg, Price, Product, Vial
    >>> vial = Price(439, per="vial", vial=Vial(40, 4), currency="GBP", price_year=2017)
    >>> made = supply(PerKg(3), Product("nivolumab", [vial]), body=Empirical([73]))
    >>> made.vials, made.cost, made.wasted_share.round(4)
    (array([[6.]]), array([2634.]), array([0.0875]))
    """
    doses = _Amounts(dose, body, share_of(reduced, "The reduction of doses"))
    if not patients_sharing >= 1:
        raise InvalidSetting(
            f"Vials cannot be shared among {patients_sharing!r} patients.", remedy="1 is none."
        )
    if np.isinf(patients_sharing) or not product.vials:
        if not product.vials and not np.isinf(patients_sharing):
            raise InvalidSetting(
                f"The price of {product.drug} is per mg and names no vial, so that waste cannot be known.",
                remedy='Give the vial ("100 mg/4 mL"), or patients_sharing = inf to reckon without waste.',
            )
        return _without_waste(doses, product, rounding)
    if patients_sharing != int(patients_sharing):
        raise InvalidSetting("The number of patients who share vials must be whole, or inf.")
    if patients_sharing > 1:
        return _shared(doses, product, rounding, int(patients_sharing))
    return _each(doses, product, rounding)


class _Amounts:
    """The distribution of the dose in mg: a rate times the body, capped, then reduced."""

    def __init__(self, dose: Dose, body: Body | None, reduced: Floats) -> None:
        if isinstance(dose, Flat):
            body = None
        elif body is None:
            raise MissingData(
                f"A dose of {dose} needs the patients' {'weights' if dose.body_unit == 'kg' else 'surfaces'}.",
                remedy="Give a distribution: Normal(mean, SD), LogNormal, Empirical or Mixture.",
            )
        elif body.unit != dose.body_unit:
            raise InvalidSetting(f"A dose of {dose} needs bodies in {dose.body_unit}, not in {body.unit}.")
        kept = (1 - reduced)[:, None]
        if (kept <= 0).any():
            raise InvalidSetting("A dose cannot be reduced by all of it.", remedy="That is a missed dose.")
        self.body = body
        self.rate = dose.rate * kept  # (D, 1) mg, mg/kg or mg/m2
        self.cap = dose.cap_mg * kept
        self.largest = float(
            self.cap.max() if body is None else np.minimum(self.cap, self.rate * body.largest).max()
        )

    def cdf(self, x: Floats) -> Floats:
        """Return the share of doses at or below x (J,), as (D, J); x within rounding of the cap is at it."""
        x = x * (1 + SAME)
        if self.body is None:
            return np.asarray(x >= self.cap, dtype=np.float64)
        return np.where(x >= self.cap, 1.0, self.body.cdf(x / self.rate))

    def partial_mean(self, x: Floats) -> Floats:
        """Return the mean of the dose where it is at most x (J,) and 0 elsewhere, as (D, J)."""
        x = x * (1 + SAME)
        if self.body is None:
            return np.where(x >= self.cap, self.cap, 0.0)
        below = self.rate * self.body.partial_mean(np.minimum(x, self.cap) / self.rate)
        capped = np.where(np.isinf(self.cap), 0.0, self.cap)
        return np.where(x >= self.cap, below + capped * (1 - self.body.cdf(self.cap / self.rate)), below)


def _differences(at: Floats) -> Floats:
    return np.asarray(np.diff(at, axis=-1, prepend=0.0))


def _mean_per_vial(product: Product) -> Floats:
    """Mean price of each vial, (V,): the pharmacy chooses vials once, not draw by draw."""
    return np.asarray(product.net_per_vial.mean(axis=0))


def _cover(product: Product, largest_mg: float) -> Cover:
    return cheapest_vials(
        [vial.mg for vial in product.vials], _mean_per_vial(product), largest_mg=largest_mg * (1 + SAME)
    )


def _given(doses: _Amounts, rounding: Rounding | None) -> tuple[Floats, Floats] | None:
    """Return the doses that rounding leaves, (I,), and their chances, (D, I); None where it leaves all."""
    if not isinstance(rounding, ToMultiple | ToBands):
        return None
    upper, given = rounding.bands(doses.largest)
    if isinstance(rounding, ToBands):
        half_a_step = given[-1] - upper[-2]
        beyond = float((1 - doses.cdf(given[-1:] + half_a_step)).max())
        if beyond > BEYOND_BANDS:
            raise InvalidSetting(
                f"The highest dose band, {given[-1]:g} mg, is too low: {beyond:.0%} of patients need more.",
                remedy="Add higher bands, or cap the dose.",
            )
    # Halves go upward, so that a band ends just below its upper end.
    return given, _differences(_closed(doses.cdf(upper * (1 - 3 * SAME))))


def _closed(cdf: Floats) -> Floats:
    """Return a cdf whose last value is 1: what lies beyond the last step is taken at it."""
    return np.concatenate([cdf[:, :-1], np.ones((len(cdf), 1))], axis=1)


def _supply(given: Floats, vials: Floats, product: Product) -> Supply:
    cost = (vials * product.net_per_vial).sum(axis=-1)
    given, cost = np.broadcast_arrays(given, cost)
    bought = vials @ np.array([vial.mg for vial in product.vials])
    return Supply(given.copy(), np.broadcast_to(bought, given.shape).copy(), vials, cost.copy())


def _each(doses: _Amounts, product: Product, rounding: Rounding | None) -> Supply:
    """Every patient from vials of his own."""
    rounded = _given(doses, rounding)
    if rounded is not None:
        given, chance = rounded
        cover = _cover(product, float(given[-1]))
        return _supply(chance @ given, chance @ cover.counts[cover.which(given)], product)
    slack = 0.0
    if isinstance(rounding, DownToVial):
        slack = float(share_of(rounding.within, "The rounding down to a vial")[0])
        if slack >= 1:
            raise InvalidSetting("A dose cannot be rounded down by all of it.")
    cover = _cover(product, doses.largest)
    upper = cover.upper_mg / (1 - slack)
    vials = _differences(_closed(doses.cdf(upper))) @ cover.counts
    if not slack:
        return _supply(doses.partial_mean(np.array([np.inf]))[:, 0], vials, product)
    # Within a step the whole calculated dose is given as far as its vials go, and their content beyond.
    lower = np.append(0.0, upper[:-1])
    full = np.clip(cover.total_mg, lower, upper)
    whole = doses.partial_mean(full) - doses.partial_mean(lower)
    short = (_closed(doses.cdf(upper)) - doses.cdf(full)) * cover.total_mg
    return _supply((whole + short).sum(axis=-1), vials, product)


def _without_waste(doses: _Amounts, product: Product, rounding: Rounding | None) -> Supply:
    """Every mg that is paid for is given: vials of the size that is cheapest per mg, in fractions."""
    if isinstance(rounding, DownToVial):
        raise InvalidSetting("Where vials are shared in full there is nothing to round down to.")
    rounded = _given(doses, rounding)
    mg = doses.partial_mean(np.array([np.inf]))[:, 0] if rounded is None else rounded[1] @ rounded[0]
    cheapest = int(product.net_per_mg.mean(axis=0).argmin())
    mg, cost = np.broadcast_arrays(mg, mg * product.net_per_mg[:, cheapest])
    vials = np.zeros((len(mg), len(product.vials)))
    if product.vials:
        vials[:, cheapest] = mg / product.vials[cheapest].mg
    return Supply(mg.copy(), mg.copy(), vials, cost.copy())


def _shared(doses: _Amounts, product: Product, rounding: Rounding | None, patients: int) -> Supply:
    """Several patients from one lot of vials: the distribution of the sum of their doses."""
    if isinstance(rounding, DownToVial):
        raise InvalidSetting("Rounding down to a vial and sharing of vials are not reckoned together.")
    rounded = _given(doses, rounding)
    marks = [vial.mg for vial in product.vials]
    marks += doses.cap[np.isfinite(doses.cap)].tolist() if rounded is None else rounded[0].tolist()
    step = _step(marks, discrete=rounded is not None or doses.body is None)
    largest = doses.largest if rounded is None else float(rounded[0][-1])
    points = ceil(largest / step) + 1
    if rounded is None:
        chance = _differences(
            _closed(doses.cdf(np.asarray((np.arange(points) + 0.5) * step, dtype=np.float64)))
        )
        mean = doses.partial_mean(np.array([np.inf]))[:, 0]
    else:
        at = np.rint(rounded[0] / step).astype(np.intp)
        chance = np.zeros((len(rounded[1]), points))
        for i, column in enumerate(at):
            chance[:, column] += rounded[1][:, i]
        mean = rounded[1] @ rounded[0]
    cover = _cover(product, patients * (points - 1) * step)
    counts = cover.counts[cover.which(np.arange(patients * (points - 1) + 1) * step)]

    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(len(counts), real=True)
    block = max(1, AT_ONCE // size)
    vials = np.concatenate(
        [
            irfft(rfft(chance[start : start + block], size, axis=1) ** patients, size, axis=1)[
                :, : len(counts)
            ]
            @ counts
            for start in range(0, len(chance), block)
        ]
    )
    return _supply(mean, vials / patients, product)


def _step(marks: Sequence[float], *, discrete: bool) -> float:
    """Return a grid on which the marks lie: as wide as they allow, and fine where doses are continuous."""
    common = gcd(*(max(round(mark * LATTICE), 1) for mark in marks)) / LATTICE
    if discrete:
        return max(common, SHARED_STEP_MG)
    return common / ceil(common / SHARED_STEP_MG) if common >= SHARED_STEP_MG else SHARED_STEP_MG
