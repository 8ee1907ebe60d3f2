"""The life of a treated patient: progression, irAEs, holds, stops, rechallenge, death; numba, imported lazily."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from coley.economics.simulation.clock_kernel import (
    accumulated,
    area,
    compiled,
    due,
    factor,
    first_at,
    reached,
    stream,
    summarise,
    uniform,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# Hazards come in this order; three follow for each irAE: onset, and how long it lasts in low and in high grade.
PROGRESSION, DEATH_BEFORE, DEATH_AFTER, BACKGROUND, DISCONTINUATION, FIRST_IRAE = range(6)
ON, HELD, OFF = range(3)
UNSEEN = -1

# What is known of an irAE, (1 or D, J, columns).
(
    CHANCE, HIGH, FATAL, PERSISTS, ADMITTED, STOP_LOW, STOP_HIGH, RECURS,
    COST_LOW, COST_HIGH, COST_ADMISSION, COST_CHRONIC, LOSS_LOW, LOSS_HIGH, LOSS_CHRONIC, TO_DEATH, HOLDS_LOW,
) = range(17)  # fmt: skip
IRAE_COLUMNS = 17

# Numbers of a strategy and of values, (1 or D, columns).
(
    PF_COST, PD_COST, PROGRESSION_COST, DEATH_COST, TREATED_COST, PF_UTILITY, PD_UTILITY,
    RATIO_OFF, RECHALLENGE, DELAY,
) = range(10)  # fmt: skip
NUMBER_COLUMNS = 10

# Sums over patients, (B, TOTALS + BY_IRAE * J).
(
    DRUG, CARE, MOVES, IRAE_COST, STATES, IRAE_LOSS, LIFE, YEARS, PF_YEARS, TREATED_YEARS,
    PROGRESSED, DIED, DOSES, STOPPED, RECHALLENGED, DEATHS_OF_IRAE,
) = range(16)  # fmt: skip
TOTALS = 16
(ANY, SEVERE, ADMISSIONS, DEATHS, STOPS, CHRONIC, RECURRENCES, SPENT, LOST) = range(9)
BY_IRAE = 9

# Codes of the log of a life.
(
    LOG_PROGRESSION, LOG_DEATH, LOG_END, LOG_STOP, LOG_HOLD, LOG_RESUME, LOG_RECHALLENGE,
    LOG_ONSET_LOW, LOG_ONSET_HIGH, LOG_RESOLVED, LOG_COMPLETE, LOG_IRAE_STOP, LOG_ADMITTED,
) = range(13)  # fmt: skip

# Streams of luck: those of disease and treatment first, then a row of them for each irAE and course.
OF_IRAES = 16
(IT_HAPPENS, WHEN, GRADE, KILLS, LASTS, STAYS, ADMITS, ENDS, AGAIN) = range(9)
PER_COURSE = 9


class Plan(NamedTuple):
    """A strategy in arrays.

    Attributes
    ----------
    numbers, iraes
        (1 or D, NUMBER_COLUMNS) and (1 or D, J, IRAE_COLUMNS).
    dose_times, dose_costs
        (K,) and (C, D, K + 1): discounted costs of the doses before each, on each of C calendars.
    calendar
        (N,) calendar of each patient.
    longest, exposed_after, to_progression
        Years after which treatment ends; years after a stop in which an irAE may still come; whether it stops
        at progression.
    """

    numbers: Floats
    iraes: Floats
    dose_times: Floats
    dose_costs: Floats
    calendar: Integers
    longest: float
    exposed_after: float
    to_progression: bool
    cost_discount: Floats
    effect_discount: Floats


@compiled
def note(log: Floats, at: int, patient: int, t: float, code: int, irae: int) -> int:
    """Write a line of the log, if there is room, and return the place of the next."""
    if at < len(log):
        log[at, 0], log[at, 1], log[at, 2], log[at, 3] = patient, t, code, irae
    return at + 1


@compiled
def span(discount: Floats, start: float, end: float) -> float:
    """Return the discount factor integrated from start to end; nothing if the end comes first."""
    return area(discount, end) - area(discount, start) if end > start else 0.0


@compiled
def count_in(occupancy: Floats, times: Floats, start: float, end: float, state: int, horizon: float) -> None:
    """Count one patient in a state from start to before end."""
    if len(times) and end > start:
        occupancy[first_at(times, start), state] += 1.0
        occupancy[first_at(times, end) if end < horizon else len(times), state] -= 1.0


@compiled
def live(
    seed: Any,
    blocks: Integers,
    about: Integers,
    data: Floats,
    plan: Plan,
    horizon: float,
    times: Floats,
    totals: Floats,
    occupancy: Floats,
    by_patient: Floats,
    spreads: Floats,
    log: Floats,
) -> int:
    """Live the lives of blocks (B, 3) of draw, first patient and last; return the lines logged.

    Adds to totals (B, TOTALS + BY_IRAE J) and to occupancy (B, T + 1, 3: progression-free, progressed, on
    treatment), the changes at each time; fills by_patient (D, N, 2) with costs and
    effects, and spreads (B, 4) with what `work.moments` needs.
    """
    J = plan.iraes.shape[1]
    onset = np.empty(J)  # when each is due next
    course = np.empty(J, np.int64)  # 0 first, 1 after a rechallenge
    began, acute, severe, chronic = np.empty((J, 2)), np.empty((J, 2)), np.empty((J, 2)), np.empty((J, 2))
    lines = 0
    for b in range(len(blocks)):
        d, start, end = blocks[b, 0], blocks[b, 1], blocks[b, 2]
        of = plan.numbers[d if plan.numbers.shape[0] > 1 else 0]
        known = plan.iraes[d if plan.iraes.shape[0] > 1 else 0]
        of_draw = stream(seed, d)
        out, seen = totals[b], occupancy[b]
        for n in range(start, end):
            luck = stream(of_draw, n)
            doses = plan.dose_costs[plan.calendar[n], d if plan.dose_costs.shape[1] > 1 else 0]

            # What is due from the start.
            needed = -math.log(uniform(luck, PROGRESSION))  # cumulative hazard of progression still to come
            since, ratio = 0.0, 1.0
            progression = reached(about, data, PROGRESSION, d, n, needed)
            background = due(about, data, BACKGROUND, d, n, 0.0, uniform(luck, BACKGROUND))
            disease = due(about, data, DEATH_BEFORE, d, n, 0.0, uniform(luck, DEATH_BEFORE))
            fatal = math.inf
            stop = due(about, data, DISCONTINUATION, d, n, 0.0, uniform(luck, DISCONTINUATION))
            complete = plan.longest
            for j in range(J):
                at = OF_IRAES + j * 2 * PER_COURSE
                onset[j] = math.inf
                course[j] = 0
                began[j, 0] = began[j, 1] = math.inf
                if uniform(luck, at + IT_HAPPENS) < known[j, CHANCE]:
                    onset[j] = due(about, data, FIRST_IRAE + 3 * j, d, n, 0.0, uniform(luck, at + WHEN))
            mode, on_since, off_since = ON, 0.0, math.inf
            resume = rechallenge = math.inf
            again, killer, t, progressed = -1, -1, 0.0, math.inf
            drug = care_of_iraes = 0.0
            lost, treated = 0.0, 0.0

            while True:
                death = min(disease, background, fatal, horizon)
                t, what, which = death, LOG_DEATH, -1
                if progression < t:
                    t, what = progression, LOG_PROGRESSION
                if stop < t:
                    t, what = stop, LOG_STOP
                if complete < t:
                    t, what = complete, LOG_COMPLETE
                if resume < t:
                    t, what = resume, LOG_RESUME
                if rechallenge < t:
                    t, what = rechallenge, LOG_RECHALLENGE
                for j in range(J):
                    if onset[j] < t:
                        t, what, which = onset[j], LOG_ONSET_LOW, j
                was_on, new_mode, new_ratio, admitted = mode == ON, mode, ratio, False
                if what == LOG_DEATH:
                    new_mode = OFF
                elif what == LOG_PROGRESSION:
                    progressed, progression = t, math.inf
                    disease = due(about, data, DEATH_AFTER, d, n, t, uniform(luck, DEATH_AFTER))
                    if plan.to_progression:
                        new_mode, resume, rechallenge = OFF, math.inf, math.inf
                elif what == LOG_STOP:
                    stop = rechallenge = math.inf
                    if mode != OFF:
                        new_mode, resume, new_ratio = OFF, math.inf, of[RATIO_OFF]
                elif what == LOG_COMPLETE:
                    complete, resume, rechallenge = math.inf, math.inf, math.inf
                    new_mode, new_ratio = OFF, 1.0
                elif what == LOG_RESUME:
                    new_mode, resume = ON, math.inf
                elif what == LOG_RECHALLENGE:
                    new_mode, rechallenge, new_ratio = ON, math.inf, 1.0
                    out[RECHALLENGED] += 1
                    at = OF_IRAES + (2 * again + 1) * PER_COURSE
                    course[again] = 1
                    onset[again] = math.inf
                    if uniform(luck, at + IT_HAPPENS) < known[again, RECURS]:
                        begin = due(about, data, FIRST_IRAE + 3 * again, d, n, 0.0, uniform(luck, at + WHEN))
                        onset[again] = t + begin
                else:
                    j, onset[which] = which, math.inf
                    if mode != OFF or t <= off_since + plan.exposed_after:
                        k = course[j]
                        at = OF_IRAES + (2 * j + k) * PER_COURSE
                        high = uniform(luck, at + GRADE) < known[j, HIGH]
                        mine = TOTALS + BY_IRAE * j
                        out[mine + ANY] += 1
                        out[mine + RECURRENCES] += k
                        began[j, k], severe[j, k] = t, 1.0 if high else 0.0
                        lasting = FIRST_IRAE + 3 * j + (2 if high else 1)
                        acute[j, k] = due(about, data, lasting, d, n, t, uniform(luck, at + LASTS))
                        stays = uniform(luck, at + STAYS) < known[j, PERSISTS]
                        chronic[j, k] = 1.0 if stays and not (k == 1 and chronic[j, 0] > 0) else 0.0
                        out[mine + CHRONIC] += chronic[j, k]
                        spent = known[j, COST_HIGH if high else COST_LOW]
                        if high:
                            what = LOG_ONSET_HIGH
                            out[mine + SEVERE] += 1
                            if uniform(luck, at + ADMITS) < known[j, ADMITTED]:
                                admitted = True
                                out[mine + ADMISSIONS] += 1
                                spent += known[j, COST_ADMISSION]
                            if uniform(luck, at + KILLS) < known[j, FATAL] and t + known[j, TO_DEATH] < fatal:
                                fatal, killer = t + known[j, TO_DEATH], j
                        spent *= factor(plan.cost_discount, t)
                        care_of_iraes += spent
                        out[mine + SPENT] += spent
                        ends = k == 1 or uniform(luck, at + ENDS) < known[j, STOP_HIGH if high else STOP_LOW]
                        if mode != OFF:
                            if ends:
                                new_mode, resume, new_ratio = OFF, math.inf, of[RATIO_OFF]
                                out[STOPPED] += 1
                                out[mine + STOPS] += 1
                                if k == 0 and uniform(luck, at + AGAIN) < of[RECHALLENGE]:
                                    rechallenge, again = acute[j, k] + of[DELAY], j
                            elif high or known[j, HOLDS_LOW] > 0:
                                new_mode = HELD
                                resume = max(resume, acute[j, k]) if mode == HELD else acute[j, k]
                        elif rechallenge < math.inf:
                            rechallenge = max(rechallenge, acute[j, k] + of[DELAY])
                    else:
                        what = UNSEEN  # its time came too long after the last dose
                if len(log) and what != UNSEEN and not (mode == OFF and what in (LOG_STOP, LOG_COMPLETE)):
                    lines = note(
                        log, lines, n, t, LOG_END if what == LOG_DEATH and t >= horizon else what, which
                    )
                    if admitted:
                        lines = note(log, lines, n, t, LOG_ADMITTED, which)
                    if what >= LOG_ONSET_LOW and what <= LOG_ONSET_HIGH and new_mode != mode:
                        lines = note(log, lines, n, t, LOG_IRAE_STOP if new_mode == OFF else LOG_HOLD, which)

                # Doses and time on treatment, when a stretch of it ends.
                if was_on and new_mode != ON:
                    k0, k1 = first_at(plan.dose_times, on_since), first_at(plan.dose_times, t)
                    drug += doses[k1] - doses[k0] + of[TREATED_COST] * span(plan.cost_discount, on_since, t)
                    out[DOSES] += k1 - k0
                    treated += t - on_since
                    count_in(seen, times, on_since, t, 2, horizon)
                elif not was_on and new_mode == ON:
                    on_since = t
                if new_mode == OFF and mode != OFF:
                    off_since = t
                mode = new_mode
                if what == LOG_DEATH:
                    break
                # Progression when its hazard changes: what has accumulated is spent.
                if new_ratio != ratio and progressed == math.inf:
                    so_far = accumulated(about, data, PROGRESSION, d, n, t)
                    needed = max(needed - ratio * (so_far - since), 0.0)
                    since = so_far
                    progression = math.inf
                    if new_ratio > 0:
                        progression = max(
                            reached(about, data, PROGRESSION, d, n, so_far + needed / new_ratio), t
                        )
                ratio = new_ratio

            # The stretches of a life, valued once it is over.
            stable = min(progressed, t)
            care = of[PF_COST] * span(plan.cost_discount, 0.0, stable)
            care += of[PD_COST] * span(plan.cost_discount, stable, t)
            moves = 0.0
            if progressed < t:
                moves += of[PROGRESSION_COST] * factor(plan.cost_discount, progressed)
                out[PROGRESSED] += 1
            if t < horizon:
                moves += of[DEATH_COST] * factor(plan.cost_discount, t)
                out[DIED] += 1
                if fatal <= t:
                    out[DEATHS_OF_IRAE] += 1
                    out[TOTALS + BY_IRAE * killer + DEATHS] += 1
            for j in range(J):
                for k in range(course[j] + 1):
                    if began[j, k] < t:
                        mine = TOTALS + BY_IRAE * j
                        resolved = min(acute[j, k], t)
                        loss = known[j, LOSS_HIGH] if severe[j, k] > 0 else known[j, LOSS_LOW]
                        loss *= span(plan.effect_discount, began[j, k], resolved)
                        if chronic[j, k] > 0 and resolved < t:
                            loss += known[j, LOSS_CHRONIC] * span(plan.effect_discount, resolved, t)
                            spent = known[j, COST_CHRONIC] * span(plan.cost_discount, resolved, t)
                            care_of_iraes += spent
                            out[mine + SPENT] += spent
                        elif len(log) and resolved < t:
                            lines = note(log, lines, n, resolved, LOG_RESOLVED, j)
                        lost += loss
                        out[mine + LOST] += loss
            well, ill = span(plan.effect_discount, 0.0, stable), span(plan.effect_discount, stable, t)
            states = of[PF_UTILITY] * well + of[PD_UTILITY] * ill
            out[DRUG] += drug
            out[CARE] += care
            out[MOVES] += moves
            out[IRAE_COST] += care_of_iraes
            out[STATES] += states
            out[IRAE_LOSS] -= lost
            out[LIFE] += well + ill
            out[YEARS] += t
            out[PF_YEARS] += stable
            out[TREATED_YEARS] += treated
            by_patient[d, n, 0] = drug + care + moves + care_of_iraes
            by_patient[d, n, 1] = states - lost
            count_in(seen, times, 0.0, stable, 0, horizon)
            count_in(seen, times, stable, t, 1, horizon)
        summarise(by_patient[d, start:end], spreads[b])
    return lines
