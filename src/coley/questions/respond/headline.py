"""The answer in one sentence, with number, interval and n."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.words import format_interval
from coley.questions.respond.cohort import EVERYBODY
from coley.questions.respond.effect import contrasts

if TYPE_CHECKING:
    from coley.model.part import Part
    from coley.questions.respond.cohort import Cohort


def headline(cohort: Cohort, part: Part) -> str:
    """Return what comes first: how many respond, what treatment adds, how much is left unexplained."""
    phrases = [phrase for phrase in (_response(part), _survival(cohort, part), _explained(part)) if phrase]
    text = "; ".join(phrases) or f"{cohort.n} patients, none with a recorded outcome"
    return f"{text[0].upper()}{text[1:]}."


def _response(part: Part) -> str:
    rate = part.estimate("response_rate", group=EVERYBODY)
    if rate is None:
        return ""
    share = format_interval(rate.value, rate.low, rate.high, unit=rate.unit)
    return f"{rate.events} of {rate.n} patients responded: {share}"


def _survival(cohort: Cohort, part: Part) -> str:
    for endpoint, words in (("os", "overall survival"), ("pfs", "progression-free survival")):
        for treated, control in contrasts(cohort)[:1]:
            ratio = part.estimate("hazard_ratio", endpoint=endpoint, group=f"{treated} vs {control}")
            if ratio:
                text = format_interval(ratio.value, ratio.low, ratio.high, unit="ratio")
                counted = f"n = {ratio.n}, {ratio.events} events"
                return f"{words} hazard ratio {text} for {treated} against {control} ({counted})"
        median = part.estimate("median", endpoint=endpoint, group=EVERYBODY)
        if median:
            text = format_interval(median.value, median.low, median.high, unit="months")
            return f"median {words} {text} (n = {median.n}, {median.events} events)"
    return ""


def _explained(part: Part) -> str:
    for endpoint, words in (
        ("os", "overall survival"),
        ("pfs", "progression-free survival"),
        ("response", "response"),
    ):
        share = part.estimate("explained_variation", endpoint=endpoint)
        if share and share.value is not None and share.value <= 0:
            return f"known baseline factors explain none of the variation in {words} that would hold up in new patients"
        if share and share.value is not None:
            text = format_interval(share.value, share.low, share.high, unit="proportion")
            return f"known baseline factors explain {text} of the variation in {words}"
    return ""
