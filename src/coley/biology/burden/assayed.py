"""Which samples were assayed for mutations, and which of them tell about the time before treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.biology.burden.somatic import EXCERPT
from coley.model.answer import Check
from coley.model.errors import MissingData, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

PRE = "pre"


@dataclass(frozen=True, eq=False)
class Assayed:
    """Samples and whether they were assayed.

    Attributes
    ----------
    table
        sample_id, patient_id, assayed: true (a sample without a mutation has zero), false (not
        sequenced: nothing is known of it) or null (nobody said, and it has no mutation: unknown).
    checks
        What was assumed or left out.
    """

    table: pl.DataFrame
    checks: tuple[Check, ...]


def assayed(mutated: Iterable[str], samples: pl.DataFrame | None, *, timepoint: str | None = PRE) -> Assayed:
    """Tell the samples without a mutation from the samples that were not sequenced.

    Parameters
    ----------
    mutated
        Samples that have mutations.
    samples
        The table `samples`: sample_id, and where known patient_id, timepoint and sequenced. None where
        there is no such table: then samples without a mutation are not known at all.
    timepoint
        Samples of another known time are left out; samples whose time nobody said stay. None keeps all.

    Raises
    ------
    MissingData
        Where the table of samples has no column `sample_id`.
    UnreadableInput
        Where the table of samples names a sample twice, or none of those with mutations.

    Examples
    --------
    >>> import polars as pl
    >>> samples = pl.DataFrame({"sample_id": ["a", "b", "c"], "sequenced": [True, True, False]})
    >>> assayed(["a"], samples).table["assayed"].to_list()
    [True, True, False]
    """
    import polars as pl

    has_rows = sorted(set(mutated))
    checks: list[Check] = []
    if samples is None:
        message = (
            f"There is no table of samples: only the {len(has_rows)} samples with a mutation are known, and samples "
            "without one are missing from every result."
        )
        checks.append(Check("samples_unknown", "warn", message, remedy="Supply the table samples."))
        table = pl.DataFrame({"sample_id": has_rows}, schema={"sample_id": pl.String})
        known = pl.lit(value=True)
    else:
        table = _examined(samples, has_rows)
        rows = pl.col("sample_id").is_in(has_rows)
        if "sequenced" in table.columns:
            at_odds = table.filter(rows & ~pl.col("sequenced").fill_null(value=True))["sample_id"]
            if at_odds.len():
                message = f"{at_odds.len()} samples have mutations but are said not to be sequenced: {_few(at_odds)}."
                checks.append(Check("sequenced_at_odds", "warn", message, cause="Two tables that disagree."))
            known = pl.when(rows).then(statement=True).otherwise(pl.col("sequenced"))
        else:
            known = pl.when(rows).then(statement=True)
        stray = sorted(set(has_rows) - set(table["sample_id"]))
        if stray:
            message = f"{len(stray)} samples with mutations are not in the table of samples: {_few(stray)}."
            checks.append(Check("samples_not_listed", "warn", message, cause="Ids written in two ways."))
            table = pl.concat([table, pl.DataFrame({"sample_id": stray})], how="diagonal")
    table = table.with_columns(known.alias("assayed"))
    if "patient_id" not in table.columns:
        table = table.with_columns(pl.col("sample_id").alias("patient_id"))
    table, checks = _at(table, timepoint, checks)
    unknown = table["assayed"].null_count()
    if unknown:
        message = f"{unknown} samples have no mutation and nobody says whether they were sequenced: unknown, not zero."
        checks.append(
            Check("sequenced_unknown", "warn", message, remedy="Supply the column samples.sequenced.")
        )
    return Assayed(table.select("sample_id", "patient_id", "assayed").sort("sample_id"), tuple(checks))


def _examined(samples: pl.DataFrame, has_rows: list[str]) -> pl.DataFrame:
    import polars as pl

    if "sample_id" not in samples.columns:
        raise MissingData("The table of samples has no column 'sample_id'.", remedy="Name it in study.toml.")
    wanted = ("sample_id", "patient_id", "timepoint", "sequenced")
    table = samples.select([name for name in wanted if name in samples.columns])
    table = table.with_columns(pl.col("sample_id").cast(pl.String))
    twice = table.filter(pl.col("sample_id").is_duplicated())["sample_id"].unique()
    if twice.len():
        raise UnreadableInput(f"The table of samples names {twice.len()} samples twice: {_few(twice)}.")
    if has_rows and not set(has_rows) & set(table["sample_id"]):
        raise UnreadableInput(
            "No sample with mutations is in the table of samples.",
            where=f"mutations: {_few(has_rows)}; samples: {_few(table['sample_id'])}",
            cause="The two tables write the ids of samples differently.",
        )
    return table


def _at(table: pl.DataFrame, timepoint: str | None, checks: list[Check]) -> tuple[pl.DataFrame, list[Check]]:
    import polars as pl

    if timepoint is None or "timepoint" not in table.columns:
        return table, checks
    time = pl.col("timepoint").cast(pl.String)
    kept = table.filter((time == timepoint).fill_null(value=True))
    if kept.height < table.height:
        message = (
            f"{table.height - kept.height} samples were not taken {timepoint}-treatment and are left out."
        )
        checks = [*checks, Check("samples_of_other_times", "pass", message)]
    return kept, checks


def _few(names: Iterable[object]) -> str:
    texts = sorted(str(name) for name in names)
    return ", ".join(texts[:EXCERPT]) + (" ..." if len(texts) > EXCERPT else "")
