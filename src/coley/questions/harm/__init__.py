"""Who gets hurt, by what, and when? What spontaneous reports signal of checkpoint inhibitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need, Question
from coley.questions.harm.settings import HarmSettings

if TYPE_CHECKING:
    from coley.biology.irae.meddra import MedDRA
    from coley.model.answer import Answer
    from coley.model.study import Study
    from coley.vigilance.database import Database


def _run(study: Study, settings: HarmSettings) -> Answer:
    from coley.questions.harm.from_study import database_of

    meddra = own_meddra(settings)
    return signals(database_of(study, meddra), settings, meddra)


def own_meddra(settings: HarmSettings) -> MedDRA | None:
    """Return the user's own MedDRA, where the settings name its folder."""
    from coley.biology.irae.meddra import read_meddra

    return read_meddra(settings.meddra) if settings.meddra else None


def signals(database: Database, settings: HarmSettings | None = None, meddra: MedDRA | None = None) -> Answer:
    """Return what a database of spontaneous reports says of harm.

    Parameters
    ----------
    database
        Cleaned reports in an engine.
    settings
        Of the question `harm`; the defaults where None.
    meddra
        The user's own MedDRA, by which the terms were coded; needed by settings that name standardised queries.
    """
    from coley.questions.harm.answer import answer

    return answer(database, settings or HarmSettings(), meddra)


QUESTION = Question(
    name="harm",
    title="Who gets hurt, by what, and when?",
    summary="Which immune-related harms spontaneous reports signal, under which regimen, against whom they are "
    "compared, how soon they come and how many are fatal.",
    needs=(
        Need("reports", ("report_id",)),
        Need("report_drugs", ("report_id", "name")),
        Need("report_reactions", ("report_id", "term")),
    ),
    settings=HarmSettings,
    methods=(
        "ror",
        "prr",
        "rrr",
        "chi_square",
        "information_component",
        "exact_tests",
        "one_sided_pair_tests",
        "discrete_false_discovery_rate",
        "mgps",
        "ebgm",
        "likelihood_ratio_test",
        "general_gamma",
        "omega",
        "additive_excess",
        "relative_excess",
        "ratio_of_odds_ratios",
        "interaction_chi",
        "interaction_test",
        "mantel_haenszel",
        "breslow_day",
        "adjusted_odds_ratio",
        "masking_ratio",
        "watch_discoveries",
        "hit_miss",
        "onset_quantiles",
        "weibull_onset",
        "weibull_onset_comparison",
        "onset_by_dose",
        "wilson",
        "holm",
    ),
    run=_run,
)
