"""Other ways to dose: what each saves, which loss of effect would use that up, and what a trial would have to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from coley.economics.analysis.dosing import CURVES, Dosed, dosed
from coley.economics.analysis.evaluate import heaviest
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.living import Living, living
from coley.economics.analysis.margins import Margin, margin_of
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.worked import CURVE_DRAWS, interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

DRAWN_UP_TO = 2.0  # hazard ratio: nobody would dose in a way that doubles the hazard of death
POINTS = 41
ALIKE = (
    "Other ways to dose are reckoned as if patients lived and progressed as they do in the model, unless a hazard "
    "ratio is given. The break-even hazard ratio says which loss could be borne, not which there will be; quality of "
    "life and care of those alive are taken to stay as they are."
)
WITHOUT_CARE = "cost of care left out: a year of life is worth less than its care at this threshold"


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
    margins = [_margins(worked, one) for one in found]
    part = Part(
        estimates=tuple(
            e for one, at in zip(found, margins, strict=True) for e in _estimates(worked, one, at)
        ),
        tables={
            "dosing_saving": pl.concat([_savings(worked, one) for one in found]),
            "dosing_rules": pl.DataFrame([_rule(worked, one) for one in found], infer_schema_length=None),
        },
        caveats=(ALIKE, *_of_structures(worked)),
        cannot_tell=tuple(
            f"Whether patients do as well on {one.label}: only a randomised comparison tells."
            for one in found
            if one.differs and not one.base.words.affects_survival
        ),
    )
    return part + _borne(worked, found, margins)


def _margins(worked: Worked, one: _Found) -> list[Margin]:
    """Return what could be borne at each threshold; nothing where the same doses are given on the same days."""
    since, saving = one.base.from_years, one.drawn.saving[:CURVE_DRAWS]
    if since is None:
        return []
    return [
        margin_of(one.lives, saving, threshold=threshold, from_years=since, level=worked.settings.level)
        for threshold in worked.thresholds
    ]


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

    as_it_is = "base case; survival as it is" + ("" if one.differs else "; the same doses on the same days")
    found = [
        estimate(
            "dosing_saving",
            float(one.base.saving[0]),
            one.drawn.saving,
            currency,
            method="dose_calendar",
            note=as_it_is,
        )
    ]
    for margin in margins:
        if margin.threshold == worked.threshold:
            found += _ratios(worked, one, margin)
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


def _ratios(worked: Worked, one: _Found, margin: Margin) -> list[Estimate]:
    """Return the hazard ratios of death, and of progression alone, at which what is saved is used up."""
    made = []
    for endpoint, found, note in (
        ("os", margin.death, WITHOUT_CARE if margin.without_care else ""),
        ("pfs", margin.progression, "survival as it is"),
    ):
        if found is None:
            continue
        told = [
            f"from year {margin.from_years:.1f} on, at {margin.threshold:,.0f} {worked.model.currency} per QALY"
        ]
        if found.saving.value < 0:
            told.append("it costs more: the hazard must fall to this to make up for it")
        if found.never > 0:
            told.append(f"no hazard ratio uses up the saving in {found.never:.0%} of draws")
        if found.in_vain > 0:
            told.append(f"no hazard ratio makes up for the cost in {found.in_vain:.0%} of draws")
        made.append(
            Estimate(
                "break_even_hazard_ratio",
                found.value,
                found.low,
                found.high,
                n=len(found.draws),
                unit="ratio",
                method="break_even_hazard_ratio",
                level=found.level,
                endpoint=endpoint,
                group=one.label,
                note="; ".join([*told, *([note] if note else [])]),
            )
        )
    return made


def _savings(worked: Worked, one: _Found) -> pl.DataFrame:
    """Return what is saved by category, and in all."""
    base, drawn = dict(one.base.saved), dict(one.drawn.saved)
    base["in all"], drawn["in all"] = one.base.saving, one.drawn.saving
    rows = [
        {
            "group": one.label,
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
        "group": one.label,
        "doses": "; ".join(_spoken(drug) for drug in strategy.drugs),
        "stop_years": strategy.stop_years,
        "differs_from_year": one.base.from_years,
        "price": "; ".join(dict.fromkeys(price for drug in strategy.drugs for price in drug.prices)),
        "source": words.source
        or "; ".join(dict.fromkeys(drug.source for drug in words.drugs if drug.source)),
    }


def _spoken(drug: Any) -> str:
    start = f" from week {drug.from_week:g}" if drug.from_week else ""
    end = f" until week {drug.until_week:g}" if drug.until_week is not None else ""
    times = f", {drug.doses} doses" if drug.doses is not None else ""
    return f"{drug.drug} {drug.dose} every {drug.every_weeks:g} weeks{start}{end}{times}"


def _borne(worked: Worked, found: list[_Found], margins: list[list[Margin]]) -> Part:
    """Return the table of margins, and net benefit along the hazard ratio of death."""
    rows = [_row(one, margin) for one, at in zip(found, margins, strict=True) for margin in at]
    if not rows:
        return Part()
    highest = [m.death.value for at in margins for m in at if m.threshold == worked.threshold]
    lines = [
        _line(worked, one, margin, _ratios_drawn(highest))
        for one, at in zip(found, margins, strict=True)
        for margin in at
        if margin.threshold == worked.threshold
    ]
    return Part(
        tables={
            "dosing_margins": pl.DataFrame(rows, infer_schema_length=None),
            "dosing_net_benefit": pl.concat(lines),
        },
        figures=(
            Figure(
                "line_band",
                "dosing_net_benefit",
                "What another way to dose is worth, by the hazard ratio of death that comes with it",
                f"Net benefit per patient against the dosing of the model, at {worked.threshold:,.0f} "
                f"{worked.model.currency} per QALY; where a line falls below nil, what is saved is used up.",
                options={
                    "x_title": "Hazard ratio of death against the dosing of the model",
                    "y_title": f"Net benefit, {worked.model.currency}",
                    "reference": 0,
                },
            ),
        ),
    )


def _row(one: _Found, margin: Margin) -> dict[str, Any]:
    death, progression = margin.death, margin.progression
    return {
        "group": one.label,
        "threshold": margin.threshold,
        "qalys_it_is_worth": death.effect_bearable.value,
        "qalys_lived_after": margin.qalys_after,
        "hazard_ratio_of_death": _finite(death.value),
        "low": _finite(death.low),
        "high": _finite(death.high),
        "never_used_up": death.never,
        "hazard_ratio_of_progression": None if progression is None else _finite(progression.value),
        "survival_year": margin.survival_years,
        "survival_now": margin.survival_now,
        "survival_borne": _finite(margin.survival_borne),
        "deaths_of_a_trial": round(margin.deaths) if np.isfinite(margin.deaths) else None,
    }


def _ratios_drawn(values: list[float]) -> Floats:
    """Return hazard ratios for the horizontal axis: 1 and each break-even that can be shown among them."""
    known = [v for v in values if 0 < v < DRAWN_UP_TO] or [1.1]
    apart = max(abs(v - 1) for v in known)
    ends = max(1 - 1.5 * apart, 0.1), min(1 + 1.5 * apart, DRAWN_UP_TO)
    return np.linspace(*ends, POINTS)


def _line(worked: Worked, one: _Found, margin: Margin, ratios: Floats) -> pl.DataFrame:
    benefit, tail = margin.net_benefit(ratios), (1 - worked.settings.level) / 2
    low, high = np.quantile(benefit, [tail, 1 - tail], axis=0)
    return pl.DataFrame(
        {"group": one.label, "x": ratios, "value": benefit.mean(axis=0), "low": low, "high": high}
    )


def _of_structures(worked: Worked) -> tuple[str, ...]:
    """Say under which structure all this was reckoned, where there are several or none of it is the base case's."""
    weights = worked.model.structures.model_dump()
    if sum(weight > 0 for weight in weights.values()) == 1 and heaviest(worked.model) == CURVES:
        return ()
    return (
        f"Savings of other ways to dose are reckoned under {heaviest(worked.model).replace('_', ' ')} alone, hazard "
        "ratios on the curves of both endpoints.",
    )


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
