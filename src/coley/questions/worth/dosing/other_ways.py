"""Other ways to dose: what each saves, which loss of effect would use that up, and what a trial would have to show."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from coley.economics.analysis.dosing import CURVES, Dosed, dosed
from coley.economics.analysis.evaluate import heaviest
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.living import Living, living
from coley.economics.analysis.margins import Margin, margin_of
from coley.model.answer import Estimate
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.worth.dosing.margins import margins_part, ratios
from coley.questions.worth.worked import CURVE_DRAWS, interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.drugs import Drug, Rounding
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

ALIKE = (
    "Other ways to dose are reckoned as if patients lived and progressed as they do in the model, unless a hazard "
    "ratio is given. The break-even hazard ratio says which loss could be borne, not which there will be; quality of "
    "life and care of those alive are taken to stay as they are."
)


@dataclass(frozen=True, eq=False)
class _Found:
    """One way to dose, in the base case and in the draws, with who lives how under the strategy as it stands."""

    base: Dosed
    drawn: Dosed
    label: str
    lives: Living

    @property
    def differs(self) -> bool:
        """Whether doses, or the days on which they are given, are ever others."""
        return self.base.from_years is not None


def dosing_part(worked: Worked) -> Part:
    """Return what other ways to dose come to; nothing where the model names none."""
    if not worked.model.dosing_alternatives:
        return Part()
    base = dosed(worked.prepared, base_case(worked.model, worked.prepared.fitted))
    lives = {
        name: living(worked.prepared, worked.drawn_curves, worked.inputs.rows(0, CURVE_DRAWS), name=name)
        for name in dict.fromkeys(one.words.strategy for one in base)
    }
    found = [
        _Found(
            one, drawn, f"{worked.label(one.words.strategy)}: {one.words.label}", lives[one.words.strategy]
        )
        for one, drawn in zip(base, dosed(worked.prepared, worked.inputs), strict=True)
    ]
    margins = {one.label: _margins(worked, one) for one in found}
    return Part(
        estimates=tuple(e for one in found for e in _estimates(worked, one, margins[one.label])),
        tables={
            "dosing_saving": pl.concat([_savings(worked, one) for one in found]),
            "dosing_rules": pl.DataFrame([_rule(worked, one) for one in found], infer_schema_length=None),
        },
        caveats=(ALIKE, *_of_structures(worked), *_of_going_on(worked, found), *_of_some(found)),
        cannot_tell=(*_unknown(found), *_worthless(found, margins)),
    ) + margins_part(worked, margins, {one.label: float(one.base.saving_of_those[0]) for one in found})


def _unknown(found: list[_Found]) -> tuple[str, ...]:
    """Name the ways to dose of whose effect the model says nothing."""
    open_ = [one.label for one in found if one.differs and not one.base.words.affects_survival]
    said = (
        f"Whether patients do as well as modelled ({'; '.join(open_)}): only a randomised comparison tells."
    )
    return (said,) if open_ else ()


def _worthless(found: list[_Found], margins: dict[str, list[Margin]]) -> tuple[str, ...]:
    """Name the ways to dose of which no break-even hazard ratio can be told."""
    lacking = [one.label for one in found if one.differs and not margins[one.label]]
    said = (
        f"Which loss of effect could be borne ({'; '.join(lacking)}): with a utility below 0 no life is lost."
    )
    return (said,) if lacking else ()


def _margins(worked: Worked, one: _Found) -> list[Margin]:
    """Return what could be borne at each threshold; nothing where doses stay, or no life is worth living."""
    since, saving = one.base.from_years, one.drawn.saving_of_those[:CURVE_DRAWS]
    if since is None:
        return []
    with suppress(NotEstimable):
        return [
            margin_of(one.lives, saving, threshold=threshold, from_years=since, level=worked.settings.level)
            for threshold in worked.thresholds
        ]
    return []


def _estimates(worked: Worked, one: _Found, margins: list[Margin]) -> list[Estimate]:
    level, currency = worked.settings.level, worked.model.currency

    def estimate(name: str, value: float, draws: Floats, unit: str, *, method: str, note: str) -> Estimate:
        ends = interval(draws, level)
        return Estimate(
            name,
            value,
            *ends,
            n=len(draws),
            unit=unit,
            method=method,
            level=level,
            group=one.label,
            note=note,
        )

    share = one.base.words.share
    among = "" if share is None else f"; per patient of all, {100 * share.value:.0f} % of whom are dosed so"
    as_it_is = "base case; survival as it is" + ("" if one.differs else "; the same doses on the same days")
    found = [
        estimate(
            "dosing_saving",
            float(one.base.saving[0]),
            one.drawn.saving,
            currency,
            method="dose_calendar",
            note=as_it_is + among,
        )
    ]
    for margin in margins:
        if margin.threshold == worked.threshold:
            found += ratios(worked, one.label, margin)
    cost, effect = one.drawn.added_cost, one.drawn.added_effect
    if cost is not None and effect is not None:
        base_cost, base_effect = float(one.base.added_cost[0]), float(one.base.added_effect[0])  # type: ignore[index]
        k = worked.threshold
        benefit = k * effect - cost
        found += [
            estimate(
                "dosing_added_qalys",
                base_effect,
                effect,
                "QALYs",
                method="parameter_sampling",
                note="with the hazard ratio that the model gives",
            ),
            estimate(
                f"dosing_net_benefit_at_{k:.0f}",
                k * base_effect - base_cost,
                benefit,
                currency,
                method="net_benefit",
                note=f"with the hazard ratio that the model gives; above nil in {(benefit > 0).mean():.0%} of draws",
            ),
        ]
    return found


def _savings(worked: Worked, one: _Found) -> pl.DataFrame:
    """Return what is saved by category, and in all."""
    base, drawn = dict(one.base.saved), dict(one.drawn.saved)
    base["in all"], drawn["in all"] = one.base.saving, one.drawn.saving
    rows = [
        {
            "alternative": one.label,
            "category": name,
            "value": float(values[0]),
            **dict(zip(("low", "high"), interval(drawn[name], worked.settings.level), strict=True)),
        }
        for name, values in base.items()
        if values.any() or drawn[name].any() or name == "in all"
    ]
    return pl.DataFrame(rows)


def _rule(worked: Worked, one: _Found) -> dict[str, Any]:
    """Return one way to dose in words: what is given, until when, at which prices, from where."""
    words = one.base.words
    strategy = words.of(worked.model.strategies[words.strategy])
    return {
        "alternative": one.label,
        "doses": "; ".join(_spoken(drug) for drug in strategy.drugs),
        "stop_years": strategy.stop_years,
        "differs_from_year": one.base.from_years,
        "price": "; ".join(dict.fromkeys(price for drug in strategy.drugs for price in drug.prices)),
        "source": words.source
        or "; ".join(dict.fromkeys(drug.source for drug in words.drugs if drug.source)),
    }


def _spoken(drug: Drug) -> str:
    """Return what is given in words: dose, interval, weeks, and how vials and prices are dealt with."""
    told = [f"{drug.drug} {drug.dose} every {drug.every_weeks:g} weeks"]
    if drug.doses is not None:
        told.append(f"{drug.doses} doses")
    if drug.from_week:
        told.append(f"from week {drug.from_week:g}")
    if drug.until_week is not None:
        told.append(f"until week {drug.until_week:g}")
    if drug.rounding is not None:
        told.append(_rounded(drug.rounding))
    if drug.share_vials_among > 1:
        among = drug.share_vials_among
        told.append("no vial wasted" if np.isinf(among) else f"vials shared among {among:g}")
    told += [f"price falls by {fall.by.value:.0%} in year {fall.from_years:g}" for fall in drug.price_falls]
    return ", ".join(told).replace("%", " %")


def _rounded(rounding: Rounding) -> str:
    if rounding.to_mg is not None:
        return f"rounded to {rounding.to_mg:g} mg"
    if rounding.bands_mg:
        return f"in bands of {', '.join(f'{mg:g}' for mg in rounding.bands_mg)} mg"
    return f"rounded down to vials within {rounding.down_within:.0%}"


def _of_structures(worked: Worked) -> tuple[str, ...]:
    """Say under which structure all this was reckoned, where there are several or none of it is the base case's."""
    weights = worked.model.structures.model_dump()
    if sum(weight > 0 for weight in weights.values()) == 1 and heaviest(worked.model) == CURVES:
        return ()
    return (
        f"Savings of other ways to dose are reckoned under {heaviest(worked.model).replace('_', ' ')} alone, hazard "
        "ratios on the curves of both endpoints.",
    )


def _of_going_on(worked: Worked, found: list[_Found]) -> tuple[str, ...]:
    """Say that a treatment without a stop goes on for as long as progression-free survival does."""
    endless = [
        one.label
        for one in found
        if np.isinf(one.base.words.stop_years or 0.0)
        and worked.model.strategies[one.base.words.strategy].on_treatment == "pfs"
    ]
    return tuple(
        f"{label}: drugs are given until progression, however late; patients who stop earlier, for toxicity or by "
        "choice, cost less. A curve under on_treatment would tell."
        for label in endless
    )


def _of_some(found: list[_Found]) -> tuple[str, ...]:
    """Say that those to whom a way to dose is limited are no average patients."""
    some = [one.label for one in found if one.base.words.share is not None]
    said = (
        f"{'; '.join(some)}: those who are dosed so are taken to live, and to stay on treatment, as all do. Where they "
        "are picked by their response, they live longer, and both what is saved and what is at stake are larger."
    )
    return (said,) if some else ()
