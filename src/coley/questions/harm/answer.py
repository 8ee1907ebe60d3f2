"""The argument of `harm`, as far as spontaneous reports carry it, from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.answer import Answer
from coley.model.method import citations
from coley.model.part import Part
from coley.questions.harm import QUESTION
from coley.questions.harm.adjusted import adjusted_part
from coley.questions.harm.cells import cells
from coley.questions.harm.combination import combination_part
from coley.questions.harm.comparators import comparator_part
from coley.questions.harm.concomitants import concomitant_part
from coley.questions.harm.evidence import evidence
from coley.questions.harm.fatality import fatality_part
from coley.questions.harm.flow import flow_part
from coley.questions.harm.headline import headline
from coley.questions.harm.maps import harm_part, organ_part
from coley.questions.harm.masking import masking_part
from coley.questions.harm.onset import onset_part
from coley.questions.harm.queries import chosen_queries, query_part
from coley.questions.harm.ratio_test import ratio_test_part
from coley.questions.harm.screen import screen, screen_part
from coley.questions.harm.subgroups import subgroup_part
from coley.questions.harm.terms import term_part
from coley.questions.harm.watch import watch_part

if TYPE_CHECKING:
    from coley.biology.irae.meddra import MedDRA
    from coley.questions.harm.settings import HarmSettings
    from coley.vigilance.database import Database

# Methods whose results stand in a table and among no estimates.
MEASURES = ("ror", "prr", "rrr", "chi_square", "information_component", "exact_tests", "one_sided_pair_tests")
METHODS_BEHIND = {
    "organ_signals": (*MEASURES, "discrete_false_discovery_rate"),
    "combinations": ("additive_excess", "relative_excess", "interaction_chi", "interaction_test"),
    "adjusted": ("mantel_haenszel", "breslow_day", "adjusted_odds_ratio"),
    "subgroups": ("breslow_day", "holm"),
    "likelihood_ratio": ("likelihood_ratio_test",),
    "alerts": ("watch_discoveries",),
    "masking_drugs": ("masking_ratio",),
    "masking_terms": ("masking_ratio",),
    "mgps_priors": ("mgps", "ebgm"),
    "onset": ("weibull_onset",),
    "onset_organs": ("weibull_onset",),
    "onset_compared": ("weibull_onset_comparison",),
    "onset_by_dose": ("onset_by_dose",),
    "duplicate_pairs": ("hit_miss",),
}
REPORTING = (
    "Spontaneous reports have no denominator: every number here is of reporting, never of incidence or risk, and a "
    "signal is a reason to look, not a cause that was shown.",
    "What is new, feared or in the news is reported more; what is common and mild, less.",
)


def answer(database: Database, settings: HarmSettings, meddra: MedDRA | None = None) -> Answer:
    """Return what the reports say of harm."""
    queries = chosen_queries(settings, meddra)
    told = evidence(database, settings, queries)
    if not told.inhibitor_reports:
        return _nothing(database, settings, headline(told, {}))
    screens = screen(told) if settings.screen else {}
    organs, harms = (cells(told, level, screened=screens.get(level)) for level in ("organ", "harm"))

    part = organ_part(told, organs)
    part += harm_part(told, harms)
    part += query_part(told, queries)
    part += comparator_part(told, harms)
    part += combination_part(told)
    part += concomitant_part(told)
    part += adjusted_part(told)
    part += subgroup_part(told)
    part += term_part(told, screens.get("term"))
    part += ratio_test_part(told)
    part += watch_part(told)
    part += masking_part(told, screens.get("harm"))
    part += screen_part(screens)
    part += onset_part(told)
    part += fatality_part(told)
    part += flow_part(database)

    return Answer(
        question=QUESTION.name,
        title=QUESTION.title,
        study=database.name,
        headline=headline(told, harms),
        estimates=part.estimates,
        checks=part.checks,
        caveats=(*REPORTING, *part.caveats),
        cannot_tell=part.cannot_tell,
        tables=part.tables,
        figures=part.figures,
        settings=recorded(settings),
        citations=citations(_methods(part)),
    )


def _methods(part: Part) -> set[str]:
    behind = (METHODS_BEHIND.get(name, ()) for name in part.tables)
    return {estimate.method for estimate in part.estimates}.union(*behind)


def _nothing(database: Database, settings: HarmSettings, said: str) -> Answer:
    return Answer(
        question=QUESTION.name,
        title=QUESTION.title,
        study=database.name,
        headline=said,
        caveats=REPORTING,
        cannot_tell=(
            "What checkpoint inhibitors do: no report names one. Check the drug names that were not matched.",
        ),
        settings=recorded(settings),
    )


def recorded(settings: HarmSettings) -> dict[str, Any]:
    """Return settings for the record: where the user keeps MedDRA is no part of it, that it was used is."""
    return settings.model_dump(mode="json") | {"meddra": "the user's own" if settings.meddra else ""}
