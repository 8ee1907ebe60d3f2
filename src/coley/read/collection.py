"""Several studies as one: a cohort each, ids that cannot collide, and what each manifest says kept apart."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.model.study import WHERE_COLUMN, About, Source, Study

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.model.answer import Check

KEYS = ("patient_id", "sample_id")  # what names a patient or a sample, in whichever table it stands
SEPARATOR = "/"


def collection(studies: Sequence[Study], *, name: str, about: About | None = None) -> Study:
    """Return one study in which each of the given ones is a cohort.

    Parameters
    ----------
    studies
        Two or more, with names of their own. A study that holds several cohorts gives as many.
    name
        Of the whole.
    about
        What is true of the whole; what all members say alike is taken from them.

    Returns
    -------
    Study
        Ids become "study/id", for the same id in two studies is not the same patient. `about.cohorts` keeps
        what each manifest says: unit of expression, megabases, design, origin of time.

    Raises
    ------
    UnreadableInput
        Where two studies bear the same name, or there are none.

    Examples
    --------
    >>> import polars as pl
    >>> one, two = (Study(n, {"patients": pl.DataFrame({"patient_id": ["1"], "os_months": [3.0]})}) for n in "ab")
    >>> collection([one, two], name="both").patients.select("patient_id", "cohort").rows()
    [('a/1', 'a'), ('b/1', 'b')]
    """
    names = [study.name for study in studies]
    twice = sorted({n for n in names if names.count(n) > 1})
    if not names or twice:
        raise UnreadableInput(
            f"Two studies of the collection bear the same name: {', '.join(twice)}."
            if twice
            else "A collection needs studies.",
            remedy="Give each its own name (name = ... in its study.toml).",
        )
    members = [_member(study) for study in studies]
    tables: dict[str, pl.DataFrame] = {}
    for table in dict.fromkeys(table for member in members for table in member.tables):
        frames = [member.tables[table] for member in members if table in member.tables]
        tables[table] = _joined(frames) if table == "expression" else _stacked(frames)
    cohorts = {cohort: told for member in members for cohort, told in member.about.cohorts.items()}
    return Study(
        name,
        tables,
        replace(_alike([study.about for study in studies], about or About()), cohorts=cohorts),
        tuple(_under(study.name, source) for study in studies for source in study.sources),
        tuple(_said_of(study.name, note) for study in studies for note in study.notes),
    )


def _member(study: Study) -> Study:
    """Return a study whose ids carry its name, and whose patients know their cohort."""
    import polars as pl

    patients = study.patients
    own = (
        patients["cohort"].cast(pl.String)
        if "cohort" in patients.columns
        else pl.Series([None] * patients.height, dtype=pl.String)
    )
    distinct = own.drop_nulls().n_unique()
    label = pl.lit(study.name) if distinct <= 1 else pl.lit(study.name + SEPARATOR) + own.fill_null("unnamed")
    tables = {name: _prefixed(frame, name, study.name) for name, frame in study.tables.items()}
    tables["patients"] = tables["patients"].with_columns(cohort=label)
    cohorts = dict.fromkeys(tables["patients"]["cohort"].unique(maintain_order=True).to_list(), study.about)
    return study.replace(tables=tables, about=replace(study.about, cohorts=cohorts))


def _prefixed(frame: pl.DataFrame, table: str, name: str) -> pl.DataFrame:
    import polars as pl

    if table == "expression":
        return frame.rename(
            {c: f"{name}{SEPARATOR}{c}" for c in frame.columns if c not in ("gene", WHERE_COLUMN)}
        )
    keys = [c for c in KEYS if c in frame.columns]
    return frame.with_columns((pl.lit(name + SEPARATOR) + pl.col(c).cast(pl.String)).alias(c) for c in keys)


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Put rows below each other; a column that is text in one study and a number in another becomes text."""
    import polars as pl

    kinds: dict[str, set[bool]] = {}
    for frame in frames:
        for column, dtype in frame.schema.items():
            if dtype != pl.Null:
                kinds.setdefault(column, set()).add(dtype == pl.String)
    mixed = [column for column, text in kinds.items() if len(text) > 1]
    stacked = pl.concat(
        [f.with_columns(pl.col(c).cast(pl.String) for c in mixed if c in f.columns) for f in frames],
        how="diagonal_relaxed",
    )
    return stacked.select(*(c for c in stacked.columns if c != WHERE_COLUMN), *_where(stacked))


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Put samples beside each other by gene; the second row of a gene meets the second row of the others."""
    import polars as pl

    joined: pl.DataFrame | None = None
    for frame in frames:
        part = frame.drop(WHERE_COLUMN, strict=False).with_columns(
            pl.int_range(pl.len()).over("gene").alias("_occurrence")
        )
        joined = (
            part
            if joined is None
            else joined.join(
                part, on=["gene", "_occurrence"], how="full", coalesce=True, maintain_order="left_right"
            )
        )
    assert joined is not None  # called only for tables that a member holds
    return joined.drop("_occurrence")


def _where(frame: pl.DataFrame) -> list[str]:
    return [WHERE_COLUMN] if WHERE_COLUMN in frame.columns else []


def _alike(told: list[About], whole: About) -> About:
    """Return what the whole says, and otherwise what all members say alike."""
    blank = About()
    said: dict[str, object] = {}
    for field in fields(About):
        own = getattr(whole, field.name)
        values = [getattr(about, field.name) for about in told]
        shared = field.name not in ("title", "cohorts") and all(value == values[0] for value in values)
        said[field.name] = own if own != getattr(blank, field.name) else values[0] if shared else own
    return About(**said)  # type: ignore[arg-type]


def _under(name: str, source: Source) -> Source:
    return replace(source, file=f"{name}{SEPARATOR}{source.file}")


def _said_of(name: str, note: Check) -> Check:
    return replace(note, message=f"{name}: {note.message}")
