"""What a design fixes before a case is drawn: names, strata, and the rates at which drugs and terms are named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coley.model.errors import InvalidSetting, UnknownName
from coley.toy.reports.design import Interaction, ReportDesign
from coley.toy.reports.facts import immune_terms, oncology_drugs, regimens
from coley.toy.reports.names import FILLER_DRUG, FILLER_TERM, drug_name, term_name
from coley.toy.streams import Streams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Bounds in years, shares, and how often a cancer is reported against the mean: assumptions.
AGE_GROUPS = ((0, 18), (18, 45), (45, 65), (65, 75), (75, 96))
_AGE_SHARES = np.array([0.05, 0.22, 0.35, 0.22, 0.16])
_CANCER_BY_AGE = np.array([0.3, 0.5, 1.1, 1.5, 1.2])
_FEMALE = 0.58
_GROWTH = 3.0  # reports of the last quarter against the first


@dataclass(frozen=True, eq=False)
class Cells:
    """The strata of a database, one row for each quarter, age group, sex and cancer status.

    Attributes
    ----------
    quarter, age_group, female, cancer
        (cells,) what the stratum is.
    weight
        (cells,) share of cases, adding up to 1.
    covariates
        (cells, 4) age in standard deviations, sex as -1/2 or 1/2, year from -1 to 1, cancer as 0 or 1.
    """

    quarter: Ints
    age_group: Ints
    female: Ints
    cancer: Ints
    weight: Floats
    covariates: Floats


@dataclass(frozen=True, eq=False)
class Rates:
    """Mean mentions of each name in a report of each stratum.

    Attributes
    ----------
    mean
        (names,) over all strata.
    loading
        (4, names) change of the log rate for one unit of each covariate.
    cells
        The strata.
    """

    mean: Floats
    loading: Floats
    cells: Cells

    @cached_property
    def stratum(self) -> tuple[Floats, Ints]:
        """The distinct covariates that matter, (rows, 4), and the row of each cell."""
        used = self.cells.covariates * np.any(self.loading != 0, axis=1)
        rows, of_cell = np.unique(used, axis=0, return_inverse=True)
        return rows, of_cell.reshape(-1).astype(np.int64)

    @cached_property
    def table(self) -> Floats:
        """(rows, names) rates in each distinct stratum; their weighted mean is `mean`."""
        return self.of(np.arange(len(self.mean)))

    def of(self, names: Ints) -> Floats:
        """Return (rows, len(names)) rates of some names."""
        rows, of_cell = self.stratum
        share = np.bincount(of_cell, self.cells.weight, minlength=len(rows))
        relative = np.exp(rows @ self.loading[:, names])
        rates: Floats = self.mean[names] * relative / (share @ relative)
        return rates

    def by_cell(self, name: int) -> Floats:
        """Return (cells,) the rate of one name in each cell."""
        rates: Floats = self.of(np.array([name]))[self.stratum[1], 0]
        return rates


@dataclass(frozen=True, eq=False)
class World:
    """Everything but chance. Codes of drugs: oncology, background, filler; of terms: immune, background, filler.

    Attributes
    ----------
    design
        What was asked for.
    drugs, terms
        Names in order of their codes.
    cells
        The strata.
    drug_rates
        Mentions of background drugs; the name 0 here is the code `n_oncology`.
    term_rates
        Mentions of terms in a report without any drug that has a signal.
    members
        (regimens, n_oncology) which drugs each regimen consists of; the first regimen is none.
    regimen_chance
        (cells, regimens) probabilities, adding up to 1 in each row.
    """

    design: ReportDesign
    drugs: tuple[str, ...]
    terms: tuple[str, ...]
    cells: Cells
    drug_rates: Rates
    term_rates: Rates
    members: Bools
    regimen_chance: Floats

    @property
    def n_oncology(self) -> int:
        """Number of oncology drugs: the codes below it."""
        return int(self.members.shape[1])

    @cached_property
    def drug_code(self) -> dict[str, int]:
        """Name of a drug to its code."""
        return {name: code for code, name in enumerate(self.drugs)}

    @cached_property
    def term_code(self) -> dict[str, int]:
        """Name of a term to its code."""
        return {name: code for code, name in enumerate(self.terms)}

    @cached_property
    def ratios(self) -> dict[int, dict[int, Floats]]:
        """Code of term to code of drug to (quarters,) planted ratio of the drug alone."""
        quarters = np.arange(self.design.quarters)
        planted: dict[int, dict[int, Floats]] = {}
        for signal in self.design.all_signals:
            of_term = planted.setdefault(self.code_of_term(signal.term), {})
            of_term[self.code_of_drug(signal.drug)] = np.where(
                quarters >= signal.from_quarter, signal.ratio, 1.0
            )
        for interaction in self.design.interactions:
            planted.setdefault(self.code_of_term(interaction.term), {})
        return planted

    @cached_property
    def regimen_ratios(self) -> dict[int, Floats]:
        """Code of term to (quarters, regimens) the ratio of each regimen: sums of its drugs, and interactions."""
        tables = {}
        for term, by_drug in self.ratios.items():
            excess = np.zeros((self.design.quarters, self.n_oncology))
            for drug, ratio in by_drug.items():
                if drug < self.n_oncology:
                    excess[:, drug] = ratio - 1
            table = 1 + excess @ self.members.T
            for interaction in self.design.interactions:
                if self.code_of_term(interaction.term) == term:
                    one, two = self._pair(interaction)
                    m1, m2 = 1 + excess[:, [one]], 1 + excess[:, [two]]
                    base = m1 + m2 - 1
                    expected = base if interaction.baseline == "additive" else m1 * m2
                    both = self.members[:, one] & self.members[:, two]
                    table += np.where(both, interaction.ratio * expected - base, 0)
            tables[term] = np.maximum(table, 1)
        return tables

    def _pair(self, interaction: Interaction) -> tuple[int, int]:
        """Return the codes of two drugs that some regimen joins, or say that none does."""
        one, two = (self.code_of_drug(name) for name in interaction.drugs)
        if max(one, two) >= self.n_oncology or not (self.members[:, one] & self.members[:, two]).any():
            raise InvalidSetting(
                f"No simulated regimen holds both {interaction.drugs[0]} and {interaction.drugs[1]}.",
                where="ReportDesign.interactions",
                remedy="Plant interactions on two drugs of one regimen, such as nivolumab and ipilimumab.",
            )
        return one, two

    def code_of_drug(self, name: str) -> int:
        """Return the code of a drug, or say which names there are."""
        return _code(self.drug_code, "simulated drug", name)

    def code_of_term(self, name: str) -> int:
        """Return the code of a term, or say which names there are."""
        return _code(self.term_code, "simulated term", name)


def build(design: ReportDesign) -> World:
    """Return the world of a design.

    Raises
    ------
    UnknownName
        Where a signal, an interaction or a masking names a drug or a term that is not simulated.
    InvalidSetting
        Where no regimen holds both drugs of an interaction.
    """
    oncology, immune, parts = oncology_drugs(), immune_terms(), regimens()
    streams, cells = Streams(design.seed), _cells(design)
    names = [drug.name for drug in oncology]
    members = np.array([[False] * len(names), *([name in drugs for name in names] for drugs, _ in parts)])
    popularity = 1 / (np.arange(design.n_drugs) + 1 + design.rank_offset)
    frequency = 1 / (np.arange(design.n_terms) + 1 + design.rank_offset)
    term_mean = np.append([term.rate for term in immune], frequency / frequency.sum() * design.terms_per_case)
    drug_mean = popularity / popularity.sum() * design.drugs_per_case
    world = World(
        design,
        (*names, *map(drug_name, range(design.n_drugs)), FILLER_DRUG),
        (*(term.term for term in immune), *map(term_name, range(design.n_terms)), FILLER_TERM),
        cells,
        Rates(drug_mean, _loadings(design, streams("loadings", "drugs"), 0, design.n_drugs), cells),
        Rates(term_mean, _loadings(design, streams("loadings", "terms"), len(immune), design.n_terms), cells),
        members,
        _regimen_chance(design, cells, np.array([share for _, share in parts])),
    )
    world.regimen_ratios  # noqa: B018  an unknown name is told now, not later
    return world


def _cells(design: ReportDesign) -> Cells:
    quarter, age, female, cancer = (
        axis.reshape(-1)
        for axis in np.meshgrid(np.arange(design.quarters), np.arange(5), [0, 1], [0, 1], indexing="ij")
    )
    year = 2 * quarter / max(design.quarters - 1, 1) - 1.0
    growth = 1 + (_GROWTH - 1) * (year + 1) / 2
    with_cancer = np.minimum(design.cancer_share * _CANCER_BY_AGE / (_AGE_SHARES @ _CANCER_BY_AGE), 1)[age]
    weight = (
        growth
        * _AGE_SHARES[age]
        * np.where(female, _FEMALE, 1 - _FEMALE)
        * np.where(cancer, with_cancer, 1 - with_cancer)
    )
    middle = np.array([(low + high) / 2 for low, high in AGE_GROUPS])
    mean = _AGE_SHARES @ middle
    spread = np.sqrt(_AGE_SHARES @ (middle - mean) ** 2)
    covariates = np.column_stack([(middle[age] - mean) / spread, female - 0.5, year, cancer])
    return Cells(quarter, age, female, cancer, weight / weight.sum(), covariates)


def _loadings(design: ReportDesign, rng: np.random.Generator, fixed: int, n: int) -> Floats:
    """Return (4, fixed + n) loadings; a tenth of the last n, spread over all ranks, belongs to cancer."""
    size = np.array([design.confounding.age, design.confounding.sex, design.confounding.year])
    random = rng.standard_normal((fixed + n, 3)).T * size[:, None]
    cancer = np.append(np.zeros(fixed), np.arange(n) % 10 == 3) * design.confounding.indication
    return np.vstack([random, cancer])


def _regimen_chance(design: ReportDesign, cells: Cells, shares: Floats) -> Floats:
    relative = cells.cancer * np.exp(design.confounding.year * cells.covariates[:, 2])
    total = cells.weight @ relative
    some = np.minimum(design.regimen_share * relative / total, 1) if total else relative
    return np.column_stack([1 - some, some[:, None] * shares / shares.sum()])


def _code(codes: dict[str, int], kind: str, name: str) -> int:
    known: Iterable[str] = codes
    if name not in codes:
        raise UnknownName(kind, name, known)
    return codes[name]
