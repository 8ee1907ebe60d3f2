"""Words for planned studies."""

from __future__ import annotations

from typing import Any

import pytest

from coley.economics.model_file.parse import model_of
from coley.model.errors import UnreadableInput

SURVEY = {
    "label": "Survey",
    "measures": "mean",
    "informs": "utilities.progressed",
    "individual_sd": 0.25,
    "reports_after_years": 1,
}
TRIAL = {
    "label": "Trial",
    "measures": "survival",
    "informs": ["curve: old.os", "curve: new.os", "curve: new.pfs"],
    "follow_up_years": 3,
    "reports_after_years": 3.5,
    "recruited_per_year": 200,
}
SHARE = {
    "label": "Register",
    "measures": "share",
    "informs": "strategies.new.adverse_events.colitis.probability",
    "reports_after_years": 1,
}
RATIO = {
    "label": "Second trial",
    "measures": "hazard_ratio",
    "informs": "strategies.new.os.hazard_ratio.ratio",
    "event_share": 0.6,
    "reports_after_years": 4,
}


def test_one_input_may_stand_without_a_list(words) -> None:
    words["planned_studies"] = [SURVEY, SHARE, RATIO]
    survey, share, ratio = model_of(words).planned_studies
    assert (survey.informs, survey.individual_sd) == (("utilities.progressed",), (0.25,))
    assert (survey.arms, share.arms, ratio.arms) == (1, 1, 1)
    assert survey.curves == ()
    assert survey.years_until(400) == 1, "all start at once"


def test_a_trial_has_an_arm_for_each_strategy_and_reports_when_the_last_patient_was_followed(words) -> None:
    words["planned_studies"] = [TRIAL]
    (trial,) = model_of(words).planned_studies
    assert trial.curves == ("old.os", "new.os", "new.pfs")
    assert trial.arms == 2
    assert trial.years_until(100) == pytest.approx(1 + 3.5), "2 x 100 patients at 200 a year"


@pytest.mark.parametrize(
    ("study", "changes", "message"),
    [
        (SURVEY, {"informs": "utilities.progresed"}, "the nearest is 'utilities.progressed'"),
        (SURVEY, {"informs": "costs.at_death"}, "takes as known: give it an interval"),
        (SURVEY, {"individual_sd": []}, "A study that measures mean needs individual_sd"),
        (SURVEY, {"individual_sd": [0.2, 0.3]}, "one value for each of 1 numbers, not 2"),
        (SURVEY, {"individual_sd": -0.2}, "A standard deviation is above 0"),
        (SURVEY, {"follow_up_years": 1}, "Only a study that measures survival has follow_up_years"),
        (SURVEY, {"sizes": [50, 50]}, "Sizes are different whole numbers"),
        (SURVEY, {"sizes": [0]}, r"Sizes are different whole numbers above 0, not \[0\]"),
        (SURVEY, {"informs": ["utilities.progressed"] * 2, "individual_sd": [1, 1]}, "names each input once"),
        (SURVEY, {"cost_per_patient": -1}, "must be 0 or more"),
        (
            SHARE,
            {"informs": "utilities.progressed"},
            "measures a share, and 'utilities.progressed' is a utility",
        ),
        (
            RATIO,
            {"informs": "utilities.progressed"},
            "measures a ratio, and 'utilities.progressed' is a utility",
        ),
        (RATIO, {"event_share": None}, "A study that measures hazard ratio needs event_share"),
        (RATIO, {"event_share": 60}, "must be 1 or less"),
        (TRIAL, {"follow_up_years": None}, "A study that measures survival needs follow_up_years"),
        (TRIAL, {"reports_after_years": 2}, "follows patients for 3 years cannot report 2 years after"),
        (TRIAL, {"informs": "curve: newer.os"}, "no curve of this model; the nearest is 'curve: new.os'"),
        (
            TRIAL,
            {"informs": "utilities.progressed"},
            "'Trial' follows 'utilities.progressed', which is no curve",
        ),
        (
            TRIAL,
            {"measures": "survial"},
            "must be 'mean', 'share', 'hazard_ratio' or 'survival', and is 'survial'",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_message(
    words, study: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    words["planned_studies"] = [{**study, **changes}]
    with pytest.raises(UnreadableInput, match=message):
        model_of(words)


def test_two_planned_studies_of_one_label_are_refused(words: dict[str, Any]) -> None:
    words["planned_studies"] = [SURVEY, SURVEY]
    with pytest.raises(UnreadableInput, match="Two planned studies have one label: Survey, Survey"):
        model_of(words)
