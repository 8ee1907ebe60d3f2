"""One assessment where several assessors, criteria or readings describe the same scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.read.cdisc.datasets import SUBJECT
from coley.read.findings import Place
from coley.read.kinds import naming

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Check
    from coley.read.raw import RawTable

ACCEPTED = "accepted independent read"
_FIRST = (ACCEPTED, "INDEPENDENT ASSESSOR", "INVESTIGATOR")  # where both judged all subjects
CRITERIA = "RECIST 1.1"  # where several criteria were used


def one_criteria(raw: RawTable, column: str) -> tuple[RawTable, list[Check]]:
    """Keep the rows of one set of criteria: RECIST 1.1 where it is among them, else the commonest."""
    if column not in raw.frame.columns:
        return raw, []
    texts = raw.frame[column]
    seen = texts.drop_nulls().unique().sort().to_list()
    if not seen or (len(seen) == 1 and not texts.null_count()):
        return raw, []
    chosen = CRITERIA if CRITERIA in seen else texts.drop_nulls().mode().sort()[0]
    kept = raw.filter((texts == chosen).fill_null(value=False))
    rest = naming(other for other in seen if other != chosen)
    message = f"{raw.file}: only assessments by {chosen} were read; also there: {rest}."
    return kept, [Place(raw, column).check("criteria_chosen", "pass", message)] if len(seen) > 1 else []


def one_assessor(raw: RawTable, prefix: str) -> tuple[RawTable, list[Check]]:
    """Keep the rows of one assessor, so that no scan is counted twice.

    Parameters
    ----------
    raw
        A data set with --EVAL, --EVALID and --ACPTFL, or some of them.
    prefix
        TR, TU or RS.

    Returns
    -------
    The rows of the assessor who judged most subjects (the accepted independent read, then the investigator,
    where several judged as many), and what was left out.
    """
    import polars as pl

    who = _assessor(raw.frame, prefix)
    judged = (
        pl.DataFrame({"who": who, SUBJECT: raw.frame[SUBJECT]})
        .drop_nulls()
        .group_by("who")
        .agg(pl.col(SUBJECT).n_unique(), rows=pl.len())
    )
    if judged.height < 2:
        return raw, []
    ranked = sorted(
        judged.iter_rows(),
        key=lambda row: (-row[1], _FIRST.index(row[0]) if row[0] in _FIRST else len(_FIRST), row[0]),
    )
    chosen = ranked[0]
    rest = naming(f"{name} ({rows} rows, {n} subjects)" for name, n, rows in ranked[1:])
    message = f"{raw.file}: only the {chosen[0]} was read ({chosen[2]} rows, {chosen[1]} subjects); left out: {rest}."
    note = Place(raw, f"{prefix}EVAL").check(
        "assessor_chosen",
        "pass",
        message,
        remedy="Keep only the rows of another assessor to read those instead.",
    )
    return raw.filter((who == chosen[0]).fill_null(value=False)), [note]


def _assessor(frame: pl.DataFrame, prefix: str) -> pl.Series:
    """Return who judged each row; of independent readers, the one whose reading was accepted."""
    import polars as pl

    names = [name for name in (f"{prefix}EVAL", f"{prefix}EVALID") if name in frame.columns]
    if not names:
        return pl.Series([""]).new_from_index(0, frame.height)
    who = frame.select(pl.concat_str(names, separator=" ", ignore_nulls=True)).to_series()
    who = who.replace("", "assessor that is not named")
    flag = f"{prefix}ACPTFL"
    if flag in frame.columns:
        accepted = (frame[flag] == "Y").fill_null(value=False)
        who = pl.select(pl.when(accepted).then(pl.lit(ACCEPTED)).otherwise(who)).to_series()
    return who
