"""ADTTE to survival times and events: CNSR inverted, the unit of AVAL shown by the dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.model.study import DAYS_PER_MONTH
from coley.read.cdisc.datasets import SUBJECT
from coley.read.cdisc.days import dates
from coley.read.facts import spell, units
from coley.read.findings import Place
from coley.read.kinds import naming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.cdisc.datasets import Part
    from coley.read.raw import RawTable

# PARAMCD, and how PARAM begins where a sponsor codes it otherwise (CDISC leaves the codes to the sponsor).
ENDPOINTS = {"os": ("OS", "overall survival"), "pfs": ("PFS", "progression free survival")}
SPANS = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_MONTH, "years": 12 * DAYS_PER_MONTH}
SLACK = 1.5  # days by which AVAL may miss ADT - STARTDT + 1: rounding, and the day itself counted or not
SHOWN = 0.9  # of the rows must agree before a unit is believed


@dataclass(frozen=True, slots=True)
class Survival:
    """Times and events of the endpoints that ADTTE holds.

    Attributes
    ----------
    frame
        USUBJID, and for each endpoint `<endpoint>_months` (in the unit below) and `<endpoint>_event`.
    units
        Unit of the times of each endpoint.
    starts
        Date from which each subject's time counts (USUBJID, start).
    """

    frame: pl.DataFrame
    units: Mapping[str, str]
    starts: pl.DataFrame
    notes: tuple[Check, ...]


def survival(parts: Sequence[Part]) -> Survival:
    """Return overall and progression-free survival, where ADTTE holds them.

    Raises
    ------
    UnreadableInput
        Where a subject has two rows of an endpoint.
    """
    import polars as pl

    frame = pl.DataFrame(schema={SUBJECT: pl.String})
    starts = pl.DataFrame(schema={SUBJECT: pl.String, "start": pl.Date})
    found: dict[str, str] = {}
    notes: list[Check] = []
    for part in parts:
        used: set[str] = set()
        for endpoint in ENDPOINTS:
            code = _code(part.raw, endpoint)
            if not code or endpoint in found:
                continue
            used.add(code)
            rows = _rows(part.raw, code)
            unit, said = _unit(rows, code)
            notes += said
            if not unit:
                continue
            found[endpoint] = unit
            events, more = _events(rows)
            notes += more
            one = rows.frame.select(
                SUBJECT, pl.col("AVAL").alias(f"{endpoint}_months"), events.alias(f"{endpoint}_event")
            )
            frame = frame.join(one, on=SUBJECT, how="full", coalesce=True, maintain_order="left_right")
            if "STARTDT" in rows.frame.columns:
                start = pl.DataFrame({SUBJECT: rows.frame[SUBJECT], "start": dates(rows.frame["STARTDT"])})
                starts = pl.concat([starts, start]).unique(SUBJECT, keep="first", maintain_order=True)
        notes += _others(part.raw, used)
    return Survival(frame, found, starts, tuple(notes))


def _code(raw: RawTable, endpoint: str) -> str:
    """Return the PARAMCD of an endpoint: the usual one, or that of the one parameter of that name."""
    code, title = ENDPOINTS[endpoint]
    codes = raw.frame["PARAMCD"].str.to_uppercase()
    if (codes == code).any():
        return code
    if "PARAM" not in raw.frame.columns:
        return ""
    plain = raw.frame["PARAM"].str.to_lowercase().str.replace_all("-", " ", literal=True)
    named = codes.filter(plain.str.starts_with(title).fill_null(value=False)).unique(maintain_order=True)
    return str(named[0]) if len(named) == 1 else ""


def _rows(raw: RawTable, code: str) -> RawTable:
    rows = raw.filter((raw.frame["PARAMCD"].str.to_uppercase() == code).fill_null(value=False))
    twice = rows.frame[SUBJECT].is_duplicated()
    if twice.any() and "ANL01FL" in rows.frame.columns:
        rows = rows.filter((rows.frame["ANL01FL"] == "Y").fill_null(value=False))
        twice = rows.frame[SUBJECT].is_duplicated()
    if twice.any():
        lines = naming(str(rows.line(row)) for row in twice.arg_true())
        raise UnreadableInput(
            f"ADTTE has more than one row of {code} for {rows.frame[SUBJECT].filter(twice).n_unique()} subjects.",
            where=f"{raw.file}, lines {lines}",
            cause="Several analyses (assessors, censoring rules) under one PARAMCD.",
            remedy="Keep the rows of one analysis, or mark them with ANL01FL = Y.",
        )
    return rows


def _events(rows: RawTable) -> tuple[pl.Series, list[Check]]:
    """Return "true" where the event was seen: CNSR 0; every number above 0 is a reason for censoring."""
    import polars as pl

    texts = rows.frame["CNSR"]
    codes = texts.cast(pl.Float64, strict=False)
    known = ((codes >= 0) & (codes == codes.round())).fill_null(value=False)
    events = pl.Series(["true" if seen else "false" for seen in (codes == 0).fill_null(value=False)])
    events = pl.select(pl.when(known).then(events)).to_series()
    place = Place(rows, "CNSR")
    code = rows.frame["PARAMCD"][0]
    n = int((codes == 0).sum())
    notes = [
        place.check(
            "event_inverted",
            "pass",
            f"{code}: CNSR marks censoring (0 is the event), and was inverted: {n} events among {len(codes)}.",
        )
    ]
    odd = texts.is_not_null() & ~known
    if odd.any():
        message = f"{odd.sum()} values of CNSR are no whole numbers from 0; those events are missing."
        notes.append(place.check("unknown_code", "warn", message, where=place.rows(odd, texts)))
    if "CNSDTDSC" in rows.frame.columns:
        reason = rows.frame["CNSDTDSC"].is_not_null()
        if reason.any() and (codes.filter(reason) == 0).all() and not (codes.filter(~reason) == 0).any():
            notes.append(
                place.check(
                    "event_reversed",
                    "warn",
                    f"{code}: every row with CNSR 0 has a description of censoring (CNSDTDSC), and no other row has.",
                    cause="CNSR was filled in as an event flag, against the standard.",
                    remedy="Compare the number of events with the publication before using any curve.",
                )
            )
    return events, notes


def _unit(rows: RawTable, code: str) -> tuple[str, list[Check]]:
    """Return the unit of AVAL: as AVALU says, as the dates show, or as PARAM says; "" where nothing does."""
    import polars as pl

    frame, place = rows.frame, Place(rows, "AVAL")
    said = ""
    if "AVALU" in frame.columns:
        spelt = frame["AVALU"].drop_nulls().unique()
        known = {units()[spell(text)].name for text in spelt if spell(text) in units()}
        said = known.pop() if len(known) == 1 else ""
    shown, share, n = _shown(frame)
    if said and shown and said != shown:
        note = place.check(
            "time_unit_contradicted",
            "warn",
            f"{code}: AVALU says {said}, but ADT - STARTDT + 1 shows {shown} in {share:.0%} of {n} rows; "
            f"{shown} were believed.",
            where=place.rows(frame["AVAL"].is_not_null(), frame["AVAL"]),
        )
        return shown, [note]
    if said:
        return said, [place.check("time_unit", "pass", f"{code}: AVAL is in {said}, as AVALU says.")]
    if shown:
        message = f"{code}: AVAL is in {shown}: it equals ADT - STARTDT + 1 in {share:.0%} of {n} rows with both dates."
        return shown, [place.check("time_unit", "pass", message)]
    title = " ".join(frame["PARAM"].drop_nulls().unique()) if "PARAM" in frame.columns else ""
    named = [unit for unit in SPANS if f"({unit})" in title.lower()]
    if len(named) == 1:
        return named[0], [place.check("time_unit", "pass", f"{code}: AVAL is in {named[0]}, as PARAM says.")]
    message = f"{code} was not read: nothing says whether AVAL is in days or in months."
    remedy = "Supply AVALU, or the dates ADT and STARTDT."
    lost = frame["AVAL"].cast(pl.Float64, strict=False).is_not_null()
    return "", [
        place.check("time_unit", "warn", message, remedy=remedy, where=place.rows(lost, frame["AVAL"]))
    ]


def _shown(frame: pl.DataFrame) -> tuple[str, float, int]:
    """Return the unit in which AVAL is ADT - STARTDT + 1 days, with the share of the rows that show it."""
    import polars as pl

    if not {"ADT", "STARTDT"} <= set(frame.columns):
        return "", 0.0, 0
    span = (dates(frame["ADT"]) - dates(frame["STARTDT"])).dt.total_days() + 1
    value = frame["AVAL"].cast(pl.Float64, strict=False)
    both = span.is_not_null() & value.is_not_null()
    n = int(both.sum())
    if not n:
        return "", 0.0, 0
    agree = {
        unit: float(((value * size - span).abs() <= SLACK).filter(both).mean() or 0.0)  # type: ignore[arg-type]
        for unit, size in SPANS.items()
    }
    best = max(agree, key=lambda unit: agree[unit])
    return (best, agree[best], n) if agree[best] >= SHOWN else ("", agree[best], n)


def _others(raw: RawTable, used: set[str]) -> list[Check]:
    import polars as pl

    names = [name for name in ("PARAMCD", "PARAM") if name in raw.frame.columns]
    rest = raw.frame.select(names).unique(maintain_order=True)
    rest = rest.filter(~pl.col("PARAMCD").str.to_uppercase().is_in(sorted(used)))
    if not rest.height:
        return []
    listed = naming(
        " ".join(f"({v})" if i else str(v) for i, v in enumerate(row)) for row in rest.iter_rows()
    )
    return [
        Place(raw, "PARAMCD").check(
            "endpoints_not_read", "pass", f"ADTTE holds further endpoints, which were not read: {listed}."
        )
    ]
