"""Settings from text: typed by the setting, sent to the questions that know them."""

from __future__ import annotations

import pytest
from pydantic import Field

from coley.model.answer import Answer
from coley.model.errors import InvalidSetting
from coley.model.question import Question, Settings
from coley.run.settings import distribute, parse


class Curves(Settings):
    by: str = "arm"
    milestones: tuple[float, ...] = (6.0, 12.0)
    adjust: bool = False


class Costs(Settings):
    years: int = Field(10, ge=1)


def question(name: str, settings: type[Settings]) -> Question:
    return Question(
        name, name, "", (), settings, (), run=lambda study, chosen: Answer(name, name, study.name, "")
    )


CURVES, COSTS = question("curves", Curves), question("costs", Costs)


def configured(pairs: list[str]) -> dict[str, Settings]:
    given = distribute(parse(pairs), (CURVES, COSTS))
    return {
        name: {"curves": CURVES, "costs": COSTS}[name].configure(**values) for name, values in given.items()
    }


def test_text_becomes_what_the_setting_holds() -> None:
    chosen = configured(["milestones=3, 9.5", "adjust=true", "years=20", "by=stage"])
    assert chosen["curves"] == Curves(by="stage", milestones=(3.0, 9.5), adjust=True)
    assert chosen["costs"] == Costs(years=20)


def test_a_shared_name_reaches_every_question_and_a_prefix_only_one() -> None:
    assert {s.seed for s in configured(["seed=7"]).values()} == {7}
    chosen = configured(["curves.seed=7"])
    assert (chosen["curves"].seed, chosen["costs"].seed) == (7, 1)


def test_an_empty_list_of_values() -> None:
    assert configured(["milestones="])["curves"] == Curves(milestones=())


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (["seed"], "is not a setting"),
        (["=3"], "is not a setting"),
        (["seed=1", "seed = 2"], "given twice"),
        (["milestons=3"], "Did you mean 'milestones'"),
        (["years=none"], "cannot be 'none'"),
        (["years=0"], "cannot be '0'"),
        (["costs.by=arm"], "no setting 'by'"),
        (["harm.seed=1"], "which is not asked in this run"),
        (["milestones=3,soon"], "cannot be 'soon'"),
    ],
)
def test_what_is_refused(pairs: list[str], says: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        configured(pairs)
    assert says in str(caught.value)
