"""The chain of cleaning: versions, cases, drugs, terms, onsets, and the log of what was dropped."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

from coley.biology.irae import standard_term
from coley.vigilance.cleaning.cases import cases
from coley.vigilance.cleaning.dictionary import Dictionary, dictionary
from coley.vigilance.cleaning.duplicates import Duplicates, find_duplicates
from coley.vigilance.cleaning.events import coded_terms, named_terms
from coley.vigilance.cleaning.exposures import coded_exposures, given, named_exposures
from coley.vigilance.cleaning.learned import learn
from coley.vigilance.cleaning.log import CleaningLog, Step
from coley.vigilance.cleaning.matchers import indications_matcher, known_drugs, terms_matcher
from coley.vigilance.cleaning.onsets import dated_suspects, onsets
from coley.vigilance.cleaning.settings import Cleaning
from coley.vigilance.cleaning.shelf import Shelf
from coley.vigilance.cleaning.versions import latest_versions, one_row_each
from coley.vigilance.relations import CleanReports, RawReports
from coley.vigilance.schema import CLEAN

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

    from coley.vigilance.cleaning.dictionary import Matcher
    from coley.vigilance.cleaning.matchers import Terms

DUPLICATES = "probable duplicates"
SHOWN = 100  # unmatched and learned names that the log shows: a screen or two each, the commonest first


def clean(
    raw: RawReports,
    con: BaseBackend,
    settings: Cleaning | None = None,
    *,
    matcher: Matcher = known_drugs,
    standard_term: Terms = standard_term,
    folder: Path | None = None,
) -> tuple[CleanReports, CleaningLog]:
    """Return reports that are fit to count, and the log of all that was dropped on the way.

    Parameters
    ----------
    raw
        Reports as read.
    con
        The engine in which they lie.
    settings
        What is believed and what is removed.
    matcher
        Gives for (name, ingredient) pairs as written their active ingredients, in order.
    standard_term
        Gives a reaction's or an indication's standard spelling.
    folder
        Where the clean relations are written as Parquet, in place of any of the same names; None keeps them
        in the engine, which suits a few million reports on DuckDB, and fewer on Spark.

    Raises
    ------
    InvalidSetting
        Where the matcher does not answer for every name.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.vigilance.engine import connect
    >>> from coley.vigilance.store import from_frames
    >>> con = connect()
    >>> raw = from_frames({
    ...     "reports": pl.DataFrame({"report_id": [11, 12], "case_id": [1, 1], "received_date": [20170105, 20170310]}),
    ...     "drugs": pl.DataFrame({"report_id": [11, 12], "drug_seq": [1, 1], "role": ["PS", "PS"],
    ...                            "name": ["Opdivo", "OPDIVO "]}),
    ...     "reactions": pl.DataFrame({"report_id": [12, 12], "term": ["Colitis", "colitis"]}),
    ... }, con)
    >>> cleaned, log = clean(raw, con)
    >>> con.to_pyarrow(cleaned.events).to_pylist()
    [{'report_id': 12, 'term': 'colitis'}]
    >>> log.step("case versions").dropped["superseded by a later version"]
    1
    """
    shelf = Shelf(con, folder)
    try:
        return _cleaned(raw, shelf, settings or Cleaning(), matcher=matcher, standard_term=standard_term)
    finally:
        shelf.clear()


def _cleaned(
    raw: RawReports, shelf: Shelf, settings: Cleaning, *, matcher: Matcher, standard_term: Terms
) -> tuple[CleanReports, CleaningLog]:
    raw = RawReports(**{field.name: shelf.bind(getattr(raw, field.name)) for field in fields(RawReports)})
    steps: list[Step] = []

    chosen, versions = latest_versions(raw, shelf)
    steps.append(versions)
    repeated = versions.dropped["same report twice"] > 0
    reports = one_row_each(raw.reports) if repeated else raw.reports
    outcomes = raw.outcomes if shelf.count(raw.outcomes)["n"] else None
    seen = shelf.put("work_cases", cases(reports, chosen, outcomes, settings), work=True)

    drugs = given(raw.drugs)
    learned = partial(learn, share=settings.learn_share, fewest=settings.learn_rows)
    drug_names = dictionary(shelf, drugs, ("name", "ingredient"), matcher=matcher, refine=learned)
    exposures = shelf.put("work_exposures", coded_exposures(drugs, drug_names, seen), work=True)
    terms = dictionary(shelf, raw.reactions, ("term",), matcher=terms_matcher(standard_term))
    events = shelf.put("work_events", coded_terms(raw.reactions, terms, seen), work=True)

    found = None
    if settings.find_duplicates:
        found = find_duplicates(seen, shelf, settings, coded={"drugs": exposures, "events": events})
        if settings.remove_duplicates:
            seen, exposures, events = _without(found.dropped, shelf, seen, exposures, events)
            steps.append(_duplicate_step(versions, found))
    steps += _drug_steps(shelf, raw.drugs, drug_names, coded=exposures)
    steps.append(_term_step(shelf, "events", terms, coded=events))

    reasons = dictionary(shelf, raw.indications, ("term",), matcher=indications_matcher(standard_term))
    indications = shelf.put("work_indications", coded_terms(raw.indications, reasons, seen), work=True)
    steps.append(_term_step(shelf, "indications", reasons, coded=indications))

    dated = shelf.put("work_dated", dated_suspects(raw, drugs, drug_names, cases=seen), work=True)
    first_doses, step = onsets(dated, exposures, shelf, cases=seen, settings=settings)
    steps.append(step)

    result = CleanReports(
        cases=shelf.put("cases", _exactly("cases", seen)),
        exposures=shelf.put("exposures", _exactly("exposures", named_exposures(exposures, drug_names))),
        events=shelf.put("events", _exactly("events", named_terms(events, terms))),
        onsets=shelf.put("onsets", _exactly("onsets", _with_ingredient(first_doses, drug_names))),
        indications=shelf.put("indications", _exactly("indications", named_terms(indications, reasons))),
    )
    log = CleaningLog(
        tuple(steps),
        _noted(shelf, seen, drug_names),
        dict(drug_names.unmatched[:SHOWN]),
        {name: meant for name, meant, _ in drug_names.learned[:SHOWN]},
        found,
    )
    return result, log


def _without(ids: Any, shelf: Shelf, *tables: ir.Table) -> tuple[ir.Table, ...]:
    """Return the tables without those reports."""
    import pyarrow as pa

    if not len(ids):
        return tables
    dropped = shelf.take(pa.table({"report_id": pa.array(ids, pa.int64())}))
    return tuple(table.anti_join(dropped, "report_id") for table in tables)


def _duplicate_step(versions: Step, found: Duplicates) -> Step:
    n = len(found.dropped)
    return Step(
        DUPLICATES,
        "reports",
        versions.after,
        versions.after - n,
        {"probably a case that is there already": n},
    )


def _drug_steps(shelf: Shelf, drugs: ir.Table, names: Dictionary, *, coded: ir.Table) -> list[Step]:
    sums = shelf.count(coded, rows=coded["rows"].sum(), entries=coded.entries.sum())
    before = shelf.count(drugs)["n"]
    dropped = {
        "not given (role DN)": before - names.rows,
        "names no drug": names.nameless,
        "blinded, so that nobody knows whether the drug was given": names.blinded,
        "of a report that is not kept": names.rows - names.nameless - names.blinded - sums["rows"],
    }
    return [
        Step("drugs", "drug rows", before, sums["rows"], dropped),
        Step(
            "ingredients",
            "ingredients of reports",
            sums["rows"],
            sums["n"],
            {"named again in the report": sums["entries"] - sums["n"]},
            gained=sums["entries"] - sums["rows"],
        ),
    ]


def _term_step(shelf: Shelf, name: str, terms: Dictionary, *, coded: ir.Table) -> Step:
    sums = shelf.count(coded, rows=coded["rows"].sum())
    dropped = {
        "names nothing": terms.nameless,
        "of a report that is not kept": terms.rows - terms.nameless - sums["rows"],
        "named again in the report": sums["rows"] - sums["n"],
    }
    return Step(name, "terms of reports", terms.rows, sums["n"], dropped)


def _noted(shelf: Shelf, seen: ir.Table, names: Dictionary) -> dict[str, int]:
    sums = shelf.count(
        seen,
        age=seen.age_refused.sum(),
        sex=seen.sex_refused.sum(),
        quarter=seen.no_quarter.sum(),
    )
    learned = sum(rows for *_, rows in names.learned)
    return {
        "cases whose age was out of range and is taken as missing": sums["age"],
        "cases whose sex was neither F nor M and is taken as missing": sums["sex"],
        "cases whose quarter of receipt is not known": sums["quarter"],
        "distinct drug names": names.distinct,
        "distinct drug names that no dictionary knew": len(names.unmatched) + len(names.learned),
        "distinct drug names of these, learned from rows that give the same name and its ingredient": len(
            names.learned
        ),
        "drug rows": names.rows - names.nameless - names.blinded,
        "drug rows whose name no dictionary knew": learned + sum(rows for *_, rows in names.unmatched),
        "drug rows of these whose name was so learned": learned,
    }


def _with_ingredient(coded: ir.Table, names: Dictionary) -> ir.Table:
    return coded.inner_join(names.names, "code").rename(ingredient="standard")


def _exactly(name: str, table: ir.Table) -> ir.Table:
    return table[list(CLEAN[name].names)]
