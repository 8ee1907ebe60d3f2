"""ADRS and RS to the best overall response of each subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.read.cdisc.assessors import one_assessor, one_criteria
from coley.read.cdisc.datasets import SUBJECT
from coley.read.cdisc.days import dates
from coley.read.cdisc.facts import responses
from coley.read.findings import Place
from coley.read.kinds import naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.cdisc.datasets import Part
    from coley.read.raw import RawTable

BEST, CONFIRMED, BY_VISIT = "BOR", "CBOR", "OVR"  # PARAMCD of ADRS
AS_BY_VISIT = "OVRLRESP"  # RSTESTCD of RS


def best_responses(adrs: Sequence[Part], rs: Sequence[Part]) -> tuple[pl.DataFrame | None, tuple[Check, ...]]:
    """Return the best overall response of each subject (USUBJID, response, and response_confirmed).

    BOR of ADRS stands for it, else CBOR; where there is neither, it is the best response at any visit up to
    progression.
    """
    import polars as pl

    for part in adrs:
        codes = set(part.raw.frame["PARAMCD"].drop_nulls())
        found = {code: _analysed(part.raw, code) for code in (BEST, CONFIRMED) if code in codes}
        if not found:
            continue
        notes = [note for _, more in found.values() for note in more]
        first, *second = found
        frame = found[first][0].frame.select(SUBJECT, _recist("AVALC").alias("response"))
        for code in second:
            confirmed = found[code][0].frame.select(SUBJECT, _confirmed().alias("response_confirmed"))
            frame = frame.join(confirmed, on=SUBJECT, how="left")
        title = found[first][0].frame.select(
            pl.col("PARAM" if "PARAM" in part.raw.frame.columns else "PARAMCD")
        )
        notes.append(
            Place(part.raw, "AVALC").check(
                "response_from",
                "pass",
                f"response is {first} ({title.to_series()[0]})"
                + (f"; {CONFIRMED} is kept as response_confirmed." if second else ".")
                + " MISSING was read as NE, so that it stays in the denominator.",
            )
        )
        return frame, tuple(notes)
    for part in (*adrs, *rs):
        by_visit, more = _by_visit(part.raw)
        if by_visit is not None:
            return by_visit, more
    return None, ()


def _analysed(raw: RawTable, code: str) -> tuple[RawTable, list[Check]]:
    """Return the rows of a parameter, one a subject: those of one set of criteria and one assessor."""
    rows = raw.filter((raw.frame["PARAMCD"] == code).fill_null(value=False))
    if not rows.frame[SUBJECT].is_duplicated().any():
        return rows, []
    notes: list[Check] = []
    for column, label in (("PARCAT3", "criteria"), ("PARCAT2", "assessor")):
        if rows.frame[SUBJECT].is_duplicated().any() and column in rows.frame.columns:
            counted = rows.frame.group_by(column).agg(n=rows.frame[SUBJECT].n_unique()).height
            chosen = rows.frame[column].drop_nulls().mode().sort()[0]
            if counted > 1:
                rows = rows.filter((rows.frame[column] == chosen).fill_null(value=False))
                message = f"{code}: only the {label} {chosen} was read ({column})."
                notes.append(Place(raw, column).check(f"{label}_chosen", "pass", message))
    if rows.frame[SUBJECT].is_duplicated().any() and "ANL01FL" in rows.frame.columns:
        rows = rows.filter((rows.frame["ANL01FL"] == "Y").fill_null(value=False))
    twice = rows.frame[SUBJECT].is_duplicated()
    if twice.any():
        n = rows.frame[SUBJECT].filter(twice).n_unique()
        message = f"{code}: {n} subjects have several rows; they have no response."
        place = Place(rows, "PARAMCD")
        notes.append(
            place.check("response_twice", "warn", message, where=place.rows(twice, rows.frame[SUBJECT]))
        )
        rows = rows.filter(~twice)
    return rows, notes


def _by_visit(raw: RawTable) -> tuple[pl.DataFrame | None, tuple[Check, ...]]:
    """Return the best response at any visit, up to and with the first progression; confirmed by nothing."""
    import polars as pl

    frame = raw.frame
    adam = "PARAMCD" in frame.columns
    test, wanted = ("PARAMCD", BY_VISIT) if adam else ("RSTESTCD", AS_BY_VISIT)
    text = "AVALC" if adam else next((name for name in ("RSSTRESC", "RSORRES") if name in frame.columns), "")
    if not text or not (frame[test] == wanted).any():
        return None, ()
    rows = raw.filter((frame[test] == wanted).fill_null(value=False))
    rows, notes = one_criteria(rows, "PARCAT3" if adam else "RSCAT")
    rows, more = one_assessor(rows, "RS")
    known = responses()
    word = pl.col(text).str.to_uppercase()
    strange = rows.frame[text].is_not_null() & ~rows.frame[text].str.to_uppercase().is_in(list(known))
    if strange.any():
        place = Place(rows, text)
        words = naming(rows.frame[text].filter(strange).unique().sort())
        message = f"{strange.sum()} assessments are no overall response and were left out: {words}."
        more.append(
            place.check("response_unknown", "warn", message, where=place.rows(strange, rows.frame[text]))
        )
    order = _order(rows.frame, "ADT" if adam else "RSDTC", "AVISITN" if adam else "VISITNUM")
    ranked = (
        rows.frame.select(
            SUBJECT,
            rank=word.replace_strict(
                {name: r.rank for name, r in known.items()}, default=None, return_dtype=pl.Int64
            ),
            ends=word.replace_strict(
                {name: r.ends for name, r in known.items()}, default=None, return_dtype=pl.Boolean
            ),
            word=word,
            order=order,
        )
        .drop_nulls("rank")
        .sort(SUBJECT, "order", maintain_order=True)
        .filter((pl.col("ends").cast(pl.Int64).cum_sum() - pl.col("ends").cast(pl.Int64)).over(SUBJECT) == 0)
        .sort(SUBJECT, "rank", maintain_order=True)
        .unique(SUBJECT, keep="first", maintain_order=True)
    )
    best = ranked.select(SUBJECT, _recist("word").alias("response"))
    note = Place(raw, text).check(
        "response_derived",
        "warn",
        f"response is the best of the visits up to progression, of {best.height} subjects: it is not confirmed, and "
        "stable disease needs no least duration.",
        remedy="Supply ADRS with BOR or CBOR, which follow the rules of the protocol.",
    )
    return best, (*notes, *more, note)


def _order(frame: pl.DataFrame, date: str, visit: str) -> pl.Series:
    """Return what puts visits in order: their number, or their date where they have none."""
    import polars as pl

    if visit in frame.columns and not frame[visit].null_count():
        return frame[visit].cast(pl.Float64, strict=False)
    if date in frame.columns:
        return dates(frame[date]).cast(pl.Int32).cast(pl.Float64)
    return pl.Series([0.0]).new_from_index(0, frame.height)


def _recist(column: str) -> pl.Expr:
    import polars as pl

    table = {name: known.response for name, known in responses().items()}
    return pl.col(column).str.to_uppercase().replace(table)


def _confirmed() -> pl.Expr:
    """Write NE out, because in a covariate NE is a spelling of missing."""
    return _recist("AVALC").replace("NE", "not evaluable")
