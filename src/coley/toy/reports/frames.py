"""Codes to frames: the relations as they are read, and as a perfect cleaning leaves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.toy.reports.cases import OUTCOMES, Cases, distinct
from coley.toy.reports.facts import oncology_drugs
from coley.toy.reports.spelling import Spelling
from coley.toy.reports.versions import (
    CONSUMER,
    COUNTRIES,
    FULL,
    NEW_LAYOUT,
    NONE,
    PROFESSIONAL,
    REPORTERS,
    YEAR,
    Reports,
    Told,
)
from coley.toy.reports.world import Bools, Ints, World
from coley.vigilance.schema import CLEAN, RAW, Relation

if TYPE_CHECKING:
    import polars as pl

TUMOURS = (
    "Non-small cell lung cancer",
    "Malignant melanoma",
    "Renal cell carcinoma",
    "Bladder cancer",
    "Hepatocellular carcinoma",
)
_INDICATIONS = (
    "Product used for unknown indication",
    "Hypertension",
    "Rheumatoid arthritis",
    "Depression",
    "Type 2 diabetes mellitus",
    "Asthma",
    "Pain",
    "Epilepsy",
    "Hypercholesterolaemia",
    "Insomnia",
    "Osteoporosis",
    "Multiple sclerosis",
)
_MAKERS = ("ALTEN PHARMA", "BOREAL PHARMA", "CORVUS PHARMA", "DELTAN PHARMA", "ELMWOOD PHARMA", "FARO PHARMA")
_ROLES = ("PS", "SS", "I", "C")
_AGE_NAMES = np.array(["<18", "18-44", "45-64", "65-74", "75+"])
_AGE_EDGES = (18, 45, 65, 75)


def raw_frames(
    world: World, cases: Cases, told: Told, *, reports: Reports, spelling: Spelling
) -> dict[str, pl.DataFrame]:
    """Return the relations of `schema.RAW`.

    Parameters
    ----------
    world, cases, told, reports, spelling
        What was drawn. Columns that a layout does not carry are null in its quarters: before 2012Q4 there is no
        version, no date of first receipt and no dose, before 2014Q3 no active ingredient and no literature, before
        2005Q3 no country.
    """
    makers = {
        "reports": _reports(world, cases, told, reports),
        "drugs": _drugs(world, cases, reports, spelling),
        "reactions": {
            "report_id": reports.report_id[reports.term_report],
            "term": pool(world.terms, reports.term),
        },
        "outcomes": _outcomes(cases, reports),
        "therapies": _therapies(world, cases, told, reports),
        "indications": _indications(world, cases, told, reports),
        "sources": _sources(reports),
        "deleted": {"case_id": np.unique(reports.case_id[told.withdrawn[reports.case] & ~reports.copy])},
    }
    return {name: frame(RAW[name], columns) for name, columns in makers.items()}


def clean_frames(world: World, cases: Cases, told: Told, *, reports: Reports) -> dict[str, pl.DataFrame]:
    """Return the relations of `schema.CLEAN` as a perfect cleaning leaves them.

    Of each case that was not withdrawn it holds the last version; no copy, not even of a withdrawn case; every drug
    under its own name.
    """
    kept = np.flatnonzero(reports.final & ~told.withdrawn[reports.case])
    case, ids = reports.case[kept], reports.report_id[kept]
    drug_row, drug_owner = cases.drugs.rows_of(case)
    term_row, term_owner = cases.terms.rows_of(case)
    quarter = world.cells.quarter[cases.cell[case]] + world.design.start
    group = np.searchsorted(_AGE_EDGES, cases.age[case], side="right")
    has_age = told.has_age[case]
    kinds = np.array([0 if code in CONSUMER else 1 if code in PROFESSIONAL else -1 for code in REPORTERS])
    dated = (told.start_precision[drug_row] == FULL) & (told.event_precision[case] == FULL)[drug_owner]
    dated &= cases.suspect[drug_row]
    days = cases.event[case][drug_owner] - cases.start[drug_row]
    dated &= days <= 3653  # ten years: longer times are not believed
    terms = tuple(name.lower() for name in world.terms)
    indication = _indication_codes(world, cases, told, drug_row)
    shown = told.has_indication[drug_row] & (indication != len(TUMOURS))  # an unknown one is none
    key = distinct(drug_owner[shown] * 64 + indication[shown])
    lower = tuple(name.lower() for name in (*TUMOURS, *_INDICATIONS))
    columns: dict[str, Mapping[str, Any]] = {
        "cases": {
            "report_id": ids,
            "case_id": reports.case_id[kept],
            "quarter": quarter,
            "year": quarter // 4,
            "event_date": stamp(cases.event[case], told.event_precision[case]),
            "age_years": np.where(has_age, cases.age[case], np.nan),
            "age_group": pool(_AGE_NAMES, np.where(has_age, group, -1)),
            "sex": pool(("M", "F"), np.where(told.has_sex[case], world.cells.female[cases.cell[case]], -1)),
            "country": pool(tuple(COUNTRIES), told.country[case]),
            "reporter": pool(("consumer", "professional"), kinds[told.reporter[case]]),
            "serious": cases.outcomes[case].any(axis=1),
            "fatal": cases.outcomes[case, 0],
        },
        "exposures": {
            "report_id": ids[drug_owner],
            "ingredient": pool(world.drugs, cases.drugs.code[drug_row]),
            "role": pool(_ROLES, _roles(cases, drug_row, ids[drug_owner])),
            "matched": np.ones(len(drug_row), bool),
        },
        "events": {"report_id": ids[term_owner], "term": pool(terms, cases.terms.code[term_row])},
        "onsets": {
            "report_id": ids[drug_owner[dated]],
            "ingredient": pool(world.drugs, cases.drugs.code[drug_row[dated]]),
            "days": days[dated],
        },
        "indications": {"report_id": ids[key // 64], "term": pool(lower, key % 64)},
    }
    return {name: frame(CLEAN[name], columns[name]) for name in CLEAN}


def frame(relation: Relation, columns: Mapping[str, Any]) -> pl.DataFrame:
    """Return a frame of exactly the columns of a relation; NaN and negative dates become null."""
    import polars as pl

    kinds = {
        "text": pl.String,
        "whole": pl.Int64,
        "date": pl.Int64,
        "number": pl.Float64,
        "flag": pl.Boolean,
    }
    series = []
    for column in relation.columns:
        values = columns[column.name]
        one = (
            values.alias(column.name)
            if isinstance(values, pl.Series)
            else pl.Series(column.name, values, dtype=kinds[column.kind])
        )
        if column.kind == "number":
            one = one.fill_nan(None)
        if column.kind in ("date", "whole") and len(one) and one.min() is not None and one.min() < 0:  # type: ignore[operator]
            one = one.set(one < 0, None)
        series.append(one)
    return pl.DataFrame(series)


def pool(words: Sequence[str] | np.ndarray, codes: Ints) -> pl.Series:
    """Return the word of each code as text; -1 is null."""
    import polars as pl

    source = pl.Series([*words, None], dtype=pl.String)
    return source.gather(pl.Series(np.where(codes < 0, len(words), codes).astype(np.uint32)))


def stamp(days: Ints, precision: Ints) -> Ints:
    """Return dates as whole numbers of as many digits as are known; -1 is missing."""
    if not len(days):
        return np.zeros(0, np.int64)
    low = int(days.min())
    table = np.arange(low, int(days.max()) + 1).astype("datetime64[D]")
    months = table.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (table - months).astype(np.int64) + 1
    digits = np.stack([(year * 100 + month) * 100 + day, year * 100 + month, year, np.full(len(year), -1)])
    return digits[precision, days - low]


def hashed(values: Ints, salt: int, modulus: int) -> Ints:
    """Return numbers below `modulus` that depend on the values alone: for columns without meaning."""
    with np.errstate(over="ignore"):
        mixed = (values.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)).astype(np.int64) % modulus


def _layout(world: World, reports: Reports) -> tuple[Bools, Bools]:
    """Return for each report whether its layout has versions (2012Q4), and active ingredients (2014Q3)."""
    quarter = reports.quarter + world.design.start
    return quarter >= NEW_LAYOUT, quarter >= 4 * 2014 + 2


def _reports(world: World, cases: Cases, told: Told, reports: Reports) -> dict[str, Any]:
    import polars as pl

    case, n = reports.case, len(reports.case)
    quarter = reports.quarter + world.design.start
    new, named = _layout(world, reports)
    quarters = [f"{q // 4}Q{q % 4 + 1}" for q in world.design.start + np.arange(world.design.quarters)]
    full = np.full(n, FULL)
    country = pool(tuple(COUNTRIES), told.country[case])
    maker = pool(_MAKERS, hashed(case, 1, len(_MAKERS)))
    number = pl.DataFrame(
        {
            "country": country,
            "maker": maker,
            "year": stamp(reports.first_received, np.full(n, YEAR)),
            "id": np.where(reports.own_number, reports.case_id, reports.original_id),
        }
    ).select(pl.concat_str("country", "maker", pl.concat_str("year", "country", "id"), separator="-"))
    direct = hashed(case, 2, 100) < 10
    return {
        "report_id": reports.report_id,
        "case_id": reports.case_id,
        "version": np.where(new, reports.version, -1),
        "follow_up": reports.version > 1,
        "quarter": pool(quarters, reports.quarter),
        "received_date": stamp(reports.received, full),
        "first_received_date": stamp(reports.first_received, np.where(new, FULL, NONE)),
        "event_date": stamp(reports.event, reports.event_precision),
        "report_type": pool(("DIR", "EXP", "PER"), np.where(direct, 0, 1 + hashed(case, 3, 2))),
        "manufacturer": maker.set(pl.Series(direct), None),
        "manufacturer_number": number.to_series().set(pl.Series(direct), None),
        "literature": pool(
            ("A CASE SERIES. J SIMUL MED. 2015;1(2):3-4",),
            np.where(named & (hashed(case, 4, 50) == 0), 0, -1),
        ),
        "age_years": reports.age,
        "sex": pool(("M", "F"), np.where(reports.has_sex, world.cells.female[cases.cell[case]], -1)),
        "weight_kg": np.where(reports.has_weight, cases.weight[case], np.nan),
        "reporter": pool(tuple(REPORTERS), reports.reporter),
        "country": country.set(pl.Series(quarter < 4 * 2005 + 2), None),
    }


def _drugs(world: World, cases: Cases, reports: Reports, spelling: Spelling) -> dict[str, Any]:
    owner, row = reports.drug_report, reports.drug_row
    code = cases.drugs.code[row]
    new, named = (flag[owner] for flag in _layout(world, reports))
    place = row - cases.drugs.offsets[reports.case[owner]]
    key = reports.report_id[owner] * 64 + place
    lacking = hashed(key, 5, 10_000) < world.design.dirt.no_ingredient * 10_000
    dosed = new & (hashed(key, 7, 2) == 0)
    infused = np.array(
        [drug.group != "tki" for drug in oncology_drugs()] + [False] * (len(world.drugs) - world.n_oncology)
    )
    return {
        "report_id": reports.report_id[owner],
        "drug_seq": place + 1,
        "role": pool(_ROLES, _roles(cases, row, reports.report_id[owner])),
        "name": pool(spelling.names, reports.name),
        "ingredient": pool(tuple(name.upper() for name in world.drugs), np.where(named & ~lacking, code, -1)),
        "route": pool(
            ("Oral", "Subcutaneous", "Unknown", "Intravenous drip"), np.where(infused[code], 3, code % 3)
        ),
        "dechallenge": pool(("Y", "N", "U", "D"), hashed(key, 8, 5) - 1),
        "rechallenge": pool(("Y", "N", "U", "D"), hashed(key, 9, 10) - 6),
        "dose_amount": np.where(dosed, 5.0 * (1 + code % 60), np.nan),
        "dose_unit": pool(("MG",), np.where(dosed, 0, -1)),
        "dose_frequency": pool(("QD", "BID", "QW", "/wk"), np.where(dosed, code % 4, -1)),
    }


def _roles(cases: Cases, row: Ints, report_id: Ints) -> Ints:
    """Return the role of each drug row in a report as an index of `_ROLES`; one suspect in a hundred interacts."""
    place = row - cases.drugs.offsets[cases.drugs.owner[row]]
    interacting = hashed(report_id * 64 + place, 6, 100) == 0
    return np.where(place == 0, 0, np.where(cases.suspect[row], np.where(interacting, 2, 1), 3))


def _outcomes(cases: Cases, reports: Reports) -> dict[str, Any]:
    told = cases.outcomes[reports.case] & (reports.final | reports.copy)[:, None]
    owner, which = np.nonzero(told)
    return {"report_id": reports.report_id[owner], "outcome": pool(OUTCOMES, which)}


def _therapies(world: World, cases: Cases, told: Told, reports: Reports) -> dict[str, Any]:
    shown = reports.start_precision != NONE
    owner, row = reports.drug_report[shown], reports.drug_row[shown]
    precision = reports.start_precision[shown]
    event, start = cases.event[reports.case[owner]], cases.start[row]
    place = row - cases.drugs.offsets[reports.case[owner]]
    chance = hashed(reports.report_id[owner] * 64 + place, 10, 10)
    end = start + (event - start) * chance // 10
    return {
        "report_id": reports.report_id[owner],
        "drug_seq": place + 1,
        "start_date": stamp(start, precision),
        "end_date": stamp(end, np.where(chance < 4, precision, NONE)),
        "duration_days": np.where((chance < 2) & (precision == FULL), (end - start).astype(float), np.nan),
    }


def _indication_codes(world: World, cases: Cases, told: Told, row: Ints) -> Ints:
    owner, code = cases.drugs.owner[row], cases.drugs.code[row]
    first = row == cases.drugs.offsets[owner]
    cancer = (code < world.n_oncology) | (first & (world.cells.cancer[cases.cell[owner]] == 1))
    return np.where(cancer, told.tumour[owner] % len(TUMOURS), len(TUMOURS) + code % len(_INDICATIONS))


def _indications(world: World, cases: Cases, told: Told, reports: Reports) -> dict[str, Any]:
    shown = told.has_indication[reports.drug_row]
    owner, row = reports.drug_report[shown], reports.drug_row[shown]
    return {
        "report_id": reports.report_id[owner],
        "drug_seq": row - cases.drugs.offsets[reports.case[owner]] + 1,
        "term": pool((*TUMOURS, *_INDICATIONS), _indication_codes(world, cases, told, row)),
    }


def _sources(reports: Reports) -> dict[str, Any]:
    owner = np.flatnonzero(hashed(reports.report_id, 11, 10) == 0)
    which = hashed(reports.report_id[owner], 12, 4)
    return {"report_id": reports.report_id[owner], "source": pool(("HP", "CSM", "LIT", "FGN"), which)}
