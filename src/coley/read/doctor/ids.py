"""Identifiers: row numbers, two spellings of one id, and tables that do not join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    data_columns,
    found,
    groups,
    in_groups,
    patients_word,
    place,
    table,
)
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

PATIENTS = (Need("patients", ("patient_id",)),)
OF_EVERY_PATIENT = ("lesions", "doses", "labs")  # tables in which each patient of a trial has a row
OF_SAMPLES = ("mutations", "clones")


@examination(
    "row_number_ids",
    title="Patient identifiers",
    looks_for="ids that are row numbers",
    needs=PATIENTS,
)
def row_number_ids(study: Study) -> Findings:
    """Find ids that count 1, 2, 3 ... in file order: they name a row of this file and no patient."""
    import polars as pl

    labels = []
    first: pl.DataFrame | None = None
    for label, frame in groups(study):
        ids = frame["patient_id"].cast(pl.String)
        if label:  # a reader may have put the cohort before or behind the number
            ids = ids.str.replace(label, "", literal=True).str.strip_chars(" :/|_#@-.")
        numbers = ids.cast(pl.Int64, strict=False)
        if len(numbers) < limit("group.smallest") or numbers.null_count():
            continue
        if bool((numbers.diff().drop_nulls() == 1).all()) and numbers[0] in (0, 1, 2):
            labels.append(label)
            first = frame if first is None else first
    if first is None:
        return []
    return [
        found(
            "row_number_ids",
            "warn",
            f"patient_id{in_groups(labels)} counts 1, 2, 3 ... in the order of the file: a row number, "
            "not a patient.",
            cause="The publisher removed the identifiers.",
            remedy="Join nothing by these numbers: the same number is another patient in another file.",
            where=place(first, "patient_id"),
        )
    ]


@examination(
    "id_spelling",
    title="Spelling of identifiers",
    looks_for="two patients whose ids differ in case, blanks, leading zeros or a decimal point only",
    needs=PATIENTS,
)
def id_spelling(study: Study) -> Findings:
    """Compare ids after taking away what spreadsheets change."""
    import polars as pl

    frame = table(study, "patients")
    plain = _plain(pl.col("patient_id"))
    cohort = pl.col("cohort") if "cohort" in frame.columns else pl.lit("")
    twice = frame.filter(pl.col("patient_id").is_first_distinct()).filter(
        pl.struct(cohort, plain).is_duplicated() & (plain != "")
    )
    checks: Findings = []
    repeated = frame.filter(pl.col("patient_id").is_not_null() & pl.col("patient_id").is_duplicated())
    if repeated.height:
        checks.append(
            found(
                "id_spelling",
                "fail",
                f"{repeated['patient_id'].n_unique()} patient_id occur in more than one row of patients.",
                cause="One row per sample or visit, or cohorts that number their patients alike.",
                remedy="Keep one row per patient, or put the cohort before the id.",
                where=place(repeated.sort("patient_id", maintain_order=True), "patient_id"),
            )
        )
    if twice.height:
        checks.append(
            found(
                "id_spelling",
                "warn",
                f"{twice.height} ids are the same as another but for case, blanks, leading zeros or '.0'.",
                cause="Two files or two hands spelt one patient differently.",
                remedy="Spell each patient in one way in all tables.",
                where=place(twice.sort(plain, maintain_order=True), "patient_id"),
            )
        )
    mangled = frame.filter(pl.col("patient_id").cast(pl.String).str.contains(r"^\d(\.\d+)?[eE]\+\d{2}$"))
    if mangled.height:
        checks.append(
            found(
                "id_spelling",
                "fail",
                f"{mangled.height} ids were turned into powers of ten by a spreadsheet.",
                cause="Long digits are shown as 1.2E+10, and saved so.",
                remedy="Export the ids again as text: the digits are lost in this file.",
                where=place(mangled, "patient_id"),
            )
        )
    return checks


def _plain(column: pl.Expr) -> pl.Expr:
    import polars as pl

    return (
        column.cast(pl.String)
        .str.to_lowercase()
        .str.replace(r"^(\d+)\.0+$", "$1")
        .str.replace_all(r"[^a-z0-9]", "")
        .str.replace_all(r"(^|[a-z])0+([0-9])", "$1$2")
    )


@examination(
    "unknown_patients",
    title="Tables that belong together",
    looks_for="rows of patients or samples that no other table knows",
    needs=tuple(
        Need(name) for name in ("samples", "lesions", "adverse_events", "labs", "doses", "mutations")
    ),
)
def unknown_patients(study: Study) -> Findings:
    """Join every table to the patients, and say what is left over on either side."""
    checks: Findings = []
    if not study.has("patients", "patient_id"):
        return checks
    for name in study.tables:
        if name in ("patients", "expression"):
            continue
        frame = table(study, name)
        if "patient_id" in frame.columns:
            checks += _join(study, name, frame, key="patient_id", parent="patients")
        elif name in OF_SAMPLES and "sample_id" in frame.columns:
            parent = "samples" if study.has("samples", "sample_id") else "patients"
            checks += _join(study, name, frame, key="sample_id", parent=parent)
    return checks


def _join(study: Study, name: str, frame: pl.DataFrame, *, key: str, parent: str) -> Findings:
    import polars as pl

    theirs = "sample_id" if parent == "samples" else "patient_id"
    known = study.tables[parent].select(pl.col(theirs).cast(pl.String)).drop_nulls().unique()[theirs]
    rows = frame.filter(pl.col(key).is_not_null())
    ids = rows[key].cast(pl.String)
    unknown = rows.filter(~ids.is_in(known.implode()))
    checks: Findings = []
    n, lost = ids.n_unique(), unknown[key].n_unique()
    if lost and key == "sample_id" and parent == "patients":
        unknown = unknown.filter(~_belongs(unknown[key], known))  # a sample may be named after its patient
        lost = unknown[key].n_unique()
    if lost:
        checks.append(
            found(
                "unknown_patients",
                "fail" if lost / n > limit("join.unknown_share") else "warn",
                f"{lost} of {n} ids of {name} are not in {parent}.",
                cause="Spelt differently, another cohort, or patients who were left out of the analysis.",
                remedy=f"Spell ids alike in {name} and {parent}; what does not join is not counted.",
                where=place(unknown.unique(key, maintain_order=True), key),
            )
        )
    if name in OF_EVERY_PATIENT and parent == "patients":
        without = known.filter(~known.is_in(ids.unique().implode()))
        if len(without) / max(len(known), 1) > limit("join.without_share") and lost < n:
            checks.append(
                found(
                    "unknown_patients",
                    "warn",
                    f"{len(without)} of {patients_word(len(known))} have no row in {name}.",
                    cause="The table was made for a part of the patients.",
                    remedy=f"Read what rests on {name} as being about that part alone.",
                    where=place(_of(study, without), "patient_id"),
                )
            )
    return checks


def _of(study: Study, ids: pl.Series) -> pl.DataFrame:
    import polars as pl

    return table(study, "patients").filter(pl.col("patient_id").cast(pl.String).is_in(ids.implode()))


def _belongs(samples: pl.Series, patients: pl.Series) -> pl.Series:
    """Say which samples carry the id of a patient as their beginning, up to a separator."""
    import polars as pl

    stems = pl.DataFrame({"sample": samples.cast(pl.String)}).with_columns(
        *(
            pl.col("sample").str.extract(rf"^((?:[^-_.:]*[-_.:]){{{k}}}[^-_.:]*)[-_.:]").alias(str(k))
            for k in range(4)
        )
    )
    return stems.select(
        pl.any_horizontal(pl.col(str(k)).is_in(patients.implode()).fill_null(value=False) for k in range(4))
    ).to_series()


@examination(
    "duplicate_patients",
    title="Patients entered twice",
    looks_for="rows that agree in every value but the id",
    needs=PATIENTS,
)
def duplicate_patients(study: Study) -> Findings:
    """Look for rows that agree in all values, where the values are many enough to tell patients apart."""
    import polars as pl

    frame = table(study, "patients")
    columns = [c for c in data_columns(frame) if c not in ("patient_id", "cohort")]
    telling = [c for c in columns if frame[c].n_unique() > limit("duplicate.distinct")]
    if len(telling) < limit("duplicate.columns") or _by_chance(frame, columns) > limit("duplicate.chance"):
        return []
    filled = frame.filter(pl.sum_horizontal(pl.col(telling).is_not_null()) >= limit("duplicate.columns"))
    twice = filled.filter(pl.struct(columns).is_duplicated())
    if not twice.height:
        return []
    sets = twice.select(pl.struct(columns).n_unique()).item()
    return [
        found(
            "duplicate_patients",
            "fail" if twice.height / frame.height > limit("slips.share") else "warn",
            f"{twice.height} rows of patients agree in all {len(columns)} values with another row "
            f"({sets} patients under several ids).",
            cause="One patient entered twice, or one row per sample.",
            remedy="Keep one row per patient.",
            where=place(twice.sort(pl.struct(telling), maintain_order=True), "patient_id"),
        )
    ]


def _by_chance(frame: pl.DataFrame, columns: list[str]) -> float:
    """Expect how many pairs of different patients agree in all columns, if the columns are independent."""
    import polars as pl

    n = frame.height
    pairs = n * (n - 1) / 2
    used = [c for c in columns if c != "pfs_months" or "os_months" not in columns]  # one time, not two
    for column in used:
        counts = frame[column].value_counts(name="n")["n"].cast(pl.Float64)
        pairs *= float((counts * (counts - 1)).sum()) / (n * (n - 1)) or 1 / (n * n)
    return pairs
