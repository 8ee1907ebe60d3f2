"""What one dose takes over the weights of the patients: mg, vials, waste and money, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import Dose
from coley.economics.doses.doubt import believe_dose
from coley.economics.doses.draws import share_of
from coley.economics.doses.prescribed import Prescribed
from coley.economics.doses.rounding import DownToVial, Rounding, rounded
from coley.economics.doses.sharing import shared_vials
from coley.economics.doses.vials import SAME, Cover, cheapest_vials
from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.doses.bodies import Body
    from coley.economics.doses.prices import Product

    Floats = NDArray[np.float64]

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
    unusual_dose: bool = False,
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
    unusual_dose
        True where a dose that looks like one in another unit is meant as it stands.

    Raises
    ------
    MissingData
        Where the dose needs a weight (or a surface) that is not given.
    InvalidSetting
        Where settings are out of range or do not go together, or the dose looks like one in another unit.

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
    if not unusual_dose:
        believe_dose(product.drug, dose)
    doses = Prescribed(dose, body, share_of(reduced, "The reduction of doses"))
    if not patients_sharing >= 1:
        raise InvalidSetting(
            f"Vials cannot be shared among {patients_sharing!r} patients.", remedy="1 is none."
        )
    if np.isinf(patients_sharing) or not product.vials:
        if not product.vials and not np.isinf(patients_sharing):
            raise InvalidSetting(
                f"The price of {product.drug} is per mg and names no vial, so that waste cannot be known.",
                remedy='Give the vial ("48.57 USD per mg of 100 mg/4 mL"), or reckon without waste '
                "(share_vials_among = inf in a model file, patients_sharing = inf in Python).",
            )
        return _without_waste(doses, product, rounding)
    if patients_sharing != int(patients_sharing):
        raise InvalidSetting("The number of patients who share vials must be whole, or inf.")
    if patients_sharing > 1:
        return _shared(doses, product, rounding, int(patients_sharing))
    return _each(doses, product, rounding)


def _cover(product: Product, largest_mg: float) -> Cover:
    """Return the cheapest vials at mean prices: a pharmacy chooses them once, not draw by draw."""
    price = product.net_per_vial.mean(axis=0)
    return cheapest_vials([vial.mg for vial in product.vials], price, largest_mg=largest_mg * (1 + SAME))


def _supply(given: Floats, vials: Floats, product: Product) -> Supply:
    cost = (vials * product.net_per_vial).sum(axis=-1)
    given, cost = np.broadcast_arrays(given, cost)
    bought = vials @ np.array([vial.mg for vial in product.vials])
    return Supply(given.copy(), np.broadcast_to(bought, given.shape).copy(), vials, cost.copy())


def _each(doses: Prescribed, product: Product, rounding: Rounding | None) -> Supply:
    """Every patient from vials of his own."""
    fixed = rounded(doses, rounding)
    if fixed is not None:
        given, chance = fixed
        cover = _cover(product, float(given[-1]))
        return _supply(chance @ given, chance @ cover.counts[cover.which(given)], product)
    cover = _cover(product, doses.largest)
    slack = rounding.slack if isinstance(rounding, DownToVial) else 0.0
    upper = cover.upper_mg / (1 - slack)
    chance = doses.between(upper)
    vials = chance @ cover.counts
    if not slack:
        return _supply(doses.mean, vials, product)
    # Within a step the whole calculated dose is given as far as its vials go, and their content beyond.
    lower = np.append(0.0, upper[:-1])
    full = np.clip(cover.total_mg, lower, upper)
    whole = doses.partial_mean(full) - doses.partial_mean(lower)
    short = (chance - (doses.cdf(full) - doses.cdf(lower))) * cover.total_mg
    return _supply((whole + short).sum(axis=-1), vials, product)


def _without_waste(doses: Prescribed, product: Product, rounding: Rounding | None) -> Supply:
    """Every mg that is paid for is given: vials of the size that is cheapest per mg, in fractions."""
    if isinstance(rounding, DownToVial):
        raise InvalidSetting("Where vials are shared in full there is nothing to round down to.")
    fixed = rounded(doses, rounding)
    mg = doses.mean if fixed is None else fixed[1] @ fixed[0]
    cheapest = int(product.net_per_mg.mean(axis=0).argmin())
    mg, cost = np.broadcast_arrays(mg, mg * product.net_per_mg[:, cheapest])
    vials = np.zeros((len(mg), len(product.vials)))
    if product.vials:
        vials[:, cheapest] = mg / product.vials[cheapest].mg
    return Supply(mg.copy(), mg.copy(), vials, cost.copy())


def _shared(doses: Prescribed, product: Product, rounding: Rounding | None, patients: int) -> Supply:
    """Several patients from one lot of vials."""
    if isinstance(rounding, DownToVial):
        raise InvalidSetting("Rounding down to a vial and sharing of vials are not reckoned together.")
    fixed = rounded(doses, rounding)
    vials = shared_vials(
        doses,
        patients,
        vial_mg=[vial.mg for vial in product.vials],
        cover_of=lambda largest_mg: _cover(product, largest_mg),
        rounded=fixed,
    )
    return _supply(doses.mean if fixed is None else fixed[1] @ fixed[0], vials, product)
