"""Results in subgroups of the patients, with the weight of what each gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.equity import BySubgroup, by_subgroup
from coley.economics.policy.equity import Weighted, equity_weighted
from coley.economics.policy.increment import summary
from coley.model.answer import Check, Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.worked import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.equity import Equity
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

UNLIKE = 0.1  # of the gain in all patients: subgroups that add up to more or less describe other patients


def equity_part(worked: Worked) -> Part:
    """Return results of each subgroup, and of all of them without and with weights."""
    equity = worked.model.equity
    if equity is None:
        return Part()
    found = by_subgroup(
        worked.prepared, worked.followed, worked.inputs, equity=equity, every=worked.drawn, seed=worked.seed
    )
    results = {i: _weighted(worked, found, i) for i in worked.others}
    rows = [row for i in worked.others for row in _by_subgroup(worked, found, equity, i)]
    counts = " and ".join(f'{w:g} in "{n}"' for n, w in zip(found.labels, found.weights, strict=True))
    named = f"a QALY counts {counts}"
    return Part(
        estimates=tuple(
            estimate
            for i, (plain, weighted) in results.items()
            for estimate in _weighted_estimates(
                worked, f"{worked.labels[i]} vs {worked.labels[worked.comparator]}", plain, weighted=weighted
            )
        ),
        checks=(_adds_up(worked, found),),
        caveats=(
            f"Weights of equity are a judgement, not an estimate: {named}"
            + (f" ({equity.source})." if equity.source else "; no source is given."),
        ),
        tables={
            "equity_subgroups": pl.DataFrame(rows),
            "equity_weighted": pl.DataFrame(
                [row for i, pair in results.items() for row in _by_threshold(worked, i, *pair)]
            ),
            "equity_net_benefit": pl.DataFrame(
                [row for i, pair in results.items() for row in _shown(worked, found, i, pair=pair)]
            ),
        },
        figures=(
            Figure(
                "dot_interval",
                "equity_net_benefit",
                f"Net benefit by subgroup, at {worked.threshold:,.0f} {worked.model.currency} per QALY",
                f"Per patient; {named}. Means and intervals of {worked.drawn.draws:,} draws.",
                options={"x_title": f"Net benefit, {worked.model.currency}", "reference": 0},
            ),
        ),
    )


def _weighted(worked: Worked, found: BySubgroup, i: int) -> tuple[Weighted, Weighted]:
    """Return results over subgroups without and with their weights."""
    against = worked.comparator
    cost, effect = (values[:, :, i] - values[:, :, against] for values in (found.costs, found.effects))
    plain, weighted = (
        equity_weighted(
            cost,
            effect,
            weights,
            shares=found.shares,
            thresholds=worked.thresholds,
            level=worked.settings.level,
        )
        for weights in (np.ones_like(found.weights), found.weights)
    )
    return plain, weighted


def _weighted_estimates(worked: Worked, group: str, plain: Weighted, *, weighted: Weighted) -> list[Estimate]:
    level, currency, made = worked.settings.level, worked.model.currency, []
    for name, one in (("icer_over_subgroups", plain), ("equity_weighted_icer", weighted)):
        whole = one.icer.kind == "interval" and np.isfinite(one.icer.value)
        made.append(
            Estimate(
                name,
                one.icer.value,
                one.icer.low if whole else None,
                one.icer.high if whole else None,
                n=len(one.costs),
                unit=f"{currency} per QALY",
                method="equity_weighted",
                level=level,
                group=group,
                note=f"{one.icer.position}; of the means of the draws",
            )
        )
    for k, threshold in enumerate(weighted.thresholds):
        benefit = summary(threshold * weighted.effects - weighted.costs, level)
        made.append(
            Estimate(
                f"equity_weighted_net_benefit_at_{threshold:.0f}",
                benefit.value,
                benefit.low,
                benefit.high,
                n=len(weighted.costs),
                unit=currency,
                method="equity_weighted",
                level=level,
                group=group,
                note=f"above 0 in {weighted.probability[k]:.0%} of the draws, {plain.probability[k]:.0%} without "
                "weights",
            )
        )
    return made


def _by_subgroup(worked: Worked, found: BySubgroup, equity: Equity, i: int) -> list[dict[str, object]]:
    against, level = worked.comparator, worked.settings.level
    rows: list[dict[str, object]] = []
    for g, one in enumerate(equity.subgroups):
        cost = found.costs[:, g, i] - found.costs[:, g, against]
        effect = found.effects[:, g, i] - found.effects[:, g, against]
        low, high = interval(effect, level)
        both = cost.mean() * effect.mean() > 0
        benefit = worked.threshold * effect - cost
        rows.append(
            {
                "strategy": worked.labels[i],
                "subgroup": one.label,
                "share": one.share,
                "weight": one.weight,
                "added_cost": float(cost.mean()),
                "added_qalys": float(effect.mean()),
                "added_qalys_low": low,
                "added_qalys_high": high,
                "icer": float(cost.mean() / effect.mean()) if both else None,
                "net_benefit": float(benefit.mean()),
                "probability": float((benefit > 0).mean()),
                "source": one.source,
            }
        )
    return rows


def _by_threshold(worked: Worked, i: int, plain: Weighted, weighted: Weighted) -> list[dict[str, object]]:
    return [
        {
            "strategy": worked.labels[i],
            "weights": name,
            "icer": one.icer.value if np.isfinite(one.icer.value) else None,
            "position": one.icer.position,
            "threshold": float(threshold),
            "net_benefit": float(one.net_benefit[k]),
            "probability": float(one.probability[k]),
        }
        for name, one in (("none", plain), ("of equity", weighted))
        for k, threshold in enumerate(one.thresholds)
    ]


def _shown(
    worked: Worked, found: BySubgroup, i: int, *, pair: tuple[Weighted, Weighted]
) -> list[dict[str, object]]:
    """Return net benefit of each subgroup and of all patients, without and with weights."""
    against, level = worked.comparator, worked.settings.level
    lead = f"{worked.labels[i]}, " if len(worked.others) > 1 else ""
    cost, effect = (values[:, :, i] - values[:, :, against] for values in (found.costs, found.effects))
    named = (("without weights", np.ones_like(found.weights), pair[0]), ("weighted", found.weights, pair[1]))
    rows: list[dict[str, object]] = []
    for series, weights, whole in named:
        by_label = {
            label: worked.threshold * weights[g] * effect[:, g] - cost[:, g]
            for g, label in enumerate(found.labels)
        } | {"all patients": worked.threshold * whole.effects - whole.costs}
        for label, benefit in by_label.items():
            one = summary(benefit, level)
            rows.append(
                {
                    "label": f"{lead}{label}",
                    "series": series,
                    "value": one.value,
                    "low": one.low,
                    "high": one.high,
                }
            )
    return rows


def _adds_up(worked: Worked, found: BySubgroup) -> Check:
    """Say whether the subgroups add up to the patients of the model."""
    against = worked.comparator
    over = np.einsum("dgs,g->s", found.effects, found.shares) / len(found.effects)
    gaps = []
    for i in worked.others:
        every = float((worked.drawn.effects[:, i] - worked.drawn.effects[:, against]).mean())
        gaps.append((abs(over[i] - over[against] - every) / max(abs(every), 1e-9), i, every))
    gap, i, every = max(gaps)
    message = (
        f"Over its subgroups {worked.labels[i]} adds {over[i] - over[against]:.3f} QALYs, in all patients "
        f"{every:.3f}."
    )
    if gap <= UNLIKE:
        return Check("subgroups_add_up", "pass", message)
    return Check(
        "subgroups_add_up",
        "warn",
        message,
        "Let the subgroups' shares, ages and effects average to those of all patients.",
        cause="the subgroups are not those of the patients of the model, or effects differ more than they do",
    )
