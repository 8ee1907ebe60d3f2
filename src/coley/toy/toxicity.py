"""Immune-related adverse events: who has which, when, how badly, and whether he dies of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.baseline import Baseline
from coley.toy.design import Arm, Design
from coley.toy.facts import immune_events
from coley.toy.recist import NEVER
from coley.toy.streams import Bools, Floats, Ints, Streams

# Published incidences count events in patients most of whom stopped treatment early. The chance of an event
# under unending treatment is larger: by one over the share of onsets within this time.
EXPOSURE_DAYS = 210
LARGEST_CHANCE = 0.6  # of any one event, after that correction
AFTER_LAST_DOSE_DAYS = 90  # events are attributed to treatment for so long after it ends
SECOND_GRADE, FOURTH_GRADE = 0.4, 0.2  # of mild events, grade 2; of severe ones, grade 4 (assumptions)
STOPPED_AT_THREE = 0.5  # grade 3: held, and given up unless it improves in 4 to 6 weeks (SITC 2017)
HELD_AT_TWO = 0.6  # grade 2: holding is to be considered (ASCO)
DEATH_AFTER_DAYS, DEATH_LOG_SD = 21, 0.7  # from a fatal event to death (an assumption)
KEPT, INTERRUPTED, WITHDRAWN = range(3)
ACTIONS = np.array(["dose not changed", "drug interrupted", "drug withdrawn"])


@dataclass(frozen=True, eq=False)
class Toxicity:
    """Immune-related events; every array has shape (patients, events), in the order of the table.

    Attributes
    ----------
    day
        Day of onset; `NEVER` where the event does not come.
    grade, action
        CTCAE grade, and an index into `ACTIONS`.
    death_day
        Day of death of the event; `NEVER` where it is not fatal.
    """

    day: Ints
    grade: Ints
    action: Ints
    death_day: Ints

    def until(self, last: Ints) -> Toxicity:
        """Return the events that begin before `last`, one day for each patient."""
        kept = self.day < last[:, None]
        return Toxicity(
            np.where(kept, self.day, NEVER), self.grade, self.action, np.where(kept, self.death_day, NEVER)
        )

    @property
    def first_day(self) -> Ints:
        """Day of the first event; `NEVER` where there is none."""
        return np.asarray(self.day.min(axis=1))

    @property
    def withdrawal_day(self) -> Ints:
        """Day of the first event for which the drug is withdrawn."""
        return np.asarray(np.where(self.action == WITHDRAWN, self.day, NEVER).min(axis=1))


def latent_events(baseline: Baseline, arm: Arm, *, design: Design, streams: Streams) -> Toxicity:
    """Return the events that unending treatment in `arm` would bring, were nobody to die of anything else."""
    from scipy.special import ndtr, ndtri

    table, n = immune_events(), baseline.age.size
    width = len(table.terms)
    chance = _chance(table.incidence[arm.irae] * design.irae_scale, ndtr)
    tone = design.irae_tone_log_odds * baseline.tone[:, None]
    odds = chance / (1 - chance) * np.exp(tone - design.irae_tone_log_odds**2 / 2)
    u = streams.uniform(f"irae {arm.irae}", n, 6 * width).reshape(n, 6, width)
    has = u[:, 0] < odds / (1 + odds)
    onset = table.onset_days * np.exp(table.onset_log_sd * ndtri(u[:, 1]))
    severe = u[:, 2] < table.severe[arm.irae]
    fatal = (u[:, 3] < table.fatal) & (arm.irae != "placebo")
    grade = np.where(severe, np.where(u[:, 4] < FOURTH_GRADE, 4, 3), np.where(u[:, 4] < SECOND_GRADE, 2, 1))
    grade = np.where(fatal, 5, grade)
    day = np.where(has, np.ceil(onset), float(NEVER)).astype(np.int64)
    later = DEATH_AFTER_DAYS * np.exp(DEATH_LOG_SD * ndtri(u[:, 5]))
    return Toxicity(
        day=day,
        grade=grade.astype(np.int64),
        action=_action(grade, u[:, 5], table.endocrine),
        death_day=np.where(has & fatal, day + np.ceil(later).astype(np.int64), NEVER).astype(np.int64),
    )


def _chance(incidence: Floats, ndtr: np.ufunc) -> Floats:
    table = immune_events()
    within = ndtr(np.log(EXPOSURE_DAYS / table.onset_days) / table.onset_log_sd)
    return np.asarray(np.minimum(incidence / within, LARGEST_CHANCE))


def _action(grade: Ints, u: Floats, endocrine: Bools) -> Ints:
    """Follow the SITC and ASCO guidance; endocrine events are held and replaced, never a reason to stop."""
    three = np.where(u < STOPPED_AT_THREE, WITHDRAWN, INTERRUPTED)
    two = np.where(u < HELD_AT_TWO, INTERRUPTED, KEPT)
    action = np.select([grade >= 4, grade == 3, grade == 2], [WITHDRAWN, three, two], KEPT)
    return np.where(endocrine & (grade < 5), np.minimum(action, INTERRUPTED), action).astype(np.int64)
