"""What it would be worth to do the studies that the model file plans, and of what size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.studies import worth_of_study
from coley.model.answer import Check, Estimate, Figure
from coley.model.part import Part
from coley.model.words import format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.economics.analysis.studies import StudyWorth
    from coley.economics.model_file.studies import PlannedStudy
    from coley.questions.worth.worked import Worked

Z = 1.96  # of an interval of 95 %
FROM_MILLIONS = 2e6  # 1,500,000 is still read faster than 1.5 million
WITHOUT_ERROR = "Without sampling error"
FAR = 3.0  # standard errors by which no estimate passes its bound by chance


def studies_part(worked: Worked) -> Part:
    """Return values by size, the best size and figures of every planned study."""
    planned = worked.model.planned_studies
    if not planned or worked.drawn.draws < 2:
        return Part()
    found = [
        worth_of_study(
            study,
            worked.prepared,
            worked.inputs,
            drawn=worked.drawn,
            threshold=worked.threshold,
            seed=worked.seed,
        )
        for study in planned
    ]
    pairs = list(zip(planned, found, strict=True))
    part = Part(
        tables={"planned_studies": pl.concat([_rows(study, one) for study, one in pairs])},
        checks=(_bounded(worked, pairs),),
    )
    for study, one in pairs:
        part += _told(worked, study, one)
    return part + _net(worked, pairs) + Part(caveats=_assumed(planned))


def _assumed(planned: Sequence[PlannedStudy]) -> tuple[str, ...]:
    """Return what the simulation of a trial leaves out."""
    both = [study.label for study in planned if len(study.curves) > study.arms]
    if not both:
        return ()
    return (
        f"{'; '.join(both)}: progression and death of one arm are simulated apart from each other, as curves do "
        "not say who progresses before dying.",
    )


def _rows(study: PlannedStudy, found: StudyWorth) -> pl.DataFrame:
    count = len(found.sizes)
    return pl.DataFrame(
        {
            "study": [study.label] * count,
            "size": found.sizes,
            "patients": study.arms * found.sizes,
            "value": found.value,
            "low": [max(v - Z * se, 0.0) for v, se in zip(found.value, found.se, strict=True)],
            "high": found.value + Z * found.se,
            "without_sampling_error": [found.limit] * count,
            "reports_after_years": [study.years_until(int(n)) for n in found.sizes],
            "population": found.population,
            "cost": found.costs,
            "net_benefit": found.net.value[:, 0] if found.net else None,
            "source": [study.source] * count,
        },
        schema_overrides={"population": pl.Float64, "net_benefit": pl.Float64},
    )


def _told(worked: Worked, study: PlannedStudy, found: StudyWorth) -> Part:
    """Return one study's numbers at its best size, and its value by size."""
    currency, threshold = worked.model.currency, f"{worked.threshold:,.0f} {worked.model.currency} per QALY"
    if not found.limit:  # values above it are noise
        nothing = f"{study.label}: no result that it can have would change the choice at {threshold}."
        return Part(caveats=(nothing,))
    best = _best(found)
    value, se = float(found.value[best]), float(found.se[best])
    size = f"{study.arms * int(found.sizes[best]):,} patients"
    estimates = [
        Estimate(
            "evsi",
            value,
            max(value - Z * se, 0.0),
            value + Z * se,
            n=worked.drawn.draws,
            unit=f"{currency} per patient",
            method="evsi_two_stage",
            level=0.95,
            group=study.label,
            note=f"a study of {size}; without sampling error {format_number(round(found.limit))}; "
            "interval of Monte Carlo error",
        )
    ]
    if found.net is not None:
        net, error = float(found.net.value[best, 0]), float(found.net.se[best, 0])
        told = (
            f"best of the sizes given: {size}, for {format_number(round(float(found.costs[best])))} {currency}"
            if found.net.best_size[0]
            else f"no size is worth its cost; nearest to it {size}"
        )
        estimates.append(
            Estimate(
                "enbs",
                net,
                net - Z * error,
                net + Z * error,
                n=worked.drawn.draws,
                unit=currency,
                method="enbs",
                level=0.95,
                group=study.label,
                note=told + ("; a larger one may be better still" if found.net.at_edge[0] else ""),
            )
        )
    return Part(
        estimates=tuple(estimates),
        figures=(
            Figure(
                "line_band",
                f"study_value_{_place(worked, study)}",
                f"{study.label}: what it would be worth by its size",
                f"Per patient whom the decision concerns, at {threshold}; the band is Monte Carlo error. Dashed: a "
                "study of the same design without sampling error.",
                options={
                    "x_title": _size(study),
                    "y_title": f"Value of its information, {currency} per patient",
                    "control": WITHOUT_ERROR,
                },
            ),
        ),
        tables={f"study_value_{_place(worked, study)}": _curve(study, found)},
    )


def _curve(study: PlannedStudy, found: StudyWorth) -> pl.DataFrame:
    """Return value by size, from no study at all, and that of a study without sampling error."""
    own = pl.DataFrame(
        {
            "x": [0.0, *found.sizes],
            "value": [0.0, *found.value],
            "low": [0.0, *(max(v - Z * se, 0.0) for v, se in zip(found.value, found.se, strict=True))],
            "high": [0.0, *(found.value + Z * found.se)],
            "group": [study.label] * (len(found.sizes) + 1),
        }
    )
    most = pl.lit(found.limit)
    return pl.concat([own, own.with_columns(value=most, low=most, high=most, group=pl.lit(WITHOUT_ERROR))])


def _net(worked: Worked, pairs: list[tuple[PlannedStudy, StudyWorth]]) -> Part:
    """Return what studies are worth to all patients less their cost, as one figure."""
    told = [(study, found.sizes, found.net) for study, found in pairs if found.net is not None]
    most = max((float(np.abs(net.value).max()) for _, _, net in told), default=0.0)
    unit, word = (1e6, "million ") if most >= FROM_MILLIONS else (1.0, "")
    frames = [
        pl.DataFrame(
            {
                "x": sizes * study.arms,
                "value": net.value[:, 0] / unit,
                "low": (net.value[:, 0] - Z * net.se[:, 0]) / unit,
                "high": (net.value[:, 0] + Z * net.se[:, 0]) / unit,
                "group": [study.label] * len(sizes),
            }
        )
        for study, sizes, net in told
    ]
    if not frames:
        return Part(
            cannot_tell=(
                "Whether a planned study is worth its cost: population.incident_per_year says for how many patients.",
            )
        )
    years = worked.model.population.decision_years
    return Part(
        tables={"study_net_benefit": pl.concat(frames)},
        figures=(
            Figure(
                "line_band",
                "study_net_benefit",
                "What planned studies are worth to all patients, less their cost",
                f"To the patients of {years:g} years who come after the study has reported; above 0 it is worth its "
                "cost.",
                options={
                    "x_title": "Patients in the study",
                    "y_title": f"Net benefit of the study, {word}{worked.model.currency}",
                    "reference": 0,
                },
            ),
        ),
    )


def _bounded(worked: Worked, pairs: list[tuple[PlannedStudy, StudyWorth]]) -> Check:
    """Whether each value stays below that of a study without sampling error, as it must but for Monte Carlo error."""
    above = [
        study.label
        for study, found in pairs
        if any(
            value - found.limit > FAR * max(se, found.limit_se)
            for value, se in zip(found.value, found.se, strict=True)
        )
    ]
    if not above:
        return Check(
            "study_bounds",
            "pass",
            "No planned study is worth more than one of the same design without sampling error.",
        )
    return Check(
        "study_bounds",
        "warn",
        f"{'; '.join(above)}: worth more by these draws than the same study without sampling error.",
        f"Ask for more draws than {worked.drawn.draws:,}.",
        cause="too few draws for the regression",
    )


def _best(found: StudyWorth) -> int:
    """Return the position of the size that is told: the best one, or the largest where costs do not decide."""
    return int(found.net.value[:, 0].argmax()) if found.net is not None else len(found.sizes) - 1


def _size(study: PlannedStudy) -> str:
    return "Patients in each arm" if study.arms > 1 else "Patients in the study"


def _place(worked: Worked, study: PlannedStudy) -> int:
    return worked.model.planned_studies.index(study) + 1
