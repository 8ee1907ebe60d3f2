"""The design of a simulated database of reports: who reports what, and what is planted in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from coley.model.errors import InvalidSetting
from coley.toy.reports.facts import irae_signals
from coley.toy.reports.names import drug_name, term_name

Baseline = Literal["additive", "multiplicative"]


@dataclass(frozen=True, slots=True)
class Signal:
    """A drug that multiplies the rate at which a term is reported.

    Attributes
    ----------
    drug, term
        Generic name of the drug, and preferred term.
    ratio
        The rate of the term in a report with this drug alone, over the rate in a report without; at least 1.
    from_quarter
        Quarter of the database, from 0, in which it begins; before, the ratio is 1.
    """

    drug: str
    term: str
    ratio: float
    from_quarter: int = 0


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two drugs of one regimen that together do more, or less, than their signals say.

    Without an entry here, two drugs of a regimen add: the rate is `1 + (m1 - 1) + (m2 - 1)` times that of a
    report with neither, which is the null of the shrinkage measure Omega (Noren 2008).

    Attributes
    ----------
    drugs, term
        The two drugs and the preferred term.
    ratio
        The rate with both drugs over the rate that the baseline expects; the rate never falls below that of a
        report with neither.
    baseline
        What is expected of both: `additive`, `1 + (m1 - 1) + (m2 - 1)`, or `multiplicative`, `m1 * m2`.
    """

    drugs: tuple[str, str]
    term: str
    ratio: float
    baseline: Baseline = "additive"


@dataclass(frozen=True, slots=True)
class Masking:
    """A term that one popular drug reports so often that the signals of others are hidden.

    The masker fills the term's margin, so that the expected counts of all others rise: their ratios shrink towards 1
    over the whole database, and come out where the masker's reports are left out.

    Attributes
    ----------
    masker, term, ratio
        The popular drug, the term and its ratio.
    masked, masked_ratio
        The drugs that are hidden, and their ratio with the same term.
    """

    masker: str
    term: str
    ratio: float
    masked: tuple[str, ...]
    masked_ratio: float = 2.0

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals it consists of."""
        return tuple(
            Signal(drug, self.term, ratio)
            for drug, ratio in ((self.masker, self.ratio), *((d, self.masked_ratio) for d in self.masked))
        )


@dataclass(frozen=True, slots=True)
class Confounding:
    """What makes drugs and terms meet without cause; each 0 is none, which is the default.

    Attributes
    ----------
    age, sex, year
        Standard deviation over background drugs, and over terms, of the change of the log rate: per standard
        deviation of age, between women and men, and from the middle of the database to its end.
        Where `year` is positive, regimens of cancer also become more frequent: by exp(`year`) from middle to end.
    indication
        Log of the ratio by which cancer reports carry a tenth of the terms and of the background drugs.
    """

    age: float = 0.0
    sex: float = 0.0
    year: float = 0.0
    indication: float = 0.0


@dataclass(frozen=True, slots=True)
class Dirt:
    """What lies between the cases and the reports: all of it is undone by a perfect cleaning.

    Attributes
    ----------
    duplicates
        Copies under another case id, as a share of cases: 10 %, enough to distort counts that keep them.
    follow_ups
        Share of cases with a second version, which adds what the first one lacked.
    withdrawn
        Share of cases that the authority withdraws.
    misspelt, no_ingredient
        Share of drug rows with a misspelt name, and without the active ingredient.
    missing_date, partial_date
        Share of dates that are missing, and that lack the day or the month.
    missing_age, missing_sex, missing_weight
        Shares of cases: assumptions, in the order of what spontaneous reports lack.
    """

    duplicates: float = 0.10
    follow_ups: float = 0.20
    withdrawn: float = 0.003
    misspelt: float = 0.02
    no_ingredient: float = 0.05
    missing_date: float = 0.3
    partial_date: float = 0.15
    missing_age: float = 0.3
    missing_sex: float = 0.1
    missing_weight: float = 0.7


NO_DIRT = Dirt(*(0.0,) * 10)


def background_signals() -> tuple[Signal, ...]:
    """Return the planted signals of background drugs: ratios 2, 3, 5 and 10, popular and rare, the last two late.

    Examples
    --------
    >>> len(background_signals()), {signal.ratio for signal in background_signals()} == {2.0, 3.0, 5.0, 10.0}
    (42, True)
    """
    return tuple(signal for _, _, signal in _background())


def _background() -> list[tuple[int, int, Signal]]:
    """Return the ranks of drug and term of each background signal, and the signal."""
    ratios = (2.0, 3.0, 5.0, 10.0)
    ranks = [(2 + 3 * i, 5 + 7 * i, ratios[i % 4], 0) for i in range(40)] + [
        (4, 9, 5.0, 24),
        (10, 15, 5.0, 24),
    ]
    return [
        (drug, term, Signal(drug_name(drug), term_name(term), ratio, start))
        for drug, term, ratio, start in ranks
    ]


@dataclass(frozen=True, slots=True)
class ReportDesign:
    """A simulated database; the defaults give one with planted truth and without confounding.

    Attributes
    ----------
    n_cases
        Cases, before versions and duplicates are added.
    seed
        The same design gives the same database.
    first_quarter, quarters
        The extracts: 40 from 2013Q1, the years in which the checkpoint inhibitors came into use.
    n_drugs, n_terms
        Background drugs and terms, beside the oncology drugs and the immune-related terms.
    drugs_per_case, terms_per_case
        Mean numbers of background mentions: with the oncology drugs about three of each in a report.
    rank_offset
        Popularity falls as 1 / (rank + offset): with 10 the most popular drug is in some 8 % of the cases.
    cancer_share, regimen_share
        Share of cases with a cancer, and of cases with one of the oncology regimens; higher than in a real
        database, so that a small one holds enough of them.
    signals, interactions, maskings
        What is planted. Names of background drugs and terms are `drug_name(rank)` and `term_name(rank)`. None stands
        for the defaults that the numbers of drugs and terms leave room for: every immune-related term with its
        checkpoint inhibitors, `background_signals()`, and the most popular drug as a masker of three others.
    names_per_drug
        Ways of writing each background drug, in which popular ones come first.
    confounding, dirt
        See there.
    """

    n_cases: int = 20_000
    seed: int = 1
    first_quarter: str = "2013Q1"
    quarters: int = 40
    n_drugs: int = 300
    n_terms: int = 400
    drugs_per_case: float = 3.0
    terms_per_case: float = 2.5
    rank_offset: float = 10.0
    cancer_share: float = 0.25
    regimen_share: float = 0.10
    signals: tuple[Signal, ...] | None = None
    interactions: tuple[Interaction, ...] = (
        Interaction(("nivolumab", "ipilimumab"), "Myocarditis", 3.0),
        Interaction(("nivolumab", "ipilimumab"), "Autoimmune hepatitis", 2.0),
        Interaction(("nivolumab", "ipilimumab"), "Pneumonitis", 1.0, "multiplicative"),
    )
    maskings: tuple[Masking, ...] | None = None
    names_per_drug: int = 8
    confounding: Confounding = Confounding()
    dirt: Dirt = Dirt()

    def __post_init__(self) -> None:
        for check, message in _CHECKS:
            if not check(self):
                raise InvalidSetting(f"This database cannot be simulated: {message}.", where="ReportDesign")

    @property
    def all_signals(self) -> tuple[Signal, ...]:
        """The planted signals, given or by default, and those of the maskings."""
        signals = self.signals
        if signals is None:
            fitting = (s for drug, term, s in _background() if drug < self.n_drugs and term < self.n_terms)
            signals = (*(Signal(*row) for row in irae_signals()), *fitting)
        return (*signals, *(signal for masking in self.all_maskings for signal in masking.signals))

    @property
    def all_maskings(self) -> tuple[Masking, ...]:
        """The planted maskings, given or by default."""
        if self.maskings is not None:
            return self.maskings
        term = min(150, self.n_terms - 2)
        return (Masking(drug_name(0), term_name(term), 100.0, tuple(map(drug_name, (1, 3, 6)))),)

    @property
    def start(self) -> int:
        """The first quarter as 4 * year + (quarter - 1)."""
        return 4 * int(self.first_quarter[:4]) + int(self.first_quarter[5]) - 1


def null_database(**settings: object) -> ReportDesign:
    """Return a design in which nothing is planted: every pair of a drug and a term is independent.

    Parameters
    ----------
    settings
        Fields of `ReportDesign` that differ from its defaults.

    Examples
    --------
    >>> null_database(n_cases=500).all_signals
    ()
    """
    return ReportDesign(**{"signals": (), "interactions": (), "maskings": (), **settings})  # type: ignore[arg-type]


def _shares_are_sound(design: ReportDesign) -> bool:
    dirt = design.dirt
    shares = (getattr(dirt, name) for name in Dirt.__slots__)
    return all(0 <= share <= 1 for share in shares) and dirt.missing_date + dirt.partial_date <= 1


_CHECKS: tuple[tuple[Callable[[ReportDesign], bool], str], ...] = (
    (lambda d: d.n_cases >= 1 and d.seed >= 0, "it needs at least one case and a seed that is not negative"),
    (lambda d: 1 <= d.quarters <= 120, "quarters must lie between 1 and 120"),
    (
        lambda d: (
            len(d.first_quarter) == 6
            and d.first_quarter[:4].isdecimal()
            and d.first_quarter[4] == "Q"
            and d.first_quarter[5] in "1234"
            and 1990 <= int(d.first_quarter[:4]) <= 2050
        ),
        "first_quarter must be written as 2013Q1",
    ),
    (lambda d: 10 <= d.n_drugs <= 50_000 and 10 <= d.n_terms <= 50_000, "10 to 50,000 drugs and terms"),
    (lambda d: d.drugs_per_case > 0 and d.terms_per_case > 0, "reports must name drugs and terms"),
    (lambda d: d.rank_offset >= 0, "rank_offset cannot be negative"),
    (lambda d: 0 <= d.regimen_share <= d.cancer_share <= 1, "0 <= regimen_share <= cancer_share <= 1"),
    (lambda d: all(s.ratio >= 1 for s in d.all_signals), "the ratio of a signal must be at least 1"),
    (
        lambda d: len({(s.drug, s.term) for s in d.all_signals}) == len(d.all_signals),
        "a pair of drug and term is planted twice",
    ),
    (lambda d: 4 <= d.names_per_drug <= 200, "4 to 200 names for each drug"),
    (
        _shares_are_sound,
        "the shares of dirt must lie between 0 and 1, and those of dates add up to at most 1",
    ),
)
