"""Words for patients simulated one by one, with immune-related adverse events as events of their lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Cost, Decrement, Quantity, Ratio, Share, Weeks

if TYPE_CHECKING:
    from coley.economics.model_file.treatment import Strategy
    from coley.economics.simulation.iraes import Fact

MOST_LIVES = (
    10_000_000  # patients times draws of a strategy: beyond it memory goes, and limits no longer move
)
POSITIVE = ("rate_per_year", "onset_weeks", "resolution_weeks", "resolution_weeks_high")
BY_SHARE = ("incidence", "onset_weeks")  # what a rate stands for
EVERY = "every"  # the name under which stands what holds of all irAEs of a strategy


class Days(Quantity):
    """A length of time in days."""

    kind = "number of days"
    lowest, family = 0.0, "gamma"


class Rate(Quantity):
    """Events per person and year."""

    kind = "rate a year"
    lowest, family = 0.0, "gamma"


class ImmuneEvent(Part):
    """An irAE of a strategy; what it does not say is taken from `every`, or from the published table of a regimen."""

    incidence: Share | None = Field(
        None, description="Share of those who begin treatment that ever have it, of any grade."
    )
    rate_per_year: Rate | None = Field(
        None,
        description="First events per year on treatment, instead of incidence and onset_weeks: the same at all times.",
    )
    high_grade: Share | None = Field(None, description="Share of its events that are of grade 3 and above.")
    onset_weeks: Weeks | None = Field(None, description="Median time from the start of treatment to it.")
    resolution_weeks: Weeks | None = Field(None, description="Median length of its acute phase.")
    resolution_weeks_high: Weeks | None = Field(None, description="The same in high grade, if another.")
    admitted: Share | None = Field(None, description="Share of those of high grade that go to hospital.")
    days_in_hospital: Days | None = Field(None, description="Mean length of an admission.")
    fatal: Share | None = Field(None, description="Share of those of high grade that die of it.")
    stops_low: Share | None = Field(None, description="Share of those of low grade that end treatment.")
    stops_high: Share | None = Field(None, description="Share of those of high grade that end treatment.")
    holds_low: bool = Field(False, description="Whether low grade withholds treatment while it is acute.")
    persists: Share | None = Field(None, description="Share that stay for life after the acute phase.")
    recurs: Share | None = Field(None, description="Share of those treated again that have it again.")
    cost_low: Cost | None = Field(None, description="Of one event of low grade.")
    cost_high: Cost | None = Field(None, description="Of one event of high grade, the hospital left out.")
    cost_per_day: Cost | None = Field(None, description="Of a day in hospital.")
    cost_chronic_per_month: Cost | None = Field(None, description="Of one that stays.")
    disutility_low: Decrement | None = Field(None, description="While it is acute and of low grade.")
    disutility_high: Decrement | None = Field(None, description="While it is acute and of high grade.")
    disutility_chronic: Decrement | None = Field(None, description="While it stays.")


class IraeRules(Part):
    """What is done under a strategy when irAEs come, and whence their figures are taken."""

    regimen: str = Field(
        "",
        description='Regimen whose published figures stand in where `iraes` says nothing: "atezolizumab", '
        '"nivolumab + ipilimumab" ...',
    )
    leave_out: tuple[str, ...] = Field((), description="irAEs of the regimen that are not to be simulated.")
    instead_of: tuple[str, ...] = Field(
        (),
        description="adverse_events of the strategy for which these irAEs stand; others are counted besides.",
    )
    rechallenge: Share | None = Field(
        None, description="Share of those who stopped for an irAE that are treated again; none without it."
    )
    rechallenge_after_weeks: Weeks | None = Field(
        None, description="From the end of the acute phase to the rechallenge; at once without it."
    )
    progression_ratio_off: Ratio | None = Field(
        None,
        description="Hazard ratio of progression after an early stop, until treatment would have ended; without it "
        "stopping early loses nothing.",
    )
    exposed_after_days: float = Field(
        100.0, ge=0, description="After the last dose, in which an irAE may still come; trials count so long."
    )
    source: str = Field("", description="Of the rules.")


class Individuals(Part):
    """The model lived by single patients in continuous time, beside the cohort; it needs `iraes` of a strategy."""

    patients: int = Field(2000, ge=100, le=1_000_000, description="Simulated in each draw of the inputs.")
    draws: int = Field(200, ge=20, le=10_000, description="Of the inputs; not more than those of the model.")
    structure: Literal["", "partitioned_survival", "clock_forward", "clock_reset"] = Field(
        "", description="Whose moves between states the patients make; without it those of the base case."
    )
    deaths: Literal["within_survival", "added"] = Field(
        "within_survival",
        description="Whether the curves of survival hold the deaths of irAEs already, as those of a trial do, so that "
        "these are only counted; or whether they come on top.",
    )
    histories: int = Field(20, ge=1, le=40, description="Lives that are drawn one by one.")
    histories_months: float = Field(36.0, gt=0, description="How much of them is drawn.")
    strategies: dict[str, IraeRules] = Field({}, description="Rules by strategy.")


def with_published(words: Any) -> Any:
    """Return the words of a model, with published figures of irAEs where it names a regimen and says nothing itself.

    Raises
    ------
    UnknownName
        For a regimen of which nothing is published here, or an irAE to leave out that it has not.
    """
    from coley.economics.simulation.iraes import published_iraes
    from coley.model.errors import UnknownName

    rules = _table(_table(words).get("individuals")).get("strategies")
    strategies = dict(_table(_table(words).get("strategies")))
    for name, rule in _table(rules).items():
        regimen, own = _table(rule).get("regimen"), strategies.get(name)
        if isinstance(regimen, str) and regimen and isinstance(own, Mapping):
            published, left_out = published_iraes(regimen), tuple(rule.get("leave_out") or ())
            for irae in left_out:
                if irae not in published:
                    raise UnknownName(f"irAE of {regimen}", irae, tuple(published))
            iraes = _filled(_table(own.get("iraes")), published, left_out)
            strategies[name] = {**own, "iraes": iraes}
    return {**words, "strategies": strategies} if strategies else words


def _table(thing: Any) -> Mapping[str, Any]:
    return thing if isinstance(thing, Mapping) else {}


def _filled(
    given: Mapping[str, Any], published: Mapping[str, Mapping[str, Fact]], left_out: tuple[str, ...]
) -> dict[str, Any]:
    filled = {name: own for name, own in given.items() if name not in left_out}
    for name, facts in published.items():
        own = filled.get(name, {})
        if name in left_out or not isinstance(own, Mapping):
            continue
        said = {word: number for word, number in own.items() if number is not None}
        replaced = BY_SHARE if "rate_per_year" in said else ()
        told = {word: _word(fact) for word, fact in facts.items() if word not in replaced}
        filled[name] = told | said
    return filled


def _word(fact: Fact) -> dict[str, Any]:
    limits = {} if fact.low is None else {"low": fact.low, "high": fact.high}
    return {"value": fact.value, **limits, "source": fact.source}


def check_iraes(individuals: Individuals | None, strategies: Mapping[str, Strategy]) -> None:
    """Refuse irAEs that nothing simulates, or of which something is not said.

    Raises
    ------
    ValueError
        With one sentence.
    """
    with_iraes = [name for name, strategy in strategies.items() if strategy.iraes]
    if individuals is None:
        if with_iraes:
            raise ValueError(
                f"the irAEs of {with_iraes[0]} are events of single patients: add a table individuals, or write them "
                "as adverse_events"
            )
        return
    unknown = [name for name in individuals.strategies if name not in strategies]
    if unknown:
        raise ValueError(f"individuals names {unknown[0]!r}, which is no strategy")
    if not with_iraes:
        raise ValueError("individuals simulates irAEs, and no strategy has any: give iraes, or a regimen")
    idle = [name for name in individuals.strategies if name not in with_iraes]
    if idle:
        raise ValueError(f"individuals has rules for {idle[0]}, which has no irAEs: give iraes, or a regimen")
    if individuals.patients * individuals.draws > MOST_LIVES:
        raise ValueError(
            f"{individuals.patients:,} patients in each of {individuals.draws:,} draws are more than "
            f"{MOST_LIVES:,} lives: some thousand patients in some hundred draws say as much"
        )
    if individuals.histories > individuals.patients:
        raise ValueError("more histories are to be drawn than there are patients")
    for name in with_iraes:
        _check(name, strategies[name], individuals.strategies.get(name, IraeRules()))


def _check(name: str, strategy: Strategy, rules: IraeRules) -> None:
    unknown = [event for event in rules.instead_of if event not in strategy.adverse_events]
    if unknown:
        raise ValueError(
            f"irAEs of {name} cannot stand instead of {unknown[0]!r}, which is none of its adverse_events"
        )
    twice = set(strategy.iraes) & set(strategy.adverse_events) - set(rules.instead_of)
    if twice:
        raise ValueError(
            f"{sorted(twice)[0]} of {name} stands under adverse_events and under iraes: name it under instead_of, or "
            "leave one out"
        )
    every = strategy.iraes.get(EVERY, ImmuneEvent())
    if every.incidence is not None or every.rate_per_year is not None:
        raise ValueError(f"the incidence of an irAE is its own: it cannot stand under {name}.iraes.{EVERY}")
    for irae, own in strategy.iraes.items():
        if own.rate_per_year is not None and own.incidence is not None:
            raise ValueError(f"{irae} under {name} has an incidence and a rate_per_year: one of them says it")
        for word in POSITIVE:
            number = getattr(own, word)
            if number is not None and number.value == 0:
                raise ValueError(
                    f"{word} of {irae} under {name} must be above zero; leave out what never comes"
                )
        lacking = [] if irae == EVERY else _lacking(own, every, rechallenged=rules.rechallenge is not None)
        if lacking:
            raise ValueError(
                f"of {irae} under {name} nobody says {', '.join(lacking)}; nothing is taken to be nought: give it "
                f"under strategies.{name}.iraes.{irae}, or under strategies.{name}.iraes.{EVERY}"
            )


def _lacking(own: ImmuneEvent, every: ImmuneEvent, *, rechallenged: bool) -> list[str]:
    """Return the words of an irAE that are needed and not known: what never happens needs no length and no cost."""

    def known(word: str) -> Quantity | None:
        found: Quantity | None = getattr(own, word)
        return found if found is not None else getattr(every, word)

    def happens(word: str) -> bool:
        share = known(word)
        return share is not None and (share.value > 0 or share.uncertain)

    needed = [*BY_SHARE] if own.rate_per_year is None else []
    needed += ["high_grade", "resolution_weeks", "stops_low", "persists", "cost_low", "disutility_low"]
    if happens("high_grade"):
        needed += ["admitted", "fatal", "stops_high", "cost_high", "disutility_high"]
        needed += ["days_in_hospital", "cost_per_day"] if happens("admitted") else []
    needed += ["cost_chronic_per_month", "disutility_chronic"] if happens("persists") else []
    needed += ["recurs"] if rechallenged else []
    return [word for word in needed if known(word) is None]
