"""A case for the linter: predictions joined by key to the truth, with features and protocol where given."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coley.model.dictionary import normalise
from coley.model.errors import UnreadableInput
from coley.read.doctor.rows import ROW, conform, data_columns, table
from coley.read.facts import codes
from coley.read.kinds import naming
from coley.read.linter.facts import words
from coley.read.linter.predictions import Predictions, with_numbers, without_our_names
from coley.read.linter.protocol import Protocol

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from coley.model.study import Study

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]

AT = "_at"  # position of the patient in the truth, from 0; missing where the truth does not know the id
VALUE = "_value"
LABEL = "_label"


@dataclass(frozen=True, eq=False)
class Score:
    """One series of predictions: a column, or one method of a long file.

    Attributes
    ----------
    name
        For messages: the column, and the method where the file is long.
    column
        The column.
    rows
        Its rows in file order, with "_value" and "_at"; rows without a value are left out.
    """

    name: str
    column: str
    rows: pl.DataFrame

    @cached_property
    def single(self) -> pl.DataFrame:
        """The first row of each patient that the truth knows, in file order."""
        import polars as pl

        return self.rows.filter(pl.col(AT).is_not_null()).unique(AT, keep="first", maintain_order=True)

    @cached_property
    def values(self) -> Floats:
        """The values of `single`."""
        return self.single[VALUE].to_numpy().astype(np.float64)

    @cached_property
    def at(self) -> Indices:
        """Position in the truth of each row of `single`."""
        return self.single[AT].to_numpy().astype(np.intp)


@dataclass(frozen=True, eq=False)
class Case:
    """Everything that a rule may look at.

    Attributes
    ----------
    predictions, truth, features, protocol
        As given; the truth has the types of the dictionary.
    frame
        The rows of the predictions with "_at".
    patients
        The patients of the truth with "_row", and "_label": whether they responded, missing where unknown.
    spelt
        Whether ids had to be matched without case, blanks and leading zeros.
    """

    predictions: Predictions
    truth: Study
    frame: pl.DataFrame
    patients: pl.DataFrame
    spelt: bool
    features: pl.DataFrame | None = None
    protocol: Protocol = field(default_factory=Protocol)

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """Every series of predictions."""
        import polars as pl

        made = []
        method = self.role("method")
        for column in self.predictions.scores:
            held = self.frame.filter(pl.col(column).is_not_null()).with_columns(pl.col(column).alias(VALUE))
            if method is None:
                made.append(Score(column, column, held))
                continue
            for (name,), part in held.group_by(method, maintain_order=True):
                made.append(Score(f"{column} of {name}", column, part))
        return tuple(score for score in made if score.rows.height)

    @cached_property
    def label(self) -> Floats:
        """Response of each patient of the truth: 1, 0, or NaN where unknown."""
        import polars as pl

        return self.patients[LABEL].cast(pl.Float64).fill_null(np.nan).to_numpy()

    @cached_property
    def predicted(self) -> Study:
        """The truth of the patients that have a prediction."""
        import polars as pl

        at = self.frame[AT].drop_nulls().unique()
        rows = self.patients.filter(pl.int_range(pl.len()).is_in(at.implode())).drop(ROW, LABEL, "_table")
        return self.truth.with_table("patients", rows)

    @cached_property
    def listings(self) -> dict[str, Indices]:
        """Position of each patient of the truth in every order that the study knows."""
        from coley.read.linter.orders import listings_of

        return listings_of(self)

    def score(self, name: str) -> Score | None:
        """Return the score with this name, column or method; the first where no name is given."""
        if not name:
            return next(iter(self.scores), None)
        return next((s for s in self.scores if name in (s.name, s.column, s.name.partition(" of ")[2])), None)

    def role(self, name: str) -> str | None:
        """Return the column with a role, or None."""
        return self.predictions.roles.get(name)

    def time(self, endpoint: str) -> tuple[Floats, Floats] | None:
        """Return time and event of each patient ("os" or "pfs"), NaN where unknown; None without columns."""
        import polars as pl

        columns = (f"{endpoint}_months", f"{endpoint}_event")
        if not self.truth.has("patients", *columns):
            return None
        frame = self.patients.select(
            pl.col(c).cast(pl.Float64, strict=False).fill_null(np.nan) for c in columns
        )
        return frame[columns[0]].to_numpy(), frame[columns[1]].to_numpy()


def case_of(
    predictions: Predictions,
    truth: Study,
    *,
    features: pl.DataFrame | None = None,
    protocol: Protocol | None = None,
) -> Case:
    """Join predictions to the truth by key.

    Raises
    ------
    MissingData
        Where the truth has no patients.
    """
    import polars as pl

    truth = truth.with_table("patients", without_our_names(truth.table("patients", "patient_id")))
    truth = conform(truth)
    patients = table(truth, "patients").with_columns(response_of(truth.patients).alias(LABEL))
    at, spelt = _positions(predictions, patients)
    frame = predictions.frame.with_columns(pl.Series(AT, at, dtype=pl.Int64))
    if features is not None:
        key = id_column(features)
        if key is None:
            raise UnreadableInput(
                "The table of features has no column of patient ids.",
                where=f"columns: {naming(features.columns)}",
                remedy="Call it patient_id.",
            )
        features, _ = with_numbers(without_our_names(features), [key])
    return Case(predictions, truth, frame, patients, spelt, features, protocol or Protocol())


def id_column(frame: pl.DataFrame) -> str | None:
    """Return the column of patient ids of a table."""
    known = set(map(normalise, words("roles")["patient_id"]))
    return next((c for c in data_columns(frame) if normalise(c) in known), None)


def response_of(patients: pl.DataFrame) -> pl.Series:
    """Return whether each patient responded; missing where that is not known.

    Examples
    --------
    >>> import polars as pl
    >>> response_of(pl.DataFrame({"response": ["PR", "PD", "NE", None]})).to_list()
    [True, False, None, None]
    """
    import polars as pl

    made = pl.Series("responder", [None] * patients.height, dtype=pl.Boolean)
    if "responder" in patients.columns:
        made = patients["responder"].cast(pl.Float64, strict=False) > 0
    if "response" in patients.columns:
        best = patients["response"].cast(pl.String)
        made = made.fill_null(
            best.is_in(["CR", "PR"]).set(best.is_null() | ~best.is_in(["CR", "PR", "SD", "PD"]), None)
        )
    return made


def flags_of(texts: pl.Series) -> pl.Series:
    """Return the words of a column of labels as flags; missing where a word is neither.

    Examples
    --------
    >>> import polars as pl
    >>> flags_of(pl.Series(["R", "NR", "1", "PD", "what"])).to_list()
    [True, False, True, False, None]
    """
    import polars as pl

    best = {"cr": "true", "pr": "true", "sd": "false", "pd": "false", "1.0": "true", "0.0": "false"}
    known = {**codes("flag"), **best, **codes("responder")}
    flags = {word: value == "true" for word, value in known.items()}
    return (
        texts.cast(pl.String).str.to_lowercase().replace_strict(flags, default=None, return_dtype=pl.Boolean)
    )


def in_training(column: str) -> pl.Expr:
    """Return whether the word in a column of splits means training; false where it is missing.

    Examples
    --------
    >>> import polars as pl
    >>> pl.DataFrame({"split": ["Train", "test", None]}).select(in_training("split")).to_series().to_list()
    [True, False, False]
    """
    import polars as pl

    return pl.col(column).str.to_lowercase().is_in(words("parts")["training"]).fill_null(value=False)


def plain(column: pl.Expr) -> pl.Expr:
    """Return ids without case, punctuation, leading zeros and a decimal point that a spreadsheet added."""
    import polars as pl

    return (
        column.cast(pl.String)
        .str.to_lowercase()
        .str.replace(r"^(\d+)\.0+$", "$1")
        .str.replace_all(r"[^a-z0-9]", "")
        .str.replace_all(r"(^|[a-z])0+([0-9])", "$1$2")
    )


def _positions(predictions: Predictions, patients: pl.DataFrame) -> tuple[list[int | None], bool]:
    """Return the position of each row's patient in the truth; cohorts tell patients of one number apart."""
    import polars as pl

    column = predictions.roles.get("patient_id")
    if column is None:
        return [None] * predictions.frame.height, False
    cohort = predictions.roles.get("cohort")
    left = pl.DataFrame({"id": predictions.frame[column]})
    right = pl.DataFrame({"id": patients["patient_id"].cast(pl.String).str.strip_chars()})
    both = cohort is not None and "cohort" in patients.columns and not right["id"].is_unique().all()
    if both:
        left = left.with_columns(predictions.frame[str(cohort)].alias("cohort"))
        right = right.with_columns(patients["cohort"].cast(pl.String))
    right = right.with_row_index(AT)
    exact = _join(left, right)
    spelt = _join(left.with_columns(plain(pl.col("id"))), right.with_columns(plain(pl.col("id"))))
    if spelt.count() > exact.count():
        return spelt.to_list(), True
    return exact.to_list(), False


def _join(left: pl.DataFrame, right: pl.DataFrame) -> pl.Series:
    import polars as pl

    keys = left.columns
    alone = right.filter(pl.struct(keys).is_unique())
    return left.join(alone, on=keys, how="left", maintain_order="left")[AT]
