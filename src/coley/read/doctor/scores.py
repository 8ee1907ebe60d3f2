"""Published scores stored beside the data: columns computed from the other columns by a formula or a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
from coley.read.doctor.chance import ranks_of
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.mirrors import candidates
from coley.read.doctor.rows import found, patients_word, place, table
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from coley.model.study import Study

    Floats = npt.NDArray[np.float64]


@examination(
    "published_score",
    title="Scores among the measurements",
    looks_for="a probability that is computed from the other columns by a formula or a model",
    needs=(Need("patients"),),
)
def published_score(study: Study) -> Findings:
    """Find probabilities that the other columns explain: by a logistic formula, or by any smooth model."""
    import polars as pl

    frame = table(study, "patients")
    possible = candidates(frame)
    known = dictionary_table("patients").columns
    checks: Findings = []
    for column in possible:
        if column in known or not frame.schema[column].is_float():
            continue
        rows = frame.filter(pl.col(column).is_not_null())
        if not _probabilities(rows[column]):
            continue
        inputs = [c for c in possible if c != column and not rows[c].null_count() and rows[c].n_unique() > 1]
        if sum(rows[c].n_unique() > limit("score.distinct") for c in inputs) < limit("score.inputs"):
            continue
        if _alone(rows, column, inputs) > limit("score.alone"):
            continue  # one quantity measured twice
        how = _formula(rows, column, inputs) or _model(rows, column, inputs)
        if how is not None:
            checks.append(
                found(
                    "published_score",
                    "warn",
                    f"{column} is computed from other columns: {how} ({patients_word(rows.height)}).",
                    cause="A published prediction was stored beside the data.",
                    remedy="Judge it as a prediction; as a covariate beside its own parts it tells nothing.",
                    where=place(rows, column),
                )
            )
    return checks


def _probabilities(values: pl.Series) -> bool:
    """Say whether the values lie strictly between 0 and 1, and most are different."""
    return (
        len(values) > 0
        and bool(((values > 0) & (values < 1)).all())
        and values.n_unique() > len(values) * limit("score.different")
    )


def _formula(rows: pl.DataFrame, column: str, inputs: list[str]) -> str | None:
    """Fit the log-odds by a weighted sum; a published formula leaves nothing over."""
    import numpy as np

    y = rows[column].to_numpy()
    logit = np.log(y / (1 - y))
    if len(y) < limit("score.patients_per_input") * len(inputs):
        return None
    design = _weighted(rows, inputs)
    weights = np.linalg.lstsq(design, logit, rcond=None)[0]
    explained = _explained(logit, design @ weights)
    if explained < limit("score.explained"):
        return None
    pull = np.abs(weights * design.std(axis=0))[1 : len(inputs) + 1]
    strong = [c for c, p in zip(inputs, pull, strict=True) if p > pull.max() / 10]
    return f"a logistic formula of {', '.join(strong)} explains {explained:.1%} of its log-odds"


def _model(rows: pl.DataFrame, column: str, inputs: list[str]) -> str | None:
    """Fit its ranks on every other patient by a curved surface, and judge that on the rest."""
    import numpy as np

    inputs = sorted(inputs, key=lambda c: (-rows[c].n_unique(), c))[: int(limit("score.most_inputs"))]
    x = np.column_stack([ranks_of(rows[c].cast(float).to_numpy()) for c in inputs]) / rows.height - 0.5
    y = ranks_of(rows[column].to_numpy()) / rows.height - 0.5
    surface = [np.ones(len(y)), *x.T, *(x.T**3)]
    surface += [x[:, i] * x[:, j] for i in range(len(inputs)) for j in range(i, len(inputs))]
    design = np.column_stack(surface)
    if len(y) < limit("score.patients_per_term") * design.shape[1]:
        return None
    train = np.arange(len(y)) % 2 == 0
    weights = np.linalg.lstsq(design[train], y[train], rcond=None)[0]
    explained = _explained(y[~train], design[~train] @ weights)
    if explained < limit("score.modelled"):
        return None
    of = f"a smooth model of {len(inputs)} columns"
    return f"{of} explains {explained:.0%} of its ranks in patients it was not fitted to"


def _alone(rows: pl.DataFrame, column: str, inputs: list[str]) -> float:
    """Return the largest share of the column's ranks that one input explains by itself."""
    import polars as pl

    ranks = rows.select(pl.col(column, *inputs).cast(pl.Float64).rank("average"))
    return max(float(r) ** 2 for r in ranks.select(pl.corr(column, c).alias(c) for c in inputs).row(0))


def _explained(y: Floats, fit: Floats) -> float:
    import numpy as np

    return float(1 - np.sum((y - fit) ** 2) / np.sum((y - y.mean()) ** 2))


def _weighted(rows: pl.DataFrame, inputs: list[str]) -> Floats:
    """Return the inputs with an intercept and one column for each common cancer type."""
    import numpy as np
    import polars as pl

    columns = [np.ones(rows.height), *(rows[c].cast(pl.Float64).to_numpy() for c in inputs)]
    if "cancer_type" in rows.columns:
        types = rows["cancer_type"].cast(pl.String).fill_null("").value_counts(sort=True, name="n")
        kinds = types["cancer_type"].head(int(limit("score.types"))).to_list()[1:]
        columns += [
            (rows["cancer_type"] == kind).fill_null(value=False).cast(pl.Float64).to_numpy() for kind in kinds
        ]
    return np.column_stack(columns)
