"""The same patients twice: in two cohorts of one study, or in two studies; by id or by fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.examination import Findings, comparison, examination
from coley.read.doctor.fingerprints import GROUP, Twins, twins
from coley.read.doctor.rows import ROW, conform, found, patients_word, place, table, word
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Check, Level
    from coley.model.study import Study


@examination(
    "cohorts_share_patients",
    title="Patients in two cohorts",
    looks_for="the same patients in two cohorts of the study",
    needs=(Need("patients", ("patient_id", "cohort")),),
)
def cohorts_share_patients(study: Study) -> Findings:
    """Compare the fingerprints of all cohorts at once."""
    import polars as pl

    frame = table(study, "patients").with_columns(pl.col("cohort").cast(pl.String).alias(GROUP))
    return [_shared(pair, frame, level="fail") for pair in twins(frame.filter(pl.col(GROUP).is_not_null()))]


@comparison(
    "studies_share_patients",
    title="Patients in two studies",
    looks_for="the same patients in both, by id or by their measurements",
)
def studies_share_patients(study: Study, other: Study) -> Findings:
    """Compare ids, then fingerprints."""
    import polars as pl

    if not (study.has("patients", "patient_id") and other.has("patients", "patient_id")):
        return []
    first, second = table(study, "patients"), table(other, "patients")
    by_id = _by_id(study, other)
    shared = [c for c in first.columns if c in second.columns and first.schema[c].is_numeric()]
    shared = [c for c in shared if c != ROW and second.schema[c].is_numeric()]
    stacked = pl.concat(
        [
            frame.select(ROW, *(pl.col(c).cast(pl.Float64) for c in shared)).with_columns(
                pl.lit(name).alias(GROUP), pl.col(ROW).cast(pl.Int64) + offset
            )
            for frame, name, offset in ((first, "1", 0), (second, "2", first.height))
        ]
    )
    pairs = twins(stacked)
    if not pairs:
        return by_id
    hit = pairs[0]
    rows = hit.pairs[ROW].to_list()
    where = place(first.filter(pl.col(ROW).is_in(rows)), "patient_id")
    return [*by_id, _message(hit, (study.name, other.name), (first.height, second.height), "warn", where)]


def repeated_patients(study: Study) -> pl.DataFrame:
    """Return who stands in two cohorts of a study, found by agreeing measurements.

    Returns
    -------
    polars.DataFrame
        patient_id and cohort of the earlier row, patient_id_right and cohort_right of the later one, in the
        order in which cohorts first appear.
    """
    import polars as pl

    frame = table(conform(study), "patients")
    empty = pl.DataFrame(
        schema=dict.fromkeys(("patient_id", "cohort", "patient_id_right", "cohort_right"), pl.String)
    )
    if "cohort" not in frame.columns or frame["cohort"].drop_nulls().n_unique() < 2:
        return empty
    named = frame.with_columns(pl.col("cohort").cast(pl.String).alias(GROUP)).filter(
        pl.col(GROUP).is_not_null()
    )
    first_row = dict(named.group_by(GROUP).agg(pl.col(ROW).min()).iter_rows())
    who = named.select(ROW, "patient_id", "cohort")
    found = [empty]
    for hit in twins(named):
        sides = (ROW, ROW + "_right")
        earlier, later = sides if first_row[hit.groups[0]] < first_row[hit.groups[1]] else sides[::-1]
        pairs = hit.pairs.select(pl.col(earlier).alias(ROW), pl.col(later).alias("_later"))
        joined = pairs.join(who, on=ROW).join(who, left_on="_later", right_on=ROW, suffix="_right")
        found.append(joined.select(empty.columns).cast(pl.String))
    return pl.concat(found)


def _shared(hit: Twins, frame: pl.DataFrame, *, level: Level) -> Check:
    import polars as pl

    sizes = [frame.filter(pl.col(GROUP) == name).height for name in hit.groups]
    rows = hit.pairs[ROW].to_list()
    where = place(frame.filter(pl.col(ROW).is_in(rows)), "patient_id")
    few = hit.pairs.height / min(sizes) < limit("overlap.share")
    return _message(hit, hit.groups, (sizes[0], sizes[1]), "warn" if few else level, where)


def _message(
    hit: Twins, names: tuple[str, str], sizes: tuple[int, int], level: Level, where: object
) -> Check:
    from coley.model.answer import Where

    n = hit.pairs.height
    return found(
        "cohorts_share_patients" if level == "fail" or names == hit.groups else "studies_share_patients",
        level,
        f"{n:,} of {patients_word(sizes[0])} of {names[0]} are also in {names[1]} ({sizes[1]:,} patients): "
        f"they agree in measurements such as {', '.join(hit.columns)}; by chance "
        f"{word(round(hit.by_chance, 2))} would (probability below 1e{min(hit.log10_p, -9):.0f}).",
        cause="Two publications of one centre, or one file built from the other.",
        remedy="Keep each patient once; never pool the two or test on one what was learnt on the other.",
        where=where if isinstance(where, Where) else None,
    )


def _by_id(study: Study, other: Study) -> Findings:
    """Join by id; ids that merely count are no evidence unless the measurements agree as well."""
    import polars as pl

    first = table(study, "patients").filter(pl.col("patient_id").is_unique())
    second = table(other, "patients").filter(pl.col("patient_id").is_unique())
    one, two = (
        frame.with_columns(
            pl.col("patient_id").cast(pl.String).str.strip_chars().str.to_uppercase().alias("id")
        )
        for frame in (first, second)
    )
    one, two = (_stems(one, two), _stems(two, one))
    both = one.join(two, on="id", how="inner", suffix="_other", maintain_order="left")
    if both.height < limit("overlap.matches"):
        return []
    agreement = _agreement(both)
    counting = _counting(one["id"]) or _counting(two["id"])
    if counting and (not agreement or agreement[0] < limit("overlap.agreement")):
        return []
    told = f" {agreement[1]}" if agreement else ""
    return [
        found(
            "studies_share_patients",
            "warn",
            f"{both.height:,} of {patients_word(first.height)} of {study.name} are also in {other.name} "
            f"({second.height:,} patients): they have the same id.{told}",
            cause="Two publications of one centre.",
            remedy="Keep each patient once; never pool the two or test on one what was learnt on the other.",
            where=place(both, "patient_id"),
        )
    ]


def _stems(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Cut the ids of samples (P-0000012-T03-IM3) to those of patients where the other table has these."""
    if frame["id"].is_in(other["id"].implode()).any():
        return frame
    stem = frame["id"].str.extract(r"^(.+?)[-_.](?:T\d+|N\d+|S\d+|\d{2}[A-Z]|PRE|ON|POST)(?:[-_.].*)?$", 1)
    if not stem.is_in(other["id"].implode()).any():
        return frame
    return frame.with_columns(stem.fill_null(frame["id"]).alias("id")).unique("id", maintain_order=True)


def _counting(ids: pl.Series) -> bool:
    """Say whether the ids number the patients densely: then another study has the same ones by chance."""
    import polars as pl

    digits = ids.str.extract(r"(\d+)\D*$", 1).cast(pl.Int64, strict=False).drop_nulls()
    if len(digits) < len(ids) / 2:
        return False
    span = int(digits.max()) - int(digits.min()) + 1  # type: ignore[arg-type]
    return digits.n_unique() / span > limit("overlap.dense")


def _agreement(both: pl.DataFrame) -> tuple[float, str] | None:
    """Return the share of joined patients whose ages (or sexes) agree, and the sentence that says so."""
    import polars as pl

    if {"age_years", "age_years_other"} <= set(both.columns):
        apart = (
            (both["age_years"].cast(pl.Float64) - both["age_years_other"].cast(pl.Float64)).abs().drop_nulls()
        )
        if len(apart):
            near = float((apart <= limit("overlap.years")).sum()) / len(apart)
            return near, f"Their ages agree within {limit('overlap.years'):g} years in {near:.0%}."
    if {"sex", "sex_other"} <= set(both.columns):
        same = (both["sex"] == both["sex_other"]).drop_nulls()
        if len(same):
            alike = float(same.sum()) / len(same)
            return alike, f"Their sex agrees in {alike:.0%}."
    return None
