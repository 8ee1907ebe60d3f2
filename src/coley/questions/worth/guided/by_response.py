"""A marker judged by who responds, where nobody was randomised: what treatment adds is shared out by response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.tested import added_by
from coley.economics.policy.assay import accuracy_from_counts
from coley.economics.policy.by_response import Added, ResponseGains, gains_by_response
from coley.economics.policy.landmark import landmark_by_response
from coley.economics.policy.score_guided import score_guided
from coley.model.answer import Check, Estimate
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.worth.guided.chosen_cutoff import by_cutoff
from coley.questions.worth.guided.randomised import within
from coley.questions.worth.guided.three_ways import three_ways
from coley.questions.worth.guided.told import called, share, tested
from coley.questions.worth.guided.untreated import untreated_part
from coley.questions.worth.worked import interval
from coley.stats.survival.restricted_mean import restricted_mean_survival

if TYPE_CHECKING:
    from coley.economics.model_file.guided import Guided
    from coley.economics.policy.landmark import ByResponse
    from coley.questions.worth.guided.patients import Patients
    from coley.questions.worth.worked import Worked

OTHERS_GAIN = (0.0, 0.1, 0.2, 0.3, 0.5)  # of what a patient with a response gains
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

    def gains_at(threshold: float) -> ResponseGains:
        return gains_by_response(who.response, parts, threshold)

    told = (
        by_cutoff(who, gains_at, one, worked, place) + _if_others_gain(who, parts, one, worked, place)
        if one.cutoff is None
        else _two_by_two(who, one, worked, place, parts=parts)
    )
    return (
        told
        + Part(estimates=(*_of_a_response(who, worked, parts, label=called(one)), *_seen(seen, one, worked)))
        + untreated_part(who, one, worked)
        + Part(
            caveats=(_caveat(who, one, worked, seen=seen), *who.notes),
            checks=(_check(one, worked), *who.checks),
        )
    )


def _if_others_gain(who: Patients, parts: Added, one: Guided, worked: Worked, place: str) -> Part:
    """Return what guiding adds if patients without a response gain, too: the assumption that matters most."""
    test, rows = tested(one, place, worked), []
    for threshold in worked.thresholds:
        for others in OTHERS_GAIN:
            alike = replace(parts, gain_without=np.full(len(parts.cost), others))
            found = score_guided(
                who.marker,
                gains_by_response(who.response, alike, threshold),
                cost=test.cost,
                decided=test.decided,
                untold=test.untold,
                resamples=200,
                level=worked.settings.level,
                seed=worked.seed,
            )
            if not others and not np.isfinite(found.best.value):
                break  # guiding is worth nothing here even if all that is gained falls to responders
            rows.append(
                {
                    "threshold": threshold,
                    "gain_without_response": others,
                    "added_by_guiding": found.corrected.value,
                    "low": found.corrected.low,
                    "high": found.corrected.high,
                    "beats_all": found.beats_all,
                    "beats_none": found.beats_none,
                }
            )
    if not rows:
        return Part()
    last = [row for row in rows if row["threshold"] == rows[-1]["threshold"]]
    told = "; ".join(f"{row['gain_without_response']:.0%}: {row['added_by_guiding']:,.0f}" for row in last)
    return Part(
        tables={f"guided_by_{one.marker}_if_others_gain": pl.DataFrame(rows)},
        caveats=(
            f"Guided by {called(one)} at {last[0]['threshold']:,.0f} {worked.model.currency} per QALY: what guiding "
            f"adds to the better of treating all and none, by the gain of patients without a response as a share of "
            f"that with one: {told}.",
        ),
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


def _two_by_two(who: Patients, one: Guided, worked: Worked, place: str, *, parts: Added) -> Part:
    """Return a marker whose cut-off was fixed beforehand, by its table of results and responses."""
    assert one.cutoff is not None
    label = f"{called(one)} at or above {one.cutoff:g}"
    positive, responded, n = who.marker >= one.cutoff, who.response, len(who.response)
    hits = int((positive & responded).sum()), int((positive & ~responded).sum())
    misses = int((~positive & ~responded).sum()), int((~positive & responded).sum())
    accuracy = accuracy_from_counts(hits, misses, draws=worked.drawn.draws, seed=worked.seed)
    shares = (
        ("sensitivity", hits[0], hits[0] + misses[1]),
        ("specificity", misses[0], misses[0] + hits[1]),
    )
    return three_ways(
        worked,
        one,
        place,
        accuracy=accuracy,
        parts=parts,
        n=n,
        table=f"guided_by_{one.marker}_at_{one.cutoff:g}",
        label=label,
    ) + Part(estimates=tuple(share(name, k, m, worked=worked, group=label) for name, k, m in shares))


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
            group=called(one),
            note=note,
        )
        for name, unit, found in (
            ("months_lived_longer_with_response", "months", seen.months),
            ("qalys_more_with_response", "QALYs", seen.qalys),
        )
    ]


def _check(one: Guided, worked: Worked) -> Check:
    assert one.response is not None
    alike = one.response.gain_without.value
    return Check(
        "not_randomised",
        "warn",
        f"Guided by {called(one)}: nobody was randomised. What {worked.label(one.treated)} adds by the model's curves "
        f"is taken to fall to patients with a response (others gain {alike:.0%} of what they gain); a marker of who "
        "does well anyway cannot be told here from one of who gains.",
        "Judge the marker in randomised patients before treatment follows it.",
    )


def _caveat(who: Patients, one: Guided, worked: Worked, *, seen: ByResponse) -> str:
    """Set what the model gives to a response beside what is seen of patients with one."""
    assert one.response is not None
    short = within(worked, one.within_months)
    columns = [short.strategies.index(name) for name in (one.treated, one.otherwise)]
    gained = float(short.effects[0, columns[0]] - short.effects[0, columns[1]])
    rate, alike = float(who.response.mean()), one.response.gain_without.value
    by_model, more = gained / (rate + (1 - rate) * alike), seen.qalys.value
    beyond = (
        f" What they have more than that, {more - by_model:.2f} QALYs, is prognosis or chance: valued by what is seen, "
        "guiding would promise too much."
        if more > by_model
        else ""
    )
    return (
        f"Guided by {called(one)}: {len(who.response):,} treated patients whose score and response are known, "
        f"{who.unknown} left out for want of them. Within {one.within_months:g} months the model gives a response "
        f"{by_model:.2f} QALYs; patients with one, alive at {one.response.landmark_months:g} months, have {more:.2f} "
        f"({seen.qalys.low:.2f} to {seen.qalys.high:.2f}) more than those without.{beyond}"
    )
