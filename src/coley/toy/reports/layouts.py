"""The layouts of the quarterly extracts: which file has which columns, and how a column follows from a relation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from coley.toy.reports.facts import rows
from coley.toy.reports.frames import hashed, pool

if TYPE_CHECKING:
    import polars as pl

# Which file holds which relation.
FILES = {
    "DEMO": "reports",
    "DRUG": "drugs",
    "REAC": "reactions",
    "OUTC": "outcomes",
    "THER": "therapies",
    "INDI": "indications",
    "RPSR": "sources",
}
_LOTS = tuple(f"{a}{b}{n:04d}" for a in "ABCDEFGH" for b in "KLMN" for n in range(7, 10_000, 331))
_FORMS = ("TABLET", "CAPSULE", "INJECTION", "FILM-COATED TABLET", "SOLUTION FOR INFUSION")


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of one vintage.

    Attributes
    ----------
    name, since
        Name, and the first quarter that has it.
    columns
        File to its columns, in order and in the case of the header.
    """

    name: str
    since: str
    columns: dict[str, tuple[str, ...]]

    @property
    def legacy(self) -> bool:
        """Whether this is AERS: keyed by ISR, every row closed by a delimiter."""
        return self.columns["DEMO"][0] == "ISR"


@cache
def layouts() -> tuple[Layout, ...]:
    """Return the layouts, the newest first.

    Examples
    --------
    >>> [layout.since for layout in layouts()]
    ['2014Q3', '2012Q4', '2005Q3', '2004Q1']
    """
    known = sorted({(row["since"], row["layout"]) for row in rows("layouts")}, reverse=True)
    return tuple(
        Layout(
            name,
            since,
            {row["file"]: tuple(row["columns"].split()) for row in rows("layouts") if row["layout"] == name},
        )
        for since, name in known
    )


def layout_of(quarter: str) -> Layout:
    """Return the layout of a quarter; before 2004 there was none, and the oldest is taken."""
    return next((layout for layout in layouts() if quarter >= layout.since), layouts()[-1])


def written_columns(relation: str, frame: pl.DataFrame, *, padded: bool) -> pl.DataFrame:
    """Return every column that some layout may ask for, under its lower-case name.

    Parameters
    ----------
    relation
        Name of the relation.
    frame
        Its rows, with `case_id` beside the columns of the schema.
    padded
        Whether columns that no analysis reads are filled too, so that files are as large as real ones.
    """
    columns = {"primaryid": frame["report_id"], "isr": frame["report_id"]}
    columns |= {"caseid": frame["case_id"], "case": frame["case_id"]}
    columns |= _MAKERS[relation](frame)
    if padded and relation in _PADDING:
        columns |= _PADDING[relation](frame)
    return _frame(columns)


def _frame(columns: dict[str, pl.Series]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame([series.alias(name) for name, series in columns.items()])


def _plain(numbers: pl.Series) -> pl.Series:
    """Return whole numbers without a point, as the files have them."""
    import polars as pl

    if numbers.dtype.is_float() and (numbers.floor() == numbers).all():
        return numbers.cast(pl.Int64)
    return numbers


def _reports(frame: pl.DataFrame) -> dict[str, pl.Series]:
    import polars as pl

    age = frame["age_years"]
    whole = age.floor() == age
    decades = whole & (age > 0) & (age % 10 == 0) & (frame["report_id"] % 7 == 0)
    months = (age < 2) & ((age * 12).floor() == age * 12)
    told = frame.select(
        age=pl.when(decades).then(age / 10).when(months).then(age * 12).otherwise(age),
        age_cod=pl.when(decades)
        .then(pl.lit("DEC"))
        .when(months)
        .then(pl.lit("MON"))
        .when(age.is_not_null())
        .then(pl.lit("YR")),
        follow=pl.when("follow_up").then(pl.lit("F")).otherwise(pl.lit("I")),
        wt_cod=pl.when(pl.col("weight_kg").is_not_null()).then(pl.lit("KG")),
        mfr_dt=pl.when(pl.col("manufacturer").is_not_null()).then("received_date"),
    )
    same = {
        "caseversion": "version",
        "event_dt": "event_date",
        "init_fda_dt": "first_received_date",
        "fda_dt": "received_date",
        "rept_dt": "received_date",
        "rept_cod": "report_type",
        "mfr_num": "manufacturer_number",
        "mfr_sndr": "manufacturer",
        "lit_ref": "literature",
        "sex": "sex",
        "gndr_cod": "sex",
        "occp_cod": "reporter",
        "reporter_country": "country",
        "occr_country": "country",
    }
    return {
        **{name: frame[column] for name, column in same.items()},
        "i_f_code": told["follow"],
        "i_f_cod": told["follow"],
        "mfr_dt": told["mfr_dt"],
        "age": _plain(told["age"]),
        "age_cod": told["age_cod"],
        "wt": _plain(frame["weight_kg"]),
        "wt_cod": told["wt_cod"],
    }


def _drugs(frame: pl.DataFrame) -> dict[str, pl.Series]:
    same = {
        "drug_seq": "drug_seq",
        "role_cod": "role",
        "drugname": "name",
        "prod_ai": "ingredient",
        "route": "route",
        "dechal": "dechallenge",
        "rechal": "rechallenge",
        "dose_unit": "dose_unit",
        "dose_freq": "dose_frequency",
    }
    return {
        **{name: frame[column] for name, column in same.items()},
        "dose_amt": _plain(frame["dose_amount"]),
    }


def _therapies(frame: pl.DataFrame) -> dict[str, pl.Series]:
    import polars as pl

    days = frame["duration_days"]
    weeks = (days > 0) & (days % 7 == 0)
    told = frame.select(
        dur=pl.when(weeks).then(days / 7).otherwise(days),
        code=pl.when(weeks).then(pl.lit("WK")).when(days.is_not_null()).then(pl.lit("DAY")),
    )
    return {
        "dsg_drug_seq": frame["drug_seq"],
        "drug_seq": frame["drug_seq"],
        "start_dt": frame["start_date"],
        "end_dt": frame["end_date"],
        "dur": _plain(told["dur"]),
        "dur_cod": told["code"],
    }


def _pad_reports(frame: pl.DataFrame) -> dict[str, pl.Series]:
    import polars as pl

    image = frame.select(
        pl.when(pl.col("version").is_null()).then(pl.col("report_id").cast(pl.String) + "-X")
    )
    return {"e_sub": pl.Series(["Y"]).new_from_index(0, frame.height), "image": image.to_series()}


def _pad_drugs(frame: pl.DataFrame) -> dict[str, pl.Series]:
    import polars as pl

    key = frame["report_id"].to_numpy() * 64 + frame["drug_seq"].to_numpy()
    lot, form = hashed(key, 31, 6 * len(_LOTS)), hashed(key, 32, 2 * len(_FORMS))
    dose = (
        pl.concat_str(_plain(frame["dose_amount"]), "dose_unit", "dose_frequency", separator=" ")
        + ", STRENGTH AND DURATION AS PRESCRIBED"
    )
    licence = np.where(hashed(key, 34, 3) > 0, 20_000 + hashed(key, 35, 9999), -1)
    return {
        "val_vbm": pl.Series([1]).new_from_index(0, frame.height),
        "dose_vbm": frame.select(
            pl.coalesce(dose, pl.lit("UNK (STRENGTH, FREQUENCY AND DURATION UNKNOWN)"))
        ).to_series(),
        "lot_num": pool(_LOTS, np.where(lot < len(_LOTS), lot, -1)),
        "nda_num": pl.Series(licence).replace(-1, None),
        "dose_form": pool(_FORMS, np.where(form < len(_FORMS), form, -1)),
    }


_MAKERS: dict[str, Callable[[pl.DataFrame], dict[str, pl.Series]]] = {
    "reports": _reports,
    "drugs": _drugs,
    "reactions": lambda frame: {"pt": frame["term"]},
    "outcomes": lambda frame: {"outc_cod": frame["outcome"]},
    "therapies": _therapies,
    "indications": lambda frame: {
        "indi_drug_seq": frame["drug_seq"],
        "drug_seq": frame["drug_seq"],
        "indi_pt": frame["term"],
    },
    "sources": lambda frame: {"rpsr_cod": frame["source"]},
}
_PADDING: dict[str, Callable[[pl.DataFrame], dict[str, pl.Series]]] = {
    "reports": _pad_reports,
    "drugs": _pad_drugs,
}
