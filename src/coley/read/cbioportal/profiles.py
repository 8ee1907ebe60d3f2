"""What is counted in, and said about, the data files of a cBioPortal study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.read.kinds import TEXT_SUFFIXES, files_in, naming, suffix_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from coley.read.cbioportal.meta import Meta

DATA = "data_"  # how data files are called by custom


def count_mutations(
    samples: pl.DataFrame, mutated: pl.DataFrame, meta: Meta
) -> tuple[pl.DataFrame, list[Check]]:
    """Add the number of mutations: 0 for a sequenced sample without one, null for one that was not sequenced."""
    import polars as pl

    found = mutated.group_by("sample_id").agg(mutation_count=pl.len().cast(pl.Int64))
    notes: list[Check] = []
    strangers = sorted(set(found["sample_id"]) - set(samples["sample_id"]))
    if strangers:
        message = (
            f"{len(strangers)} samples have mutations and no row in the sample file: {naming(strangers)}."
        )
        where = Where(meta.values.get("data_filename", ""), (), "Tumor_Sample_Barcode", tuple(strangers[:10]))
        notes.append(Check("mutations_of_unknown_samples", "warn", message, where=where))
    joined = samples.join(found, on="sample_id", how="left", maintain_order="left")
    mutated_yet_not = joined["mutation_count"].is_not_null() & (joined["sequenced"] == False)  # noqa: E712
    if mutated_yet_not.any():
        names = joined["sample_id"].filter(mutated_yet_not)
        message = (
            f"{len(names)} samples have mutations although the case list of sequenced samples leaves them out: "
            f"{naming(names)}. They were taken as sequenced."
        )
        notes.append(Check("sequenced_contradicted", "warn", message))
    sequenced = pl.col("sequenced").fill_null(value=False) | pl.col("mutation_count").is_not_null()
    count = pl.when(sequenced).then(pl.col("mutation_count").fill_null(0))
    known = (
        pl.when(pl.col("mutation_count").is_not_null())
        .then(pl.lit(value=True))
        .otherwise(pl.col("sequenced"))
    )
    joined = joined.with_columns(mutation_count=count, sequenced=known)
    none, unknown = int((joined["mutation_count"] == 0).sum()), joined["mutation_count"].null_count()
    message = (
        f"Of {joined.height} samples, {joined.height - none - unknown} have mutations, {none} were sequenced and have "
        f"none, and of {unknown} the number of mutations is unknown because nothing says that they were sequenced."
    )
    notes.append(Check("assayed", "pass", message))
    return joined.select(*(name for name in joined.columns if name != "_where"), "_where"), notes


def profile(meta: Meta) -> list[Check]:
    """Quote what the profile is called: the only place in which cBioPortal states the unit."""
    name = meta.values.get("profile_name", "")
    about = meta.values.get("profile_description", "")
    if not (name or about):
        return []
    message = f"{meta.path.name} calls the expression {name!r} ({about[:120]})."
    return [Check("expression_profile", "pass", message, where=Where(meta.path.name))]


def time_origin(patients: pl.DataFrame) -> list[Check]:
    """Say that the files do not say from when survival counts."""
    if "os_months" not in patients.columns and "pfs_months" not in patients.columns:
        return []
    message = (
        "cBioPortal counts survival from diagnosis; immunotherapy cohorts often count from the first dose or from "
        "sequencing. The files do not say which."
    )
    return [
        Check("time_origin_unknown", "warn", message, remedy='Say it: read(..., time_origin="first dose").')
    ]


def data_without_meta(path: Path, metas: tuple[Meta, ...]) -> list[Check]:
    """Name the data files that no meta file describes."""
    named = {meta.values.get("data_filename", "") for meta in metas}
    lost = [
        file.name
        for file in files_in(path)
        if file.parent == path
        and file.name.lower().startswith(DATA)
        and suffix_of(file) in TEXT_SUFFIXES
        and file.name not in named
    ]
    if not lost:
        return []
    message = f"No meta file names {naming(lost)}: nobody says what they hold, and they were not read."
    remedy = "Add a meta file with genetic_alteration_type, datatype and data_filename."
    return [Check("data_without_meta", "warn", message, remedy, where=Where(lost[0]))]


def kinds_not_read(
    by_kind: Mapping[tuple[str, str], Sequence[Meta]], read: Sequence[tuple[str, str]]
) -> list[Check]:
    """Name the kinds of data that Coley does not read."""
    rest = sorted({f"{kind[0]} / {kind[1]}" for kind in by_kind if kind not in read and kind[0]})
    if not rest:
        return []
    return [Check("profiles_not_read", "pass", f"Data of these kinds were not read: {naming(rest)}.")]


def one_expression(metas: list[Meta], notes: list[Check]) -> Iterable[Meta]:
    """Return the one profile that is read."""
    if len(metas) > 1:
        rest = naming(meta.path.name for meta in metas[1:])
        message = f"Expression was read as {metas[0].path.name} says; left out: {rest}."
        notes.append(
            Check("expression_chosen", "warn", message, remedy="Move the meta files that are not wanted.")
        )
    return metas[:1]
