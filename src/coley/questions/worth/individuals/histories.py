"""From the events of single lives to lanes of a picture: stretches of treatment, and moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coley.economics.simulation.result import Event

MONTHS = 12.0
# What an event makes of treatment; the rest leaves it as it is.
MODES = {
    "held": "treatment withheld",
    "resumed": "on treatment",
    "rechallenge": "on treatment",
    "stopped for irAE": "off treatment",
    "discontinuation": "off treatment",
    "treatment complete": "off treatment",
}
MOMENTS = {
    "irAE grade 1-2": "irAE, grade 1-2",
    "irAE grade 3+": "irAE, grade 3+",
    "admitted": "admitted",
    "stopped for irAE": "stopped for irAE",
    "rechallenge": "rechallenge",
    "progression": "progression",
    "death": "death",
}
SCHEMA = {
    "patient": pl.Int64, "kind": pl.String, "start": pl.Float64, "end": pl.Float64, "label": pl.String,
}  # fmt: skip


def lanes(events: Iterable[Event], *, until_months: float, to_progression: bool) -> pl.DataFrame:
    """Return stretches and moments of lives in months, cut at a time.

    Parameters
    ----------
    events
        Of simulated patients, in the order of their times; all begin treatment at the start.
    until_months
        Where lives are cut.
    to_progression
        Whether progression ends treatment.
    """
    lives: dict[int, list[Event]] = {}
    for event in events:
        lives.setdefault(event.patient, []).append(event)
    rows = [
        (patient + 1, *row)
        for patient, own in lives.items()
        for row in _lane(own, until_months, to_progression=to_progression)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _lane(
    events: Sequence[Event], until: float, *, to_progression: bool
) -> list[tuple[str, float, float | None, str]]:
    rows: list[tuple[str, float, float | None, str]] = []
    mode, since, progressed = "on treatment", 0.0, False
    for event in events:
        at = event.time_years * MONTHS
        after = MODES.get(event.what, mode)
        if event.what == "progression":
            progressed = True
            after = "off treatment" if to_progression else mode
        cut = at > until or event.what == "end of follow-up"
        new = "after progression" if progressed and after == "off treatment" else after
        if (new != mode or cut or event.what == "death") and since < min(at, until):
            rows.append((mode, since, min(at, until), ""))
        if new != mode:
            mode, since = new, at
        if event.what in MOMENTS and at <= until:
            rows.append((MOMENTS[event.what], at, None, event.irae.replace("_", " ")))
        if cut:
            rows.append(("alive at the end", min(at, until), None, ""))
            break
    return rows
