"""Event codes: an event that is an event, and a censoring that was read as one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import flag, found, groups, in_groups, manifest_events, patients_word, place
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Check
    from coley.model.study import Study

EVENTS = {"pfs_event": "pfs_months", "os_event": "os_months"}
RESPONSES = ("CR", "PR")


def _contradictions(frame: pl.DataFrame, flipped: tuple[str, ...]) -> pl.Series:
    """Mark patients whose events contradict each other, with the named columns read the other way round.

    Two things cannot be: best response PD without a PFS event, and a death without a PFS event at or before
    the end of PFS (death ends PFS).
    """
    import polars as pl

    def event(name: str) -> pl.Expr:
        return ~flag(name) if name in flipped else flag(name)

    marks = []
    if "pfs_event" in frame.columns and "response" in frame.columns:
        marks.append((pl.col("response") == "PD") & ~event("pfs_event"))
    if "pfs_event" in frame.columns and "os_event" in frame.columns:
        marks.append(event("os_event") & ~event("pfs_event"))
    if not marks:
        return pl.Series([False] * frame.height)
    # a missing half contradicts nothing
    return frame.select(pl.any_horizontal(mark.fill_null(value=False) for mark in marks)).to_series()


@examination(
    "event_code",
    title="Coding of progression and death",
    looks_for="event columns read the wrong way round (0 = event, or a censoring flag read as an event)",
    needs=(Need("patients", any_of=("pfs_event", "os_event")),),
)
def event_code(study: Study) -> Findings:
    """Read each event column both ways and see which reading contradicts itself least."""
    checks: Findings = []
    reversed_in: dict[tuple[str, ...], list[tuple[str, pl.DataFrame]]] = {}
    for label, frame in groups(study):
        flips = _least_contradiction(frame)
        if flips:
            reversed_in.setdefault(flips, []).append((label, frame))
        judged = [column for column in EVENTS if column in frame.columns and column not in flips]
        told = [_suspect(frame, label, column) for column in judged]
        checks += [check for check in told if check is not None]
    return [_reversed(flips, cohorts) for flips, cohorts in reversed_in.items()] + checks


def _least_contradiction(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the event columns that must be reversed for the table to make sense, or none."""
    present = tuple(column for column in EVENTS if column in frame.columns)
    now = int(_contradictions(frame, ()).sum())
    if now < limit("event.contradictions"):
        return ()
    # follow-up that outlasts the events speaks for the column as it is, and deaths may be left out of PFS
    doubtful = [c for c in present if (order := _order(frame, c)) is None or order.z < limit("event.veto_z")]
    readings: list[tuple[str, ...]] = [(column,) for column in doubtful]
    if len(doubtful) > 1:
        readings.append(tuple(doubtful))
    if not readings:
        return ()
    counts = {flips: int(_contradictions(frame, flips).sum()) for flips in readings}
    best = min(readings, key=lambda flips: counts[flips])
    return best if counts[best] <= limit("event.remaining") * now else ()


def _reversed(flips: tuple[str, ...], cohorts: list[tuple[str, pl.DataFrame]]) -> Check:
    evidence = "; ".join(
        f"{label + ': ' if label else ''}{_evidence(frame, flips)}" for label, frame in cohorts
    )
    first = cohorts[0][1]
    return found(
        "event_code",
        "fail",
        f"{' and '.join(flips)} {'are' if len(flips) > 1 else 'is'} reversed: {evidence}.",
        cause="0 stands for the event, or the column marks censoring (CNSR).",
        remedy=manifest_events(*flips),
        where=place(first.filter(_contradictions(first, ())), flips[0]),
    )


def _evidence(frame: pl.DataFrame, flips: tuple[str, ...]) -> str:
    import polars as pl

    words = []
    if "response" in frame.columns and "pfs_event" in flips:
        progressed = frame.filter((pl.col("response") == "PD") & pl.col("pfs_event").is_not_null())
        without = progressed.filter(~flag("pfs_event")).height
        if progressed.height:
            words.append(f"{without} of {progressed.height} patients with best response PD have no PFS event")
    if {"pfs_event", "os_event"} <= set(frame.columns):
        dead = frame.filter(flag("os_event") & pl.col("pfs_event").is_not_null())
        words.append(f"{dead.filter(~flag('pfs_event')).height} of {dead.height} deaths have no PFS event")
    now, after = (int(_contradictions(frame, read).sum()) for read in ((), flips))
    words.append(f"{now} patients contradict themselves as read, {after} read the other way round")
    return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign that a column is reversed: its z value, the size of its effect (0.5 is none), and the evidence."""

    z: float
    effect: float
    words: str


def _suspect(frame: pl.DataFrame, label: str, column: str) -> Check | None:
    """Weigh the signs of response and of time together; they must point the same way."""
    signs = [s for s in (_response_sign(frame, column), _time_sign(frame, column)) if s is not None]
    if not signs or any(s.z < 0 or s.effect > limit("event.effect_warn") for s in signs):
        return None
    z = sum(s.z for s in signs) / math.sqrt(len(signs))  # Stouffer
    if z < limit("event.z_warn"):
        return None
    sure = z > limit("event.z_fail") and min(s.effect for s in signs) < limit("event.effect_fail")
    return found(
        "event_code",
        "fail" if sure else "warn",
        f"{column}{in_groups([label])} looks reversed: {'; '.join(s.words for s in signs)}.",
        cause="0 stands for the event, the column marks censoring, or response is reversed.",
        remedy=manifest_events(column),
        where=place(frame.filter(frame[column].is_not_null()), column),
    )


def _response_sign(frame: pl.DataFrame, column: str) -> Sign | None:
    """Responders progress and die less often than the others; in a reversed column, more often."""
    rates = _rates(frame, column)
    if rates is None:
        return None
    (events_r, n_r), (events_p, n_p) = rates
    if min(n_r, n_p) < limit("event.responders"):
        return None
    pooled = (events_r + events_p) / (n_r + n_p)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_r + 1 / n_p))
    difference = events_r / n_r - events_p / n_p
    return Sign(
        difference / spread if spread else 0.0,
        0.5 - difference / 2,
        f"{events_r} of {n_r} responders have the event, but only {events_p} of {n_p} without response",
    )


def _rates(frame: pl.DataFrame, column: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    import polars as pl

    known = frame.filter(pl.col(column).is_not_null())
    if "response" in known.columns and known["response"].null_count() < known.height:
        better = known.filter(pl.col("response").is_in(RESPONSES))
        worse = known.filter(pl.col("response") == "PD")
    elif "responder" in known.columns:
        better, worse = known.filter(flag("responder")), known.filter(~flag("responder"))
    else:
        return None
    if not better.height or not worse.height:
        return None
    return (
        (better.filter(flag(column)).height, better.height),
        (worse.filter(flag(column)).height, worse.height),
    )


@dataclass(frozen=True, slots=True)
class Order:
    """How often a censored time exceeds an event time, and the z value of that against one half."""

    later: float
    z: float
    events: int
    censored: int


def _order(frame: pl.DataFrame, column: str) -> Order | None:
    """Compare the censored times with the event times (Mann-Whitney), or None with too few of either."""
    import polars as pl

    time = EVENTS[column]
    if time not in frame.columns:
        return None
    known = frame.select(
        pl.col(time).cast(pl.Float64, strict=False), flag(column).alias("event")
    ).drop_nulls()
    events = known.filter(pl.col("event")).height
    censored = known.height - events
    if min(events, censored) < limit("event.early_n"):
        return None
    ranks = known.select(pl.col(time).rank("average").alias("rank"), "event")
    rank_sum = float(ranks.filter(~pl.col("event"))["rank"].sum())
    later = (rank_sum - censored * (censored + 1) / 2) / (events * censored)
    z = (later - 0.5) / math.sqrt((events + censored + 1) / (12 * events * censored))
    return Order(later, z, events, censored)


def _time_sign(frame: pl.DataFrame, column: str) -> Sign | None:
    """Follow-up ends late and events come early; in a reversed column the events come last."""
    import polars as pl

    order = _order(frame, column)
    if order is None:
        return None
    known = frame.filter(pl.col(column).is_not_null() & pl.col(EVENTS[column]).is_not_null())
    longest = known.sort(EVENTS[column], descending=True).head(max(known.height // 10, 1))
    return Sign(
        -order.z,
        order.later,
        f"events come later than the ends of follow-up (a censored time exceeds an event time in "
        f"{order.later:.0%} of pairs; {order.events} events, {order.censored} censored; "
        f"{longest.filter(flag(column)).height} of the {longest.height} longest times end in an event)",
    )


@examination(
    "death_without_pfs_event",
    title="Deaths as PFS events",
    looks_for="deaths at the very time at which PFS is said to be censored",
    needs=(Need("patients", ("pfs_event", "os_event", "pfs_months", "os_months")),),
)
def death_without_pfs_event(study: Study) -> Findings:
    """Name the patients whose death is no PFS event though PFS ends with it; many mean a reversed column."""
    import polars as pl

    sound = [frame for _, frame in groups(study) if not _least_contradiction(frame)]
    if not sound:  # event_code has said it already
        return []
    bad = (
        pl.concat(sound)
        .filter(flag("os_event") & ~flag("pfs_event"))
        .filter((pl.col("os_months") - pl.col("pfs_months")).abs() < limit("time.rounding"))
    )
    if not bad.height:
        return []
    return [
        found(
            "death_without_pfs_event",
            "warn",
            f"{patients_word(bad.height)} died at the time at which PFS is censored: death is a PFS event.",
            cause="The column holds progression alone (time to progression), or it is reversed.",
            remedy="Count death as an event of PFS, or name the outcome time to progression.",
            where=place(bad, "pfs_event"),
        )
    ]
