"""Which sample is whose, and which one stands for a patient before treatment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from coley.model.answer import Check

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

PRE = "pre"
SHOWN = 5


def sample_patients(study: Study, ids: Iterable[str]) -> pl.DataFrame:
    """Return the patient of each sample that has one.

    Parameters
    ----------
    study
        The study. Its table of samples says whose each sample is; a sample that the table does not name and
        that bears the id of a patient is that patient's.
    ids
        Samples.

    Returns
    -------
    polars.DataFrame
        sample_id, patient_id and timepoint (null where nobody says), in the order of `ids`; samples of nobody
        in the table of patients are not there.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.model.study import Study
    >>> study = Study("s", {"patients": pl.DataFrame({"patient_id": ["p", "q"]}),
    ...     "samples": pl.DataFrame({"sample_id": ["s1"], "patient_id": ["p"]})})
    >>> sample_patients(study, ["q", "s1", "x"]).rows()
    [('q', 'q', None), ('s1', 'p', None)]
    """
    import polars as pl

    asked = pl.DataFrame({"sample_id": list(ids)}, schema={"sample_id": pl.String}).with_row_index("_place")
    known = study.tables.get("samples")
    wanted = ("sample_id", "patient_id", "timepoint")
    if known is None or not {"sample_id", "patient_id"} <= set(known.columns):
        known = pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    if "timepoint" not in known.columns:
        known = known.with_columns(timepoint=pl.lit(None, dtype=pl.String))
    known = known.select(pl.col(c).cast(pl.String) for c in wanted).unique("sample_id", keep="first")
    patients = study.patients.select(pl.col("patient_id").cast(pl.String))
    named = asked.join(known, on="sample_id", how="left")
    return (
        named.with_columns(pl.col("patient_id").fill_null(pl.col("sample_id")))
        .join(patients, on="patient_id", how="semi")
        .sort("_place")
        .select(wanted)
    )


def baseline_samples(study: Study, ids: Iterable[str]) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return one sample a patient: before treatment where times are known, and the first by name of several.

    Returns
    -------
    polars.DataFrame, checks
        sample_id and patient_id; what was left out, and why.
    """
    import polars as pl

    found = sample_patients(study, ids)
    checks: list[Check] = []
    early = found.filter(pl.col("timepoint").is_null() | (pl.col("timepoint") == PRE))
    if early.height < found.height:
        late = found.filter(pl.col("timepoint") != PRE)["sample_id"].to_list()
        checks.append(
            Check(
                "samples_after_treatment",
                "warn",
                f"{len(late)} of {found.height} samples were taken after treatment had begun, and were not used: "
                f"{_few(late)}.",
                cause="A marker measured on treatment may be made by the response to it.",
                remedy="Nothing to do; a marker on treatment needs a landmark analysis.",
            )
        )
    one = early.sort("patient_id", "sample_id").unique("patient_id", keep="first", maintain_order=True)
    if one.height < early.height:
        spare = early.join(one, on="sample_id", how="anti")["sample_id"].to_list()
        checks.append(
            Check(
                "several_samples_a_patient",
                "warn",
                f"{len(spare)} further samples of patients with several were not used: {_few(spare)}.",
                cause="Samples of one patient are not independent; the first by name stands for the patient.",
                remedy="Say which to use in the table of samples.",
            )
        )
    return one.select("sample_id", "patient_id"), tuple(checks)


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" ..." if len(names) > SHOWN else "")
