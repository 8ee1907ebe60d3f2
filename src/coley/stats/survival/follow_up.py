"""Rows of follow-up, examined: finite times, events that are 0 or 1, entry before exit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Rows of follow-up that have been examined."""

    time: Floats
    event: NDArray[np.bool_]
    entry: Floats | None
    weights: Floats | None
    labels: dict[str, NDArray[np.generic] | None]


def follow_up(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    labels: dict[str, ArrayLike | None] | None = None,
) -> FollowUp:
    """Examine rows of follow-up.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or a value is missing, negative or impossible.
    """
    n = np.size(time)
    given = {"time": time, "event": event, "entry": entry, "weights": weights}
    columns: dict[str, Floats] = {}
    for name, values in given.items():
        if values is None:
            continue
        column = np.asarray(values, dtype=float)
        low = -np.inf if name == "entry" else 0.0  # a study may begin before its clock does
        bad = ~np.isfinite(column) | (column < low)
        if column.shape != (n,) or bad.any():
            raise UnreadableInput(
                f"{name!r} needs one finite{'' if name == 'entry' else ', non-negative'} number per patient.",
                where=f"shape {column.shape} for {n} patients; unusable values at rows "
                f"{np.flatnonzero(bad)[:5].tolist()}",
                remedy="Leave out patients whose follow-up is unknown, and say how many.",
            )
        columns[name] = column
    if not np.isin(columns["event"], (0, 1)).all():
        raise UnreadableInput(
            f"'event' holds {np.unique(columns['event'])[:5].tolist()}; only 0 and 1 are events or not.",
            remedy="Recode it: 1 the event happened, 0 censored.",
        )
    start = columns.get("entry")
    if start is not None and (start >= columns["time"]).any():
        raise UnreadableInput(
            "Follow-up ends before it begins, or as it begins.",
            where=f"rows {np.flatnonzero(start >= columns['time'])[:5].tolist()}",
            remedy="Make every entry smaller than its time.",
        )
    kept: dict[str, NDArray[np.generic] | None] = {}
    for name, label in (labels or {}).items():
        kept[name] = None if label is None else np.asarray(label)
        if label is not None and np.shape(label) != (n,):
            raise UnreadableInput(
                f"{name!r} must hold one label per patient.", where=f"{np.shape(label)} for {n}"
            )
    return FollowUp(columns["time"], columns["event"] == 1, start, columns.get("weights"), kept)
