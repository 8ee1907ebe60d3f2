"""From cases to reports: what is seen of them, follow-up versions, duplicates, withdrawn cases; as codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.reports.cases import Cases, distinct, quarter_days
from coley.toy.reports.spelling import Spelling
from coley.toy.reports.world import Bools, Floats, Ints, World
from coley.toy.streams import Streams

FIRST_CASE = 10_000_000  # case ids of FAERS have eight digits
FIRST_ISR = 4_000_000  # report ids of AERS had seven
NEW_LAYOUT = 4 * 2012 + 3  # 2012Q4: versions and primaryid begin
_FOLLOW_UP_DAYS, _DUPLICATE_DAYS = 120.0, 30.0  # mean time to the second version, and to the copy
# How a copy differs: shares of copies.
_AGE_OFF, _AGE_LOST, _DATE_OFF, _DATE_LOST, _SEX_LOST = 0.2, 0.1, 0.15, 0.15, 0.05
_TERM_LOST, _TERM_ADDED, _OWN_NUMBER, _OTHER_REPORTER, _START_LOST = 0.25, 0.15, 0.5, 0.3, 0.3
# What a report tells of its drugs: share of suspected drugs with a therapy, of drugs with an indication.
_THERAPY, _INDICATION = 0.7, 0.75
FULL, MONTH, YEAR, NONE = 0, 1, 2, 3  # precision of a date

# Shares of reports: assumptions.
COUNTRIES = {
    "US": 0.66, "JP": 0.06, "FR": 0.05, "GB": 0.05, "DE": 0.05, "CA": 0.05, "IT": 0.03, "CN": 0.03, "BR": 0.02
}  # fmt: skip
REPORTERS = {"CN": 0.40, "MD": 0.28, "OT": 0.13, "HP": 0.10, "PH": 0.06, "LW": 0.03}
PROFESSIONAL, CONSUMER = ("MD", "OT", "HP", "PH"), ("CN",)  # a lawyer is neither


@dataclass(frozen=True, eq=False)
class Told:
    """What is told of each case, or of each of its drug rows, when it is told in full.

    Attributes
    ----------
    has_age, has_sex, has_weight
        (n,) flags.
    event_precision
        (n,) precision of the date of the event.
    country, reporter, tumour
        (n,) codes; the tumour counts only in cases with cancer.
    withdrawn
        (n,) whether the authority withdraws the case.
    start_precision
        (drug rows,) precision of the start; `NONE` where no therapy is told.
    has_indication
        (drug rows,) flag.
    """

    has_age: Bools
    has_sex: Bools
    has_weight: Bools
    event_precision: Ints
    country: Ints
    reporter: Ints
    tumour: Ints
    withdrawn: Bools
    start_precision: Ints
    has_indication: Bools


@dataclass(frozen=True, eq=False)
class Reports:
    """Reports in order of quarter, and their rows; `case` is the index of the case they tell of.

    Attributes
    ----------
    case, case_id, report_id, version, quarter, received, first_received
        (reports,) whole numbers; quarter counts from the first of the design.
    final, copy
        (reports,) whether it is the last version of its case, and whether it is a duplicate.
    original_id
        (reports,) case id that it duplicates; its own where it does not.
    age, event
        (reports,) as written: noise of copies included; NaN is missing, and so is a date of precision `NONE`.
    has_sex, has_weight, event_precision, own_number, reporter
        (reports,) as written.
    drug_report, drug_row, name, start_precision
        (drug rows,) number of the report, row of the case's drugs, name as written, precision of the start.
    term_report, term
        (term rows,) number of the report, and code of the term.
    """

    case: Ints
    case_id: Ints
    report_id: Ints
    version: Ints
    quarter: Ints
    received: Ints
    first_received: Ints
    final: Bools
    copy: Bools
    original_id: Ints
    age: Floats
    event: Ints
    has_sex: Bools
    has_weight: Bools
    event_precision: Ints
    own_number: Bools
    reporter: Ints
    drug_report: Ints
    drug_row: Ints
    name: Ints
    start_precision: Ints
    term_report: Ints
    term: Ints


def tell(world: World, cases: Cases, streams: Streams) -> Told:
    """Return what is told of each case."""
    n, dirt, treated = len(cases), world.design.dirt, cases.drugs.code < world.n_oncology
    seen = streams("seen").random((n, 3)) >= (dirt.missing_age, dirt.missing_sex, dirt.missing_weight)
    rng = streams("therapy")
    told = rng.random(len(treated)) < np.where(cases.suspect, np.where(treated, 0.85, _THERAPY), 0.1)
    start = _precision(world, len(treated), rng)
    rng = streams("indication")
    indicated = rng.random(len(treated)) < np.where(treated, 0.9, _INDICATION)
    indicated[cases.drugs.offsets[:-1]] |= world.cells.cancer[cases.cell] == 1  # a cancer is always named
    has_age, has_sex, has_weight = seen.T
    return Told(
        has_age=has_age,
        has_sex=has_sex,
        has_weight=has_weight,
        event_precision=_precision(world, n, streams("precision")),
        country=_draw(COUNTRIES, n, streams("country")),
        reporter=_draw(REPORTERS, n, streams("reporter")),
        tumour=streams("tumour").integers(1 << 16, size=n),
        withdrawn=(streams("withdrawn").random(n) < dirt.withdrawn) & lists_withdrawn(world),
        start_precision=np.where(told, start, NONE),
        has_indication=indicated,
    )


def lists_withdrawn(world: World) -> bool:
    """Return whether the last quarter says which cases are withdrawn: AERS did not."""
    return world.design.start + world.design.quarters - 1 >= NEW_LAYOUT


def report(
    world: World, cases: Cases, told: Told, *, spelling: Spelling, streams: Streams, first: int = 0
) -> Reports:
    """Return the reports of some cases.

    Parameters
    ----------
    world, cases, told
        What is to be reported.
    spelling
        Names as written.
    streams
        The random numbers.
    first
        Cases that other parts of the database hold already, so that ids do not meet.
    """
    n, dirt = len(cases), world.design.dirt
    begins, ends = quarter_days(world.design.start, world.design.quarters)
    rng = streams("versions")
    second = cases.received + 1 + np.floor(rng.exponential(_FOLLOW_UP_DAYS, n)).astype(np.int64)
    followed = (rng.random(n) < dirt.follow_ups) & (second <= ends[-1])
    copied = np.flatnonzero(rng.random(n) < dirt.duplicates)
    delay = np.floor(rng.exponential(_DUPLICATE_DAYS, len(copied))).astype(np.int64)
    later = np.flatnonzero(followed)
    case = np.concatenate([np.arange(n), later, copied])
    received = np.concatenate(
        [cases.received, second[later], np.minimum(cases.received[copied] + delay, ends[-1])]
    )
    first_received = np.where(np.arange(len(case)) < n + len(later), cases.received[case], received)
    version = np.repeat([1, 2, 1], [n, len(later), len(copied)])
    copy = np.arange(len(case)) >= n + len(later)
    order = np.argsort(received, kind="stable")
    case, received, first_received = case[order], received[order], first_received[order]
    version, copy = version[order], copy[order]
    ids = np.zeros((2, n), np.int64)  # of the case, and of its copy, in order of first receipt
    opening = np.flatnonzero((version == 1) | copy)
    ids[copy[opening].astype(int), case[opening]] = FIRST_CASE + 2 * first + np.arange(len(opening))
    case_id = ids[copy.astype(int), case]
    quarter = np.searchsorted(begins, received, side="right") - 1
    old = quarter + world.design.start < NEW_LAYOUT
    report_id = np.where(old, FIRST_ISR + 3 * first + np.arange(len(case)), case_id * 10 + version)
    final = ~copy & ((version == 2) | ~followed[case])
    noise = streams("noise").random((6, len(case)))
    shift = streams("shift").integers(1, 4, (2, len(case))) * np.where(noise[5] < 0.5, -1, 1)
    age = np.where(told.has_age, cases.age, np.nan)[case]
    age = np.where(copy & (noise[0] < _AGE_OFF), np.maximum(age + np.clip(shift[0], -2, 2), 0), age)
    age = np.where(copy & (noise[0] > 1 - _AGE_LOST), np.nan, age)
    precision = np.where(copy & (noise[1] > 1 - _DATE_LOST), NONE, told.event_precision[case])
    drug_row, drug_report = cases.drugs.rows_of(case)
    rng = streams("names")
    names = spelling.draw(cases.drugs.code, dirt.misspelt, rng)  # versions of a case agree
    again = np.flatnonzero(copy[drug_report])
    name = names[drug_row]
    name[again] = spelling.draw(cases.drugs.code[drug_row[again]], dirt.misspelt, rng)
    start = told.start_precision[drug_row]
    start[again] = np.where(rng.random(len(again)) < _START_LOST, NONE, start[again])
    term_report, term = _terms(world, cases, case, copy=copy, final=final, rng=streams("terms told"))
    return Reports(
        case=case,
        case_id=case_id,
        report_id=report_id,
        version=version,
        quarter=quarter,
        received=received,
        first_received=first_received,
        final=final,
        copy=copy,
        original_id=ids[0, case],
        age=age,
        event=cases.event[case] + np.where(copy & (noise[1] < _DATE_OFF), shift[1], 0),
        has_sex=told.has_sex[case] & ~(copy & (noise[2] < _SEX_LOST)),
        has_weight=told.has_weight[case] & ~(copy & (noise[2] > 0.5)),
        event_precision=precision,
        own_number=copy & (noise[3] < _OWN_NUMBER),
        reporter=np.where(copy & (noise[4] < _OTHER_REPORTER), 0, told.reporter[case]),
        drug_report=drug_report,
        drug_row=drug_row,
        name=name,
        start_precision=start,
        term_report=term_report,
        term=term,
    )


def _terms(
    world: World, cases: Cases, case: Ints, *, copy: Bools, final: Bools, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return the terms of each report: a first version lacks the last one, a copy may lack or add one."""
    row, owner = cases.terms.rows_of(case)
    last = np.append(owner[1:] != owner[:-1], True)
    several = np.diff(cases.terms.offsets)[case] > 1
    short = several & ((~copy & ~final) | (copy & (rng.random(len(case)) < _TERM_LOST)))
    keep = ~(last & short[owner])
    longer = np.flatnonzero(copy & (rng.random(len(case)) < _TERM_ADDED))
    added = rng.integers(len(world.terms) - 1, size=len(longer))
    width = len(world.terms)
    key = distinct(np.append(owner[keep] * width + cases.terms.code[row[keep]], longer * width + added))
    return key // width, key % width


def _precision(world: World, n: int, rng: np.random.Generator) -> Ints:
    dirt, u = world.design.dirt, rng.random(n)
    bounds = np.cumsum([dirt.missing_date, dirt.partial_date * 2 / 3, dirt.partial_date / 3])
    return np.array([NONE, MONTH, YEAR, FULL])[np.searchsorted(bounds, u, side="right")]


def _draw(shares: dict[str, float], n: int, rng: np.random.Generator) -> Ints:
    edges = np.cumsum(list(shares.values()))
    found: Ints = np.searchsorted(edges, rng.random(n) * edges[-1], side="right")
    return np.minimum(found, len(edges) - 1)
