"""The verdict on a marker: a grade from written rules, the sentence that the evidence supports, what would raise it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, isfinite, log
from typing import TYPE_CHECKING

from coley.model.words import format_interval, format_number, format_p
from coley.questions.believe.across import TITLES
from coley.questions.believe.associations import RESPONSE

if TYPE_CHECKING:
    from coley.questions.believe.across import Across
    from coley.questions.believe.added_value import Added
    from coley.questions.believe.markers.marker import Marker
    from coley.questions.believe.predictive import Interaction


NOT_JUDGED = "–"  # a hyphen would open a formula in a spreadsheet


@dataclass(frozen=True, slots=True)
class Grade:
    """One row of the table of grades."""

    grade: str
    title: str
    rule: str
    raised_by: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that the study holds about one marker: on the endpoint that decides, and on the others."""

    marker: Marker
    primary: Across | None
    others: tuple[Across, ...] = ()
    added: tuple[Added, ...] = ()
    interactions: tuple[Interaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be believed of a marker.

    Attributes
    ----------
    grade
        Row of the table of grades.
    endpoint, p
        The endpoint on which the grade rests, and the uncorrected p there.
    sentence
        What the evidence supports.
    replication, others, clinic, predictive, assay
        Whether it holds elsewhere; the other endpoints; whether it adds to the clinical model; tells whom treatment
        helps; and whether its values can be compared between cohorts.
    interactions
        Each interaction with treatment: the endpoint, and its ratio in words.
    raised_by
        The evidence that would raise the grade.
    """

    marker: str
    label: str
    grade: Grade
    endpoint: str
    p: float
    sentence: str
    replication: str
    others: str
    clinic: str
    predictive: str
    interactions: tuple[tuple[str, str], ...]
    assay: str
    raised_by: str


@cache
def grades() -> dict[str, Grade]:
    """Return the table of grades, the best first."""
    return {row["grade"]: Grade(**row) for row in _rows("grades.csv")}


@cache
def threshold(name: str) -> float:
    """Return a number of the rules."""
    return {row["name"]: float(row["value"]) for row in _rows("thresholds.csv")}[name]


def _rows(name: str) -> list[dict[str, str]]:
    text = files("coley.questions.believe.resources").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def verdict(evidence: Evidence) -> Verdict:
    """Grade a marker by the first rule that it meets on the endpoint that decides."""
    best = evidence.primary
    grade = grades()[grade_of(evidence, best) if best else NOT_JUDGED]
    return Verdict(
        evidence.marker.name,
        evidence.marker.label,
        grade,
        best.endpoint if best else "",
        best.p if best else 1.0,
        _sentence(evidence, best, grade),
        _replication(best),
        _others(evidence),
        _clinic(evidence),
        _predictive(evidence, grade),
        _interactions(evidence),
        _assay(evidence),
        grade.raised_by,
    )


def grade_of(evidence: Evidence, one: Across) -> str:
    """Return the letter of the first rule that the evidence on one endpoint meets."""
    return next(letter for letter, rule in RULES.items() if rule(evidence, one))


def _associated(one: Across) -> bool:
    return one.q < threshold("alpha")


def _holds(evidence: Evidence, one: Across) -> bool:
    low, high = one.expected
    excludes = isfinite(low) and (low > 0 or high < 0)
    several = one.k >= threshold("cohorts_to_hold")
    return _associated(one) and several and excludes and not one.flips and _adds(evidence)


def _adds(evidence: Evidence) -> bool:
    """Whether it adds to the clinical model in a cohort, or nothing could be compared."""
    return not evidence.added or bool(_gains(evidence))


def _gains(evidence: Evidence) -> list[Added]:
    """Return the comparisons in which the likelihood ratio over the clinical model is shown, corrected for all."""
    return [a for a in evidence.added if a.p * len(evidence.added) < threshold("alpha")]


def _predicts(evidence: Evidence, one: Across) -> bool:
    shown = [
        i
        for i in evidence.interactions
        if i.randomised and i.p_adjusted is not None and i.p_adjusted < threshold("alpha")
    ]
    # A second study shows it too where it points the same way: a ratio of odds rises where one of hazards falls.
    ways = {(i.comparison, (i.ratio > 1) == (i.endpoint == RESPONSE)) for i in shown}
    agree = any(sum(way == same for _, way in ways) > 1 for same in (True, False))
    return bool(shown) and (_holds(evidence, one) or agree) and len(_assays(evidence)) <= 1


def _on_average(evidence: Evidence, one: Across) -> bool:
    return _associated(one) and one.k >= threshold("cohorts_for_mean")


def _here(evidence: Evidence, one: Across) -> bool:
    return _associated(one)


def _little(evidence: Evidence, one: Across) -> bool:
    _, low, high = one.limits
    useful = log(threshold("useful_ratio"))
    narrow = isfinite(low) and -useful < low and high < useful
    return narrow and (one.k >= threshold("cohorts_for_mean") or one.n >= threshold("patients_for_none"))


def _untold(evidence: Evidence, one: Across) -> bool:
    return True


# The first rule that is met decides; the words of each stand in the table of grades.
RULES: dict[str, Callable[[Evidence, Across], bool]] = {
    "A": _predicts,
    "B": _holds,
    "C": _on_average,
    "D": _here,
    "F": _little,
    "E": _untold,
}


def _sentence(evidence: Evidence, best: Across | None, grade: Grade) -> str:
    label = evidence.marker.label
    if best is None:
        made = sorted(evidence.marker.in_sample)
        why = (
            f"it was made from {', '.join(made)}"
            if made
            else "too few patients have both it and an outcome, or their ratio has no finite value"
        )
        return f"{label} cannot be judged here: {why}."
    value, low, high = (exp(x) if isfinite(x) else None for x in best.limits)
    ratio = format_interval(value, low, high, unit="ratio")
    what = "odds of response" if best.endpoint == RESPONSE else f"hazard ({TITLES[best.endpoint].lower()})"
    counted = f"{best.k} cohorts, {best.n:,} patients" if best.k > 1 else f"{best.n:,} patients"
    verb = {"F": "shows little or no association with", "E": "is not shown to be associated with"}.get(
        grade.grade, "is associated with"
    )
    text = f"{label} {verb} the {what}: ratio {evidence.marker.per} {ratio}, {counted}, q {format_p(best.q)}"
    return text + _against_claim(evidence.marker, best, grade) + "."


def _against_claim(marker: Marker, best: Across, grade: Grade) -> str:
    """Say so where an association runs against what is claimed of the marker."""
    if not marker.direction or grade.grade in ("E", "F", NOT_JUDGED):
        return ""
    seen = best.limits[0] if best.endpoint == RESPONSE else -best.limits[0]
    if seen * marker.direction >= 0:
        return ""
    claimed = "response" if marker.direction > 0 else "resistance"
    return f", against the claim that higher values go with {claimed}"


def _replication(best: Across | None) -> str:
    if best is None or best.k < 2:
        return "One cohort: whether it replicates cannot be told."
    low, high = best.expected
    if best.k < threshold("cohorts_for_mean") or not isfinite(low):
        agree = "agree" if best.pooled.q.p >= threshold("alpha") else "disagree"
        p = format_p(best.pooled.q.p)
        return f"{best.k} cohorts, which {agree} (p {p}): too few to say what a new one would show."
    text = (
        f"A new cohort is expected between {exp(low):.2f} and {exp(high):.2f}; "
        f"I² {100 * best.pooled.i2.value:.0f} %"
    )
    if best.flips:
        text += f"; the conclusion rests on {', '.join(best.flips[:3])}"
    if best.small_study_p is not None and best.small_study_p < threshold("alpha"):
        text += f"; small cohorts find larger effects (p {format_p(best.small_study_p)})"
    return text + "."


def _others(evidence: Evidence) -> str:
    told = []
    for one in evidence.others:
        value, low, high = (exp(x) if isfinite(x) else None for x in one.limits)
        what = "odds ratio" if one.endpoint == RESPONSE else "hazard ratio"
        told.append(
            f"{TITLES[one.endpoint]}: {what} {format_interval(value, low, high, unit='ratio')} (k\u00a0=\u00a0{one.k})"
        )
    return "; ".join(told) + "." if told else ""


def _clinic(evidence: Evidence) -> str:
    if not evidence.added:
        return "Not compared with a clinical model: too few patients or factors."
    gains = _gains(evidence)
    best = max(evidence.added, key=lambda a: a.n)
    change, low, high = (format_number(x, decimals=3) for x in (best.gain, best.low, best.high))
    gain = f"change of {best.measure} {change} ({low} to {high}) in {best.cohort}"
    of = len(evidence.added)
    start = "Adds to the clinical model" if gains else "Not shown to add to the clinical model"
    if of == 1:
        return f"{start}: {gain}."
    where = f"{len(gains)} of {of}" if gains else f"any of {of}"
    return f"{start} in {where} comparisons; the largest: {gain}."


def _predictive(evidence: Evidence, grade: Grade) -> str:
    """Say whether the effect of treatment differs by the marker, endpoint by endpoint."""
    if not evidence.interactions:
        return "Prognostic or predictive cannot be told without a control arm."
    alpha = threshold("alpha")
    shown = [i for i in evidence.interactions if i.p_adjusted is not None and i.p_adjusted < alpha]
    randomised = [i for i in evidence.interactions if i.randomised]
    proven = [i for i in shown if i.randomised]
    if proven:
        start = "Predictive in a randomised comparison: the effect of treatment differs by it."
        if grade.grade != "A":
            start += " Grade A asks for more: see how grades are given."
    elif randomised:
        start = "Not shown to be predictive."
    elif shown:
        start = "Its association differs between treated and control, who were not randomised: no proof of prediction."
    else:
        start = (
            "Its association was not shown to differ between treated and control, who were not randomised."
        )
    return start


def _interactions(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Return each interaction with treatment in a line of its own."""
    randomised = [i for i in evidence.interactions if i.randomised]
    alpha = threshold("alpha")
    lines = []
    for i in randomised or evidence.interactions:
        ratio = format_interval(i.ratio, i.low, i.high, unit="ratio")
        text = (
            f"Ratio of {'odds' if i.endpoint == RESPONSE else 'hazard'} ratios {ratio} {evidence.marker.per}, treated "
            f"to control ({i.comparison}), p {format_p(i.p)}, {format_p(i.p_adjusted)} corrected"
        )
        unseen = i.power and (i.p_adjusted is None or i.p_adjusted >= alpha)
        lines.append((f"by {TITLES[i.endpoint].lower()}", f"{text}; {i.power}." if unseen else f"{text}."))
    return tuple(lines)


def _assay(evidence: Evidence) -> str:
    used = _assays(evidence)
    if len(used) > 1:
        return (
            f"Measured in different ways ({'; '.join(used)}): ranks within a cohort compare, values do not."
        )
    return f"One assay: {used[0]}." if used else "Assay not stated."


def _assays(evidence: Evidence) -> list[str]:
    """Return the assays by which the cohorts that count measured the marker, as far as they are stated."""
    own = [one for one in (evidence.primary, *evidence.others) if one is not None]
    assays = evidence.marker.assays
    return sorted({assays[row.cohort] for one in own for row in one.rows if row.cohort in assays})


def by_grade(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return verdicts, the best grade first and the surest first within one."""
    order = list(grades())
    return sorted(verdicts, key=lambda v: (order.index(v.grade.grade), v.p))
