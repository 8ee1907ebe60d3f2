"""The simulator's facts: tables in `resources/`, each row with its source or marked an assumption."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from coley.toy.streams import Bools, Floats


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one resource table as text.

    Examples
    --------
    >>> rows("utilities")[0]["state"]
    'progression-free'
    """
    text = (files("coley.toy") / "resources" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def column(name: str, key: str) -> list[str]:
    """Return one column of a resource table as text."""
    return [row[key] for row in rows(name)]


def numbers(name: str, key: str) -> Floats:
    """Return one column of a resource table as numbers; empty is NaN."""
    return np.array([float(text) if text else np.nan for text in column(name, key)])


@dataclass(frozen=True, eq=False)
class ImmuneEvents:
    """Immune-related adverse events, one entry per term.

    Attributes
    ----------
    terms, socs, labs
        Preferred term, system organ class, and the laboratory test that moves with it.
    incidence, severe
        Regimen to the share of patients who had it, and the share who had it at grade 3 or more.
    fatal
        Share of the patients with the event who die of it.
    onset_days, onset_log_sd
        Log-normal time to onset: median, and standard deviation of its logarithm.
    endocrine
        Lasting, and no reason to stop treatment.
    """

    terms: tuple[str, ...]
    socs: tuple[str, ...]
    labs: tuple[str, ...]
    incidence: dict[str, Floats]
    severe: dict[str, Floats]
    fatal: Floats
    onset_days: Floats
    onset_log_sd: Floats
    endocrine: Bools


@cache
def immune_events() -> ImmuneEvents:
    """Return the table of immune-related adverse events."""
    percent = {key: numbers("irae", f"{key}_any_percent") / 100 for key in ("pd1", "pd1_ctla4", "placebo")}
    severe = {key: numbers("irae", f"{key}_severe_percent") / 100 for key in ("pd1", "pd1_ctla4")}
    share = {key: severe[key] / percent[key] for key in severe}
    return ImmuneEvents(
        terms=tuple(column("irae", "term")),
        socs=tuple(column("irae", "soc")),
        labs=tuple(column("irae", "lab")),
        incidence=percent,
        severe={**share, "placebo": np.minimum(share["pd1"], 0.2)},
        fatal=numbers("irae", "fatal_percent_of_treated") / 100 / percent["pd1"],
        onset_days=numbers("irae", "onset_median_weeks") * 7,
        onset_log_sd=numbers("irae", "onset_log_sd"),
        endocrine=np.array([text == "yes" for text in column("irae", "endocrine")]),
    )
