"""A marker judged by who responds, where nobody was randomised: what treatment adds is shared out by response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.tested import added_by
from coley.economics.policy.assay import accuracy_from_counts
from coley.economics.policy.by_response import Added, ResponseGains, gains_by_response
from coley.economics.policy.landmark import landmark_by_response
from coley.model.answer import Estimate
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.worth.guided_randomised import within
from coley.questions.worth.tested import three_ways
from coley.questions.worth.told_of_guiding import by_cutoff, share
from coley.questions.worth.worked import interval
from coley.stats.survival.restricted_mean import restricted_mean_survival

if TYPE_CHECKING:
    from coley.economics.model_file.guided import Guided
    from coley.economics.policy.landmark import ByResponse
    from coley.questions.worth.patients import Patients
    from coley.questions.worth.worked import Worked

FEWEST = 10  # patients with a response, and as many without: fewer tell nothing of a test


def by_response(who: Patients, one: Guided, worked: Worked, place: str) -> Part:
    """Return what guiding by a marker is worth if gains follow response.

    Raises
    ------
    NotEstimable
        Where fewer than ten patients responded, or did not.
    """
    assert one.response is not None
    count, n = int(who.response.sum()), len(who.response)
    if min(count, n - count) < FEWEST:
        raise NotEstimable(
            f"Fewer than {FEWEST} patients with a response, or without, tell nothing of {one.marker}.",
            where=f"{count} of {n} patients responded",
        )
    numbers = worked.inputs.numbers
    parts = added_by(
        worked.drawn,
        one,
        gain_without=numbers[f"{place}.response.gain_without"],
        drugs_without=_drugs_without(who, one, worked, place),
    )
    seen = landmark_by_response(
        who.pfs,
        who.alive,
        who.response,
        landmark=one.response.landmark_months,
        horizon=one.within_months,
        utilities=(
            worked.model.utilities.progression_free.value,
            worked.model.utilities.progressed.value,
        ),
        level=worked.settings.level,
    )
    label = f"{one.marker} at or above {one.cutoff:g}" if one.cutoff is not None else one.marker

    def gains_at(threshold: float) -> ResponseGains:
        return gains_by_response(who.response, parts, threshold)

    told = (
        by_cutoff(who, gains_at, one, worked, place)
        if one.cutoff is None
        else _two_by_two(who, one, worked, place, parts=parts, label=label)
    )
    return (
        told
        + Part(estimates=(*_of_a_response(who, worked, parts, label=one.marker), *_seen(seen, one, worked)))
        + Part(caveats=(*_caveats(who, one, worked, seen=seen), *who.notes), checks=who.checks)
    )


def _drugs_without(who: Patients, one: Guided, worked: Worked, place: str) -> float | np.ndarray:
    """Return what drugs cost without a response as a share of with it: as given, or by time free of progression."""
    assert one.response is not None
    if one.response.drugs_without is not None:
        return worked.inputs.numbers[f"{place}.response.drugs_without"]
    time, event = who.pfs
    months = [
        restricted_mean_survival(time[mine], event[mine], one.within_months).value
        for mine in (~who.response, who.response)
    ]
    return min(months[0] / months[1], 1.0)


def _two_by_two(who: Patients, one: Guided, worked: Worked, place: str, *, parts: Added, label: str) -> Part:
    """Return a marker whose cut-off was fixed beforehand, by its table of results and responses."""
    assert one.cutoff is not None
    positive, responded, n = who.marker >= one.cutoff, who.response, len(who.response)
    hits = int((positive & responded).sum()), int((positive & ~responded).sum())
    misses = int((~positive & ~responded).sum()), int((~positive & responded).sum())
    accuracy = accuracy_from_counts(hits, misses, draws=worked.drawn.draws, seed=worked.seed)
    shares = (
        ("sensitivity", hits[0], hits[0] + misses[1]),
        ("specificity", misses[0], misses[0] + hits[1]),
    )
    return Part(
        estimates=tuple(share(name, k, m, worked=worked, group=label) for name, k, m in shares)
    ) + three_ways(
        worked,
        one,
        place,
        accuracy=accuracy,
        parts=parts,
        n=n,
        table=f"guided_by_{one.marker}_at_{one.cutoff:g}",
        label=label,
    )


def _of_a_response(who: Patients, worked: Worked, parts: Added, *, label: str) -> list[Estimate]:
    """Return the response rate, and what a patient with a response gains and costs by the model."""
    n, rate = len(who.response), float(who.response.mean())
    new, old = parts.by_condition(rate)
    told = [share("response_rate", float(who.response.sum()), n, worked=worked, group=label)]
    for name, unit, values in (
        ("qalys_gained_with_response", "QALYs", np.asarray(new.effect_with) - np.asarray(old.effect_with)),
        (
            "cost_added_with_response",
            worked.model.currency,
            np.asarray(new.cost_with) - np.asarray(old.cost_with),
        ),
        (
            "cost_added_without_response",
            worked.model.currency,
            np.asarray(new.cost_without) - np.asarray(old.cost_without),
        ),
    ):
        told.append(
            Estimate(
                name,
                float(values.mean()),
                *interval(values, worked.settings.level),
                n=n,
                unit=unit,
                method="gains_by_response",
                level=worked.settings.level,
                group=label,
                note="by the model's curves, if gains follow response",
            )
        )
    return told


def _seen(seen: ByResponse, one: Guided, worked: Worked) -> list[Estimate]:
    assert one.response is not None
    note = f"alive at {one.response.landmark_months:g} months, within {one.within_months:g}; no effect of treatment"
    return [
        Estimate(
            name,
            found.value,
            found.low,
            found.high,
            n=seen.responders + seen.others,
            unit=unit,
            method="landmark_by_response",
            level=found.level,
            group=f"{one.marker} known",
            note=note,
        )
        for name, unit, found in (
            ("months_lived_longer_with_response", "months", seen.months),
            ("qalys_more_with_response", "QALYs", seen.qalys),
        )
    ]


def _caveats(who: Patients, one: Guided, worked: Worked, *, seen: ByResponse) -> tuple[str, ...]:
    assert one.response is not None
    short = within(worked, one.within_months)
    columns = [short.strategies.index(name) for name in (one.treated, one.otherwise)]
    gained = float(short.effects[0, columns[0]] - short.effects[0, columns[1]])
    rate, alike = float(who.response.mean()), one.response.gain_without.value
    by_model = gained / (rate + (1 - rate) * alike)
    more = seen.qalys.value
    beyond = (
        f" What they have more than the model gives them, {more - by_model:.2f} QALYs, is prognosis or chance: valued "
        "by what is seen, guiding would promise too much."
        if more > by_model
        else ""
    )
    return (
        f"Guided by {one.marker}: nobody was randomised. {worked.label(one.treated)} is taken to yield to patients "
        f"with a response what the model's curves differ by ({alike:.0%} of that to those without one). A marker of "
        "who does well anyway cannot be told here from one of who gains.",
        f"{len(who.response)} treated patients whose {one.marker} and response are known, {who.unknown} left out for "
        f"want of them. Within {one.within_months:g} months the model gives {by_model:.2f} QALYs to a response; "
        f"patients with one, alive at {one.response.landmark_months:g} months, have {more:.2f} "
        f"({seen.qalys.low:.2f} to {seen.qalys.high:.2f}) more than those without.{beyond}",
    )
