"""The answer in one sentence: how many markers hold, which, with number, interval and n."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coley.questions.believe.across import TITLES
from coley.questions.believe.verdict import NOT_JUDGED, grades

if TYPE_CHECKING:
    from coley.questions.believe.cohorts import Cohorts
    from coley.questions.believe.verdict import Verdict

NAMED = 3


def headline(cohorts: Cohorts, verdicts: Sequence[Verdict], endpoint: str) -> str:
    """Return what comes first: the best-supported marker, and how many others stand where."""
    if not verdicts:
        return "No marker could be judged: the study holds none with an outcome."
    total = len(verdicts)
    best = verdicts[0]
    counts = {letter: sum(v.grade.grade == letter for v in verdicts) for letter in grades()}
    first = counts["A"] + counts["B"]
    if first:
        names = ", ".join(v.label for v in verdicts[: min(first, NAMED)])
        names += f" and {first - NAMED} more" if first > NAMED else ""
        start = f"{first} of {total} markers can be believed beyond this study ({names}). {best.sentence}"
    elif counts["C"]:
        start = (
            f"None of {total} markers can be relied on in a new cohort; {counts['C']} "
            f"{'is' if counts['C'] == 1 else 'are'} associated with {TITLES[endpoint].lower()} on average. "
            f"{best.sentence}"
        )
    elif counts["D"]:
        start = (
            f"{counts['D']} of {total} markers {'is' if counts['D'] == 1 else 'are'} associated with "
            f"{TITLES[endpoint].lower()} here; whether any replicates cannot be told. {best.sentence}"
        )
    else:
        judged = total - counts[NOT_JUDGED]
        if not judged:
            return f"No marker could be judged on {TITLES[endpoint].lower()}. {best.sentence}"
        if judged == 1:
            return best.sentence
        little = f"{counts['F']} of them show little or none; " if counts["F"] else ""
        return (
            f"None of {judged} markers is shown to be associated with {TITLES[endpoint].lower()} "
            f"({little}for {counts['E']} it cannot be told)."
        )
    return start
