"""What moves the answer: one number at a time, and scenarios of what no interval holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from coley.economics.analysis.evaluate import evaluate, heaviest, prepare
from coley.economics.analysis.inputs import base_case
from coley.economics.course.structures import STRUCTURES
from coley.model.answer import Figure
from coley.model.errors import ColeyError
from coley.model.part import Part
from coley.questions.worth.individuals.part import individual_scenarios
from coley.questions.worth.survival.curves import ENDPOINTS
from coley.questions.worth.uncertainty.alternatives import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Evaluation
    from coley.economics.analysis.individuals import Total
    from coley.economics.model_file.schema import Model
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

ROUNDING = 1e-9  # of the base case: what moves it by less does not move it

STILL = 1e-9  # of the base case: a shorter bar is rounding, of an input that this does not rest on


def one_at_a_time_part(worked: Worked) -> Part:
    """Return the tornado of each strategy and the table of scenarios."""
    tables = {"one_way": _one_way(worked), "scenarios": _scenarios(worked)}
    figures = tuple(
        Figure(
            "tornado",
            "one_way",
            f"{worked.labels[i]}: what moves its net benefit against {worked.labels[worked.comparator]}",
            f"Net benefit per patient at {worked.threshold:,.0f} {worked.model.currency} per QALY; each input at the "
            f"ends of its interval, the others at their estimates.{_of_choices(tables['one_way'])}",
            options={"strategy": worked.labels[i], "currency": worked.model.currency} | worked.strokes,
        )
        for i in worked.others
        if tables["one_way"].height
    )
    unpaired = (
        "What a state transition model would say: which patients progressed before dying is not known.",
    )
    return Part(tables=tables, figures=figures, cannot_tell=() if _same_patients(worked) else unpaired)


def _one_way(worked: Worked) -> pl.DataFrame:
    found, chosen = worked.one_way, list(alternatives(worked))
    rows = []
    for i in worked.others:
        benefit = _benefit(worked, found, i)
        shared = {"strategy": worked.labels[i], "base": float(benefit[0])}
        rows += [
            shared
            | {
                "input": name,
                "label": worked.spoken(name),
                "low": float(worked.rows.low[j]),
                "high": float(worked.rows.high[j]),
                "at_low": float(benefit[1 + 2 * j]),
                "at_high": float(benefit[2 + 2 * j]),
            }
            for j, name in enumerate(worked.rows.names)
        ]
        for one in chosen:
            each = {words: float(_benefit(worked, under, i)[0]) for words, under in one.ways.items()}
            worst, best = min(each, key=lambda words: each[words]), max(each, key=lambda words: each[words])
            rows.append(
                shared
                | {
                    "input": one.name,
                    "label": one.label,
                    "low_words": worst,
                    "high_words": best,
                    "at_low": each[worst],
                    "at_high": each[best],
                }
            )
    schema: dict[str, Any] = {
        **dict.fromkeys(("strategy", "input", "label"), pl.String),
        **dict.fromkeys(("low", "high", "at_low", "at_high", "base"), pl.Float64),
        **dict.fromkeys(("low_words", "high_words"), pl.String),
    }
    return (
        pl.DataFrame(rows, schema=schema)
        .with_columns(width=(pl.col("at_high") - pl.col("at_low")).abs())
        .filter(pl.col("width") > STILL * (1 + pl.col("base").abs()))
        .sort("strategy", "width", "input", descending=[False, True, False], maintain_order=True)
    )


def _of_choices(table: pl.DataFrame) -> str:
    """Say what the ends of a bar are that belongs to a choice and not to a number."""
    if table["low_words"].is_null().all():
        return ""
    return (
        " Of the structure and of families, the ends are those with the lowest and the highest net benefit."
    )


def _benefit(worked: Worked, found: Evaluation, strategy: int) -> Floats:
    """Return what a strategy adds to the comparator in net benefit, (D,)."""
    against, k = worked.comparator, worked.threshold
    return k * (found.effects[:, strategy] - found.effects[:, against]) - (
        found.costs[:, strategy] - found.costs[:, against]
    )


def _scenarios(worked: Worked) -> pl.DataFrame:
    rows = [_row(worked, "base case", worked.base)]
    table, fitted = worked.prepared.people.table, worked.prepared.fitted
    for name, model, refit in _variants(worked):
        try:
            prepared = prepare(model, worked.followed, table=table, fitted=None if refit else fitted)
            rows += [_row(worked, name, evaluate(prepared, base_case(model, prepared.fitted)))]
        except ColeyError as error:
            rows += [[{"scenario": name, "note": str(error.what)}]]
    rows += [_row(worked, name, found) for name, found in individual_scenarios(worked)]
    return pl.DataFrame(
        [row for group in rows for row in group],
        schema={
            "scenario": pl.String,
            "strategy": pl.String,
            "added_cost": pl.Float64,
            "added_qalys": pl.Float64,
            "added_life_years": pl.Float64,
            "icer": pl.Float64,
            "net_benefit": pl.Float64,
            "note": pl.String,
        },
    )


def _row(worked: Worked, name: str, found: Evaluation | Total) -> list[dict[str, Any]]:
    against, k = worked.comparator, worked.threshold
    rows = []
    for i in worked.others:
        cost = float(found.costs[0, i] - found.costs[0, against])
        effect = float(found.effects[0, i] - found.effects[0, against])
        rows.append(
            {
                "scenario": name,
                "strategy": worked.labels[i],
                "added_cost": cost,
                "added_qalys": effect,
                "added_life_years": float(found.life_years[0, i] - found.life_years[0, against]),
                "icer": cost / effect if cost * effect > 0 else None,
                "net_benefit": k * effect - cost,
                "note": "" if cost * effect > 0 else "dominant" if effect >= 0 >= cost else "dominated",
            }
        )
    return rows


def _variants(worked: Worked) -> Iterator[tuple[str, Model, bool]]:
    """Yield name and model of each scenario, and whether its curves must be fitted anew."""
    model = worked.model
    for years in worked.settings.horizons_years:
        if years < model.horizon_years:
            yield f"horizon of {years:g} years", model.model_copy(update={"horizon_years": years}), False
    if _same_patients(worked):
        moves_fitted = bool(model.structures.clock_forward or model.structures.clock_reset)
        for structure in model.structures.model_dump():
            if structure != heaviest(model):
                title = STRUCTURES[structure].title[:1].lower() + STRUCTURES[structure].title[1:]
                weights = dict.fromkeys(model.structures.model_dump(), 0.0) | {structure: 1.0}
                yield f"structure: {title}", _with(model, structures=weights), not moves_fitted
    yield "no discounting", _with(model, discount={"costs": 0.0, "effects": 0.0}), False
    for endpoint, title in ENDPOINTS.items():
        offered = [
            _families(worked, place) for place in worked.prepared.fitted if place.endswith(f".{endpoint}")
        ]
        if any(len(families) > 1 for families in offered):
            for family in sorted({family for families in offered for family in families}):
                changed = _each_curve(model, (endpoint,), families=(family,), weights="aic")
                yield f"{title.lower()}: every curve {family.replace('_', '-')}", changed, True
    if any(spec.cure != "none" for spec in _fitted_specs(model)):
        yield "no cure in any curve", _each_curve(model, cure="none"), True
    if any(spec.background == "likelihood" for spec in _fitted_specs(model)):
        changed = _each_curve(model, background="floor")
        yield "background mortality as a floor, not in the likelihood", changed, True
    if any(spec.registry is not None for spec in _fitted_specs(model)):
        yield "patients alone, without the registry", _each_curve(model, registry=None), True
    if model.utilities.norms:
        changed = _with(model, utilities={**model.utilities.model_dump(), "norms": ""})
        yield "utilities that do not fall with age", changed, False


def _same_patients(worked: Worked) -> bool:
    """Whether progression and death are known of the same patients, in every strategy."""
    pairs = [
        [worked.followed.get(f"{name}.{endpoint}") for endpoint in ("pfs", "os")] for name in worked.names
    ]
    return all(
        pfs is not None and alive is not None and pfs.patients and pfs.patients == alive.patients
        for pfs, alive in pairs
    )


def _families(worked: Worked, place: str) -> tuple[str, ...]:
    name, endpoint = place.rsplit(".", 1)
    spec = getattr(worked.model.strategies[name], endpoint)
    return tuple(spec.families)


def _fitted_specs(model: Model) -> list[Any]:
    return [
        spec for strategy in model.strategies.values() for spec in (strategy.pfs, strategy.os) if spec.fitted
    ]


def _each_curve(model: Model, endpoints: tuple[str, ...] = ("pfs", "os"), **changes: Any) -> Model:
    strategies = {}
    for name, strategy in model.strategies.items():
        update = {
            endpoint: getattr(strategy, endpoint).model_copy(update=changes)
            for endpoint in endpoints
            if getattr(strategy, endpoint).fitted
        }
        strategies[name] = strategy.model_copy(update=update)
    return model.model_copy(update={"strategies": strategies})


def _with(model: Model, **changes: Any) -> Model:
    return type(model).model_validate({**model.model_dump(), **changes})
