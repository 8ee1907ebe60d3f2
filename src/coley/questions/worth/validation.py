"""What a reviewer would check: that the model adds up, and that its numbers are believable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.drugs import drug_names, drugs
from coley.economics.doses import check_dose, check_price, read_dose, read_price
from coley.economics.doses.published import known_prices
from coley.model.answer import Check
from coley.model.errors import nearest
from coley.model.part import Part
from coley.read.findings import merged

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from coley.economics.model_file.drugs import Prescription
    from coley.questions.worth.worked import Worked

CROSSED = 0.01  # of the years: where curves cross for longer, one of them is wrong
APART = 0.05  # of the value: means of draws further from the base case speak of skew or of a slip
LEFT = 0.05  # of patients alive at the horizon: with more, a longer horizon changes the answer


def validation_part(worked: Worked) -> Part:
    """Return the checks, after what was found while the patients were read."""
    noted = dict.fromkeys(note for one in worked.followed.values() for note in one.notes)
    told = (
        _drugs(worked),
        _magnitudes(worked),
        _states(worked),
        _crossing(worked),
        _floor(worked),
        _horizon(worked),
        _means(worked),
    )
    return Part(checks=(*merged(list(noted)), *(check for check in told if check is not None)))


def _drugs(worked: Worked) -> Check | None:
    """Say which drugs nobody knows by their names: their prices and doses were held against none."""
    names = {drug.drug for given in _lists(worked) for drug in given}
    if not names:
        return None
    priced = {row.drug for row in known_prices()}
    known = {*drugs(), *priced}
    odd = [_doubt(name, known) for name in sorted(names) if name.lower() not in known]
    if odd:
        return Check(
            "drug_names",
            "warn",
            f"Prices and doses of some drugs were held against no known ones: {'; '.join(odd)}.",
            "Write international nonproprietary names.",
            cause="a drug misspelt, a product name, or a drug that is new here",
        )
    without = sorted(name for name in names if name.lower() not in priced)
    rest = f"; no published price of {', '.join(without)} is known here" if without else ""
    return Check("drug_names", "pass", f"Each drug is known by its name{rest}.")


def _magnitudes(worked: Worked) -> Check | None:
    """Say which prices and doses lie far from known ones and look like no slip of unit, which is refused."""
    model, odd = worked.model, []
    for drug in {
        (drug.drug, drug.dose, drug.prices): drug for given in _lists(worked) for drug in given
    }.values():
        prices = [read_price(text, price_year=model.price_year) for text in drug.prices]
        found = [check_price(drug.drug, price, country=model.country) for price in prices]
        found = [] if drug.price_confirmed else found
        found += [] if drug.unusual_dose else [check_dose(drug.drug, read_dose(drug.dose))]
        odd += [check.message for check in found if check.level == "warn"]
    if not odd:
        return None
    return Check(
        "drug_magnitudes",
        "warn",
        " ".join(dict.fromkeys(odd)),
        "Look at them once more; price_confirmed = true and unusual_dose = true say that they are meant.",
        cause="an amount or a unit that slipped, a deep discount, or another country",
    )


def _lists(worked: Worked) -> list[Sequence[Prescription]]:
    """Return every list of drugs of the model."""
    lists: list[Sequence[Prescription]] = [one.drugs for one in worked.model.dosing_alternatives]
    for one in worked.model.strategies.values():
        lists += [one.drugs, one.retreatment.drugs if one.retreatment else ()]
    return lists


def _doubt(name: str, known: Collection[str]) -> str:
    other = drug_names().get(name.lower())
    if other is not None:
        return f"{name!r} is a name of {' and '.join(other.ingredients)}"
    close = nearest(name, known)
    return (
        f"{name!r} is not known, the nearest known name is {close!r}" if close else f"{name!r} is not known"
    )


def _states(worked: Worked) -> Check:
    found = worked.drawn
    total = sum(found.state_years.values())
    off = float(np.max(np.abs(total - found.life_years)))
    if off < 1e-8:
        return Check("adds_up", "pass", "Years in the states add up to the years of life in every draw.")
    return Check("adds_up", "fail", f"Years in the states differ from the years of life by up to {off:.3g}.")


def _crossing(worked: Worked) -> Check:
    crossed = {worked.label(name): years for name, years in worked.drawn.crossed_years.items() if years > 0}
    if not crossed:
        return Check(
            "curves_cross", "pass", "Progression-free survival stays below overall survival in every draw."
        )
    named = ", ".join(
        f"{label} ({worked.drawn.crossed[name]:.0%} of draws, {worked.drawn.crossed_years[name]:.3g} years on average)"
        for name, label in zip(worked.names, worked.labels, strict=True)
        if label in crossed
    )
    share = max(
        worked.drawn.crossed_years[name] / max(float(worked.base.life_years[0, i]), 1e-9)
        for i, name in enumerate(worked.names)
    )
    return Check(
        "curves_cross",
        "warn" if share > CROSSED else "pass",
        f"Progression-free survival rose above overall survival and was cut down to it: {named}.",
        "Take curves of one kind for both endpoints, or cure and background mortality in both."
        if share > CROSSED
        else "",
        cause="each curve was fitted by itself",
    )


def _floor(worked: Worked) -> Check | None:
    if worked.prepared.people.table is None:
        return Check(
            "background_mortality",
            "warn",
            "No life table is in the model: survivors may live longer than anybody does.",
            "Name one under population.life_table.",
        )
    held = {
        place: years[0] for place, years in worked.base.floored_from_years.items() if np.isfinite(years[0])
    }
    if not held:
        return Check("background_mortality", "pass", "No hazard falls below that of the general population.")
    named = "; ".join(f"{worked.spoken(place)}, from year {years:.1f}" for place, years in held.items())
    return Check(
        "background_mortality",
        "warn",
        f"The fitted hazard falls below that of the general population, which is kept as a floor: {named}.",
        'Put background mortality into the likelihood (background = "likelihood"): the fit is then of the excess.',
    )


def _horizon(worked: Worked) -> Check:
    alive = {}
    for name, course in worked.base_courses.items():
        dead = sum(
            float(course.at(course.states.index(state), np.array([-1]))[0, 0]) for state in course.dead
        )
        alive[worked.label(name)] = 1 - dead
    most = max(alive, key=lambda label: alive[label])
    years = f"{worked.model.horizon_years:g} years"
    if alive[most] <= LEFT:
        return Check("horizon", "pass", f"At {years} at most {alive[most]:.1%} are alive ({most}).")
    return Check(
        "horizon",
        "warn",
        f"At {years} {alive[most]:.1%} are still alive ({most}): what follows is not counted.",
        "Lengthen horizon_years until few are left, or say why it ends there.",
    )


def _means(worked: Worked) -> Check:
    base, draws = worked.base, worked.drawn
    apart = {
        label: max(
            abs(float(draws.costs[:, i].mean()) / float(base.costs[0, i]) - 1) if base.costs[0, i] else 0.0,
            abs(float(draws.effects[:, i].mean()) / float(base.effects[0, i]) - 1)
            if base.effects[0, i]
            else 0.0,
        )
        for i, label in enumerate(worked.labels)
    }
    worst = max(apart, key=lambda label: apart[label])
    if apart[worst] <= APART:
        return Check(
            "draws_agree", "pass", f"Means of the draws lie within {apart[worst]:.1%} of the base case."
        )
    return Check(
        "draws_agree",
        "warn",
        f"{worst}: means of the draws lie {apart[worst]:.0%} from the base case.",
        "Decide on the means of the draws: they carry the skew that the base case leaves out.",
        cause="the base case is of one structure, the draws are of all that have a weight"
        if sum(weight > 0 for weight in worked.model.structures.model_dump().values()) > 1
        else "a skewed input or curve whose parameters are little known",
    )
