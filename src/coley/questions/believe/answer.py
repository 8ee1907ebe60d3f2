"""The argument of `believe`, from top to bottom."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from coley.model.answer import Answer, Card
from coley.model.method import citations
from coley.model.part import Part
from coley.questions.believe import QUESTION
from coley.questions.believe.across import Across, across, across_part
from coley.questions.believe.added_value import added_part
from coley.questions.believe.associations import association_table, associations, endpoints
from coley.questions.believe.benefit import benefit_part
from coley.questions.believe.cohorts import Cohorts, cohorts, follow_up_checks, overlap_checks
from coley.questions.believe.cutpoints import cutpoint_part
from coley.questions.believe.detail import detail_part
from coley.questions.believe.headline import headline
from coley.questions.believe.markers.collect import collect
from coley.questions.believe.predictive import predictive_part
from coley.questions.believe.probabilities import probability_part
from coley.questions.believe.screen import screen_part
from coley.questions.believe.verdict import Evidence, Verdict, by_grade, grades, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.model.answer import Estimate
    from coley.model.study import Study
    from coley.questions.believe.markers.marker import Found, Marker
    from coley.questions.believe.settings import BelieveSettings

# Methods whose results stand in a table and among no estimates.
METHODS_BEHIND = {
    "associations": ("auc_delong", "logistic_screen", "cox_screen", "benjamini_hochberg"),
    "marker_detail": (
        "average_precision",
        "uno_c",
        "time_dependent_auc",
        "functional_form_cox",
        "functional_form_logistic",
    ),
    "genome_screen": ("rank_screen", "max_t_response", "max_t_survival", "cox_screen"),
    "interactions": ("holm", "detectable_interaction"),
    "interactions_not_randomised": ("adjusted_contrast",),
    "calibration": ("calibration", "brier_score", "decision_curve"),
}
# What a reader looks for first; all else follows in the order of the argument.
FIRST = (
    "odds_ratio",
    "hazard_ratio",
    "ratio_of_hazard_ratios",
    "ratio_of_odds_ratios",
    "auc",
    "difference_of_gain",
    "gain_in_survival",
    "events_fewer",
    "c_gain",
)
EPILOGUE = (
    "Association in treated patients is not prediction: a marker of a better course helps patients of either arm.",
    "Ratios are per standard deviation within each cohort, so that assays with different units can be pooled.",
)


def answer(study: Study, settings: BelieveSettings) -> Answer:
    """Return what the study says about which biomarker can be believed."""
    people = cohorts(study, settings)
    found, matrices, coverage = collect(people, settings)
    markers = found.markers
    named = {marker.name: marker for marker in markers}
    endpoint = primary(people, settings)

    each = associations(people, markers)
    pooled = across(each, markers, settings)
    part = Part(
        checks=(*overlap_checks(people), *follow_up_checks(people), *found.checks),
        cannot_tell=(*found.cannot_tell, *_asked_in_vain(found, settings)),
        tables={"associations": association_table(each, markers, level=settings.level)} if each else {},
    )
    part += across_part(pooled, named, settings)
    detail = detail_part(people, markers, each, settings)
    added, added_evidence = added_part(people, markers, endpoint, settings)
    predictive, interactions = predictive_part(people, markers, settings)
    part += detail + added + predictive + benefit_part(people, markers, settings)
    part += probability_part(people, markers, settings)
    part += cutpoint_part(people, markers, endpoint, settings)
    if settings.screen:
        part += screen_part(people, matrices, endpoint, settings)
    if coverage is not None:
        part += Part(tables={"signature_coverage": coverage})

    verdicts = by_grade(
        [
            verdict(
                Evidence(
                    marker,
                    _of(pooled, marker, endpoint),
                    tuple(one for one in pooled if one.marker == marker.name and one.endpoint != endpoint),
                    tuple(a for a in added_evidence if a.marker == marker.name),
                    tuple(i for i in interactions if i.marker == marker.name),
                )
            )
            for marker in markers
        ]
    )
    part += verdict_part(verdicts, found.refused)
    return Answer(
        question=QUESTION.name,
        title=QUESTION.title,
        study=study.name,
        headline=headline(people, verdicts, endpoint),
        estimates=tuple(sorted(part.estimates, key=_place)),
        checks=part.checks,
        caveats=(*EPILOGUE, *part.caveats),
        cannot_tell=part.cannot_tell,
        tables=part.tables,
        figures=part.figures,
        cards=part.cards,
        settings=settings.model_dump(mode="json"),
        citations=_citations(part, markers),
    )


def _place(estimate: Estimate) -> tuple[int, float]:
    """Return where an estimate stands among those of its endpoint: by what it is, then the surest first."""
    name = estimate.name
    kind = next((i for i, start in enumerate(FIRST) if name.startswith(start)), len(FIRST))
    if name == "auc":
        return kind, -abs((estimate.value or 0.5) - 0.5)
    return kind, estimate.p if estimate.p is not None else 1.0


def _citations(part: Part, markers: Sequence[Marker]) -> tuple[str, ...]:
    """Return the references of every method that was used, and the sources of what is claimed of the markers."""
    used = {estimate.method for estimate in part.estimates}
    used |= {method for table in part.tables for method in METHODS_BEHIND.get(table, ())}
    return tuple(sorted({*citations(used), *(marker.claim for marker in markers if marker.claim)}))


def primary(people: Cohorts, settings: BelieveSettings) -> str:
    """Return the endpoint that verdicts rest on: the chosen one, else the first that the study holds."""
    held = endpoints(people)
    if settings.endpoint != "auto":
        return settings.endpoint
    return held[0] if held else "response"


def _asked_in_vain(found: Found, settings: BelieveSettings) -> tuple[str, ...]:
    """Return each marker that was named and is not judged, with the reason."""
    return tuple(f"{name}: {why.rstrip('.')}." for name, why in found.refused if settings.markers)


def _of(pooled: Sequence[Across], marker: Marker, endpoint: str) -> Across | None:
    return next((one for one in pooled if (one.marker, one.endpoint) == (marker.name, endpoint)), None)


def verdict_part(verdicts: Sequence[Verdict], refused: Sequence[tuple[str, str]]) -> Part:
    """Return the cards, and the same as a table with what was refused and why."""
    import polars as pl

    cards = tuple(
        Card(
            v.label,
            v.grade.grade,
            v.grade.title,
            v.sentence,
            (
                ("Replication", v.replication),
                ("Elsewhere", v.others),
                ("Clinic", v.clinic),
                ("Treatment", v.predictive),
                *v.interactions,
                ("Assay", v.assay),
                ("Would raise it", v.raised_by),
            ),
        )
        for v in verdicts
    )
    rows = [
        {
            "marker": v.marker,
            "grade": v.grade.grade,
            "verdict": v.grade.title,
            "sentence": v.sentence,
            "replication": v.replication,
            "other_endpoints": v.others,
            "clinical_model": v.clinic,
            "prognostic_or_predictive": " ".join(
                (v.predictive, *(f"{t}: {words}" for t, words in v.interactions))
            ),
            "assay": v.assay,
            "would_raise_it": v.raised_by,
        }
        for v in verdicts
    ]
    tables = {}
    if rows:
        tables["verdicts"] = pl.DataFrame(rows)
        tables["grades"] = pl.DataFrame([asdict(grade) for grade in grades().values()])
    if refused:
        tables["not_scored"] = pl.DataFrame(list(refused), schema=["marker", "reason"], orient="row")
    return Part(cards=cards, tables=tables)
