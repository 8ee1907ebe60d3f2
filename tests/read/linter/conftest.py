"""Simulated cohorts with honest predictions, and every fault that can be planted in them.

`make_rates.py` beside this file draws a thousand clean sets and a hundred of each fault, and writes `rates.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
import pytest

from coley.model.answer import Check
from coley.model.study import Study
from coley.read.linter import lint

ORDERS = ("study", "random", "ids", "score")
SHAPES = ("plain", "folds", "split", "repeats", "wide", "long", "calls", "cohorts", "features", "protocol")
AGAIN = pl.format("Q{}", pl.col("patient_id")).alias("patient_id")  # the same patient under another id
ELSEWHERE = 10**5  # seeds from here on have cuts learnt on other patients
SIZES = (25, 50, 100, 200, 400)


@dataclass(frozen=True)
class Given:
    """What the linter is given: predictions, truth, and the rest by keyword."""

    predictions: pl.DataFrame
    patients: pl.DataFrame
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> list[Check]:
        checks = lint(self.predictions, Study("simulated", {"patients": self.patients}), **self.others)
        return [check for check in checks if check.level != "pass"]

    @property
    def names(self) -> set[str]:
        return {check.name for check in self.findings}


def cohort(
    n: int, seed: int, *, auc: float = 0.7, prevalence: float = 0.3, made_of: bool = True
) -> pl.DataFrame:
    """Patients with outcomes, covariates with the grain of real files, and "_score" of the given AUC.

    The covariates carry the score (as those of LORIS do) or are foreign to it (as to a signature).
    """
    rng = np.random.default_rng(seed)
    responder = rng.random(n) < prevalence
    responder[:4], responder[-4:] = True, False
    responder = rng.permutation(responder)
    shift = np.sqrt(2) * NormalDist().inv_cdf(auc)
    score = shift * responder + rng.normal(size=n)
    inner = score if made_of else rng.normal(size=n)
    death = rng.exponential(np.where(responder, 30, 10)) + 1
    progression = np.minimum(death, rng.exponential(np.where(responder, 15, 3)) + 1)
    follow_up = rng.uniform(6, 36, n)
    return pl.DataFrame(
        {
            "patient_id": [f"K{k:05d}" for k in rng.permutation(90_000)[:n]],
            "age_years": rng.normal(62, 11, n).clip(20, 95).round(),
            "sex": rng.choice(["female", "male"], n),
            "response": np.where(responder, rng.choice(["CR", "PR"], n), rng.choice(["SD", "PD"], n)),
            "pfs_months": np.minimum(progression, follow_up).round(2),
            "pfs_event": progression < follow_up,
            "os_months": np.minimum(death, follow_up).round(2),
            "os_event": death < follow_up,
            "tmb_per_mb": np.exp(1.6 + 0.6 * inner + rng.normal(0, 0.6, n)).round(1),
            "albumin_g_dl": (3.9 + 0.3 * inner + rng.normal(0, 0.3, n)).clip(1.5, 5.5).round(1),
            "nlr": np.exp(1.4 - 0.4 * inner + rng.normal(0, 0.4, n)).round(1),
            "platelets": rng.normal(250, 70, n).clip(60, 700).round(),
            "_score": score,
            "_p": 1 / (1 + np.exp(-(np.log(prevalence / (1 - prevalence)) + shift * score - shift**2 / 2))),
            "_y": responder,
        }
    )


def truth(patients: pl.DataFrame) -> pl.DataFrame:
    return patients.drop("_score", "_p", "_y")


def scored(patients: pl.DataFrame) -> pl.DataFrame:
    return patients.select("patient_id", pl.col("_score").alias("score"))


def ordered(frame: pl.DataFrame, order: str, rng: np.random.Generator) -> pl.DataFrame:
    if order == "random":
        return frame[rng.permutation(frame.height)]
    if order == "ids":
        return frame.sort("patient_id")
    return frame.sort("score", descending=True) if order == "score" else frame


def clean(n: int, seed: int, **how: Any) -> Given:
    """An honest file of predictions, of a shape and an order that depend on the seed."""
    rng = np.random.default_rng(seed + 10**6)
    shape = how.pop("shape", SHAPES[seed % len(SHAPES)])
    order = how.pop("order", ORDERS[(seed // len(SHAPES)) % len(ORDERS)])
    how = {
        "auc": rng.uniform(0.5, 0.95),
        "prevalence": rng.uniform(0.12, 0.7),
        "made_of": seed % 3 > 0,
        **how,
    }
    patients = cohort(n, seed, **how)
    if rng.random() < 0.2:  # studies come sorted, too
        patients = patients.sort(str(rng.choice(["pfs_months", "os_months", "nlr", "age_years"])))
    frame = patients.select(
        "patient_id",
        pl.col("_score").alias("score"),
        pl.col("_p").alias("probability"),
        pl.col("_y").alias("label"),
    ).drop([c for c in ("probability", "label") if rng.random() < 0.5])
    if rng.random() < 0.3:
        frame = frame.with_columns(patients["tmb_per_mb"], patients["os_months"].round(1))
    fold = pl.Series("fold", rng.permutation(n) % 5)
    if shape == "folds":
        frame = frame.with_columns(fold)
    elif shape == "split":
        frame = frame.with_columns(pl.Series("split", rng.choice(["train", "test"], n, p=[0.7, 0.3])))
    elif shape == "repeats":
        frame = pl.concat(
            frame.with_columns(
                pl.col("score") + rng.normal(0, 0.3, n),
                pl.Series("fold", rng.permutation(n) % 5),
                pl.lit(repeat).alias("repeat"),
            )
            for repeat in range(5)
        )
    elif shape == "wide":
        frame = frame.with_columns(pl.Series(f"signature_{k}", rng.normal(size=n)) for k in range(8))
    elif shape == "long":
        frame = pl.concat(
            frame.with_columns(pl.col("score") + k * rng.normal(size=n), pl.lit(f"model {k}").alias("method"))
            for k in range(4)
        )
    elif shape == "calls":
        frame = frame.with_columns(
            (pl.col("score") >= honest_cut(rng, patients, seed, how)).cast(int).alias("call")
        )
    elif shape == "cohorts":  # leave one cohort out: folds are cohorts, and their scores differ
        site = pl.Series("cohort", np.sort(rng.integers(3, size=n)))
        patients = patients.with_columns(
            site.replace_strict({k: f"site {k}" for k in range(3)}, return_dtype=pl.String)
        )
        frame = frame.with_columns(pl.col("score") + site, fold=site)
    elif shape == "features":
        made = selected_by(patients, rng, share=0.7)
        training = made.predictions["split"] == "train"
        table = made.others["features"].with_columns(
            (pl.col(c) - pl.col(c).filter(training).mean()) / pl.col(c).filter(training).std()
            for c in made.others["features"].columns[1:]
        )
        return replace(
            made, predictions=ordered(made.predictions, order, rng), others={**made.others, "features": table}
        )
    elif shape == "protocol":
        claim = {"test": "log_rank", "p": 0.01, "n": n}
        cut = {"value": honest_cut(rng, patients, seed, how), "chosen_on": "train"}
        steps = ["split", "impute", "scale", {"step": "select", "on": "train"}, "fit", "cut", "test"]
        protocol = {"steps": steps, "cut": cut, "claims": [claim], "features": ["tmb_per_mb", "nlr"]}
        return Given(ordered(frame, order, rng), truth(patients), {"protocol": protocol})
    return Given(ordered(frame, order, rng), truth(patients))


def honest_cut(rng: np.random.Generator, patients: pl.DataFrame, seed: int, how: Mapping[str, Any]) -> float:
    """A median, a round number, or the best cut of other patients."""
    if (kind := 2 if seed >= ELSEWHERE else int(rng.integers(3))) < 2:
        return float(patients["_score"].median()) if kind else 0.5
    other = cohort(200, seed + 10**7, **how)
    return best_cut(other["_score"].to_numpy(), other["_y"].to_numpy())


def best_cut(score: np.ndarray, y: np.ndarray) -> float:
    """The cut with the largest Youden index: scores at or above it are high."""
    order = np.argsort(score)
    gain = np.cumsum(y[order] - y.mean())[:-1]
    at = int(np.argmax(np.abs(gain)))
    return float(score[order][at + 1])


# Each fault: from honest patients, and a generator of random numbers, to what the linter is given.

Fault = Callable[[pl.DataFrame, np.random.Generator], Given]


def tide(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    """Rows come back sorted by score and get the ids in their unsorted order."""
    wrong = patients.select("patient_id", patients["_score"].sort(descending=True).alias("score"))
    return Given(wrong, truth(patients))


def tide_then_shuffled(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    given = tide(patients, rng)
    return replace(given, predictions=given.predictions[rng.permutation(patients.height)])


def tide_by_sorted_ids(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    wrong = patients.sort("patient_id").select("patient_id", patients["_score"].sort().alias("score"))
    return Given(wrong, truth(patients))


def without_ids(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    return Given(scored(patients).select("score"), truth(patients))


def joined_by_position(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    """Scores in the order of the sorted ids, ids in that of the study."""
    wrong = patients.select("patient_id", patients.sort("patient_id")["_score"].alias("score"))
    return Given(wrong, truth(patients))


def shifted(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    score = np.roll(patients["_score"].to_numpy(), 1)
    return Given(patients.select("patient_id", pl.Series("score", score)), truth(patients))


def shifted_foreign(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    """The covariates do not help: the outcomes alone can tell."""
    return shifted(patients, rng)


def shifted_labels(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    labels = np.roll(patients["_y"].to_numpy(), 1)
    return Given(scored(patients).with_columns(pl.Series("label", labels)), truth(patients))


def shifted_measurements(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    """The ids were shifted against everything else in the file."""
    beside = [c for c in ("age_years", "os_months", "pfs_months") if c in patients.columns]
    frame = patients.select("patient_id", pl.col("_score").alias("score"), *beside)
    return Given(
        frame.with_columns(pl.Series("patient_id", np.roll(frame["patient_id"], 1))), truth(patients)
    )


def foreign_ids(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    return Given(scored(patients).with_columns(pl.int_range(n).alias("patient_id")), truth(patients))


def same_patient_in_both_parts(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    frame = scored(patients).with_columns(pl.Series("split", rng.choice(["train", "test"], n, p=[0.7, 0.3])))
    test = frame.filter(pl.col("split") == "test").head(2)
    return Given(pl.concat([frame, test.with_columns(pl.lit("train").alias("split"))]), truth(patients))


def twin_in_both_parts(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    """One test patient in ten is a copy of a training patient under another id."""
    n = patients.height
    split = np.where(np.arange(n) < 0.7 * n, "train", "test")
    copies = max(1, int(0.03 * n))
    patients = pl.concat(
        [
            patients.head(n - copies),
            patients.head(copies).with_columns(AGAIN),
        ]
    )
    frame = scored(patients).with_columns(pl.Series("split", split))
    return Given(frame[rng.permutation(patients.height)], truth(patients))


def twin_in_two_cohorts(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    half = n // 2
    shared = patients.head(max(6, half // 5)).with_columns(AGAIN)
    patients = pl.concat([patients, shared]).with_columns(
        pl.Series("cohort", np.where(np.arange(n + shared.height) < half, "one", "two"))
    )
    return Given(scored(patients), truth(patients))


def constant_covariate(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    return Given(scored(patients), truth(patients).with_columns(pl.lit(6.2).alias("nlr")))


def constant_in_a_fold(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    fold = pl.Series("fold", rng.permutation(patients.height) % 2)
    frame = scored(patients).with_columns(fold)
    return Given(
        frame.with_columns(pl.when(fold == 1).then(0.5).otherwise(pl.col("score")).alias("score")),
        truth(patients),
    )


def filled_predictions(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    lost = pl.Series(rng.random(n) < 0.4)
    middle = patients["_score"].median()
    frame = scored(patients).with_columns(
        pl.when(lost).then(middle).otherwise(pl.col("score")).alias("score")
    )
    return Given(frame, truth(patients))


def features_of(patients: pl.DataFrame, columns: int, rng: np.random.Generator) -> pl.DataFrame:
    values = rng.lognormal(1, 0.5, (patients.height, columns))
    return patients.select("patient_id").with_columns(
        pl.Series(f"gene_{k}", values[:, k]) for k in range(columns)
    )


def half_split(patients: pl.DataFrame) -> pl.Series:
    n = patients.height
    return pl.Series("split", np.where(np.arange(n) < 0.7 * n, "train", "test"))


def scaled_before_split(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    features = features_of(patients, 10, rng)
    features = features.with_columns(
        ((pl.col(c) - pl.col(c).mean()) / pl.col(c).std(ddof=0)).round(6) for c in features.columns[1:]
    )
    return Given(scored(patients).with_columns(half_split(patients)), truth(patients), {"features": features})


def ends_before_split(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    features = features_of(patients, 30, rng)
    features = features.with_columns(
        (pl.col(c) - pl.col(c).min()) / (pl.col(c).max() - pl.col(c).min()) for c in features.columns[1:]
    )
    return Given(scored(patients).with_columns(half_split(patients)), truth(patients), {"features": features})


def selected_by(patients: pl.DataFrame, rng: np.random.Generator, *, share: float) -> Given:
    """Twenty useless genes that are the best of 500 in a share of the patients, the first of which are training."""
    features = features_of(patients, 500, rng)
    known = np.arange(patients.height) < share * patients.height
    x, y = features.drop("patient_id").to_numpy()[known], patients["_y"].to_numpy()[known]
    z = (x[y].mean(axis=0) - x[~y].mean(axis=0)) / x.std(axis=0)  # a t test, not the ranks of the linter
    chosen = [f"gene_{k}" for k in np.argsort(-np.abs(z))[:20]]
    protocol = {"steps": ["split"], "features": chosen}
    frame = scored(patients).with_columns(half_split(patients))
    return Given(frame, truth(patients), {"features": features, "protocol": protocol})


def selected_before_split(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    return selected_by(patients, rng, share=1.0)


def steps_before_split(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    order = rng.permutation(["scale", "select", "impute"]).tolist()
    return Given(scored(patients), truth(patients), {"protocol": {"steps": [*order, "split", "fit", "test"]}})


def best_cut_stated(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    cut = best_cut(patients["_score"].to_numpy(), patients["_y"].to_numpy())
    return Given(scored(patients), truth(patients), {"protocol": {"cut": cut}})


def best_cut_called(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    cut = best_cut(patients["_score"].to_numpy(), patients["_y"].to_numpy())
    frame = scored(patients).with_columns((pl.col("score") >= cut).cast(int).alias("call"))
    return Given(frame, truth(patients))


def best_cut_in_each_cohort(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    patients = patients[rng.permutation(patients.height)]
    site = np.arange(patients.height) * 3 // patients.height
    parts = [
        patients.filter(pl.Series(site == k)).with_columns(pl.lit(f"site {k}").alias("cohort"))
        for k in range(3)
    ]
    cuts = [best_cut(p["_score"].to_numpy(), p["_y"].to_numpy()) for p in parts]
    called = [
        p.with_columns((pl.col("_score") >= cut).cast(int).alias("call"))
        for p, cut in zip(parts, cuts, strict=True)
    ]
    patients = pl.concat(called)
    frame = scored(patients).with_columns(patients["call"])
    return Given(frame, truth(patients).drop("call"))


def leave_one_out(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    return Given(
        scored(patients).with_columns(pl.Series("fold", rng.permutation(patients.height))), truth(patients)
    )


def folds_of_other_scales(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    fold = rng.permutation(patients.height) % 5
    score = patients["_score"].to_numpy() + 2 * fold
    frame = patients.select("patient_id", pl.Series("score", score), pl.Series("fold", fold))
    return Given(frame, truth(patients))


def t_test_over_repeats(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    frame = pl.concat(
        patients.select(
            "patient_id",
            pl.Series("score", patients["_score"].to_numpy() + rng.normal(0, 0.5, n)),
            pl.Series("other_score", patients["_score"].to_numpy() + rng.normal(0, 0.6, n)),
            pl.Series("fold", rng.permutation(patients.height) % 5),
            pl.lit(repeat).alias("repeat"),
        )
        for repeat in range(10)
    )
    claim = {"test": "paired_t", "p": 1e-4, "score": "score", "against": "other_score", "repeats": 50}
    return Given(frame, truth(patients), {"protocol": {"steps": ["split"], "claims": [claim]}})


def rows_as_patients(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    frame = pl.concat(
        patients.select(
            "patient_id", pl.Series("score", patients["_score"].to_numpy() + rng.normal(0, 0.1, n))
        )
        for _ in range(5)
    )
    return Given(frame, truth(patients))


def leaked_covariate(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    made = patients["_y"].to_numpy() + rng.normal(0, 0.15, n)
    return Given(scored(patients), truth(patients).with_columns(pl.Series("marker", made)))


def leaked_feature(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    made = pl.Series("gene_x", patients["os_months"].to_numpy() * rng.lognormal(0, 0.1, n))
    features = features_of(patients, 50, rng).with_columns(made)
    return Given(scored(patients), truth(patients), {"features": features})


def post_baseline_feature(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    protocol = {"steps": ["split"], "features": ["tmb_per_mb", "Best change"]}
    return Given(scored(patients), truth(patients), {"protocol": protocol})


def follow_up_as_score(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    score = pl.Series("score", np.log(patients["os_months"].to_numpy()) + rng.normal(0, 0.15, n))
    return Given(patients.select("patient_id", score), truth(patients))


def response_as_score(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    score = pl.Series("score", patients["_y"].to_numpy() + rng.normal(0, 0.05, n))
    return Given(patients.select("patient_id", score), truth(patients))


def percentages(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    return Given(patients.select("patient_id", (100 * pl.col("_p")).alias("probability")), truth(patients))


def too_sure(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    """Classes balanced in training, and log-odds three times too large."""
    odds = 3 * (pl.col("_p").log() - (1 - pl.col("_p")).log() + np.log(4))
    return Given(
        patients.select("patient_id", (1 / (1 + (-odds).exp())).alias("probability")), truth(patients)
    )


def trained_on_the_test(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    patients = patients.with_columns(pl.lit("Discovery").alias("cohort"))
    return Given(scored(patients), truth(patients), {"protocol": {"trained_on": ["discovery"]}})


def responders_left_out(patients: pl.DataFrame, rng: np.random.Generator) -> Given:
    n = patients.height
    kept = ~(patients["_y"].to_numpy() & (rng.random(n) < 0.8))
    return Given(scored(patients).filter(pl.Series(kept)), truth(patients))


@dataclass(frozen=True)
class Plant:
    """A fault, the check that must find it, and the cohort it is planted in."""

    fault: Fault
    check: str
    cohort: Mapping[str, float] = field(default_factory=dict)

    def draw(self, n: int, seed: int) -> Given:
        return self.fault(cohort(n, seed, **self.cohort), np.random.default_rng(seed + 10**6))

    def found(self, given: Given) -> bool:
        return not given.names.isdisjoint(self.check.split("|"))


PLANTS: Mapping[str, Plant] = {
    plant.fault.__name__: plant
    for plant in (
        Plant(tide, "monotone_in_row_order"),
        Plant(tide_then_shuffled, "monotone_in_row_order"),
        Plant(tide_by_sorted_ids, "monotone_in_row_order"),
        Plant(without_ids, "ids"),
        Plant(foreign_ids, "ids"),
        Plant(joined_by_position, "misaligned_rows"),
        Plant(shifted, "misaligned_rows", {"auc": 0.8}),
        Plant(shifted_foreign, "misaligned_rows", {"auc": 0.8, "made_of": False}),
        Plant(shifted_labels, "labels_disagree"),
        Plant(shifted_measurements, "measurements_disagree"),
        Plant(same_patient_in_both_parts, "split_shares_patients"),
        Plant(twin_in_both_parts, "twins_across_split"),
        Plant(twin_in_two_cohorts, "duplicate_patients|cohorts_share_patients"),
        Plant(constant_covariate, "constant_covariates"),
        Plant(constant_in_a_fold, "constant_predictions"),
        Plant(filled_predictions, "constant_predictions"),
        Plant(scaled_before_split, "scaled_before_split"),
        Plant(ends_before_split, "scaled_before_split"),
        Plant(selected_before_split, "selected_before_split"),
        Plant(steps_before_split, "protocol_order"),
        Plant(best_cut_stated, "optimal_cut"),
        Plant(best_cut_called, "optimal_cut"),
        Plant(best_cut_in_each_cohort, "optimal_cut"),
        Plant(leave_one_out, "pooled_leave_one_out"),
        Plant(folds_of_other_scales, "fold_scales_differ"),
        Plant(t_test_over_repeats, "t_test_over_repeats"),
        Plant(rows_as_patients, "repeated_patients"),
        Plant(leaked_covariate, "mirrors_outcome"),
        Plant(leaked_feature, "mirrors_outcome"),
        Plant(post_baseline_feature, "post_baseline"),
        Plant(follow_up_as_score, "knows_outcome"),
        Plant(response_as_score, "knows_outcome"),
        Plant(percentages, "not_probabilities"),
        Plant(too_sure, "miscalibrated", {"prevalence": 0.2}),
        Plant(trained_on_the_test, "in_sample"),
        Plant(responders_left_out, "left_out"),
    )
}


def detected(plant: str, n: int, seed: int) -> bool:
    return PLANTS[plant].found(PLANTS[plant].draw(n, seed))


@pytest.fixture
def simulate() -> Callable[..., pl.DataFrame]:
    """Draws a cohort: simulate(n, seed, auc=, prevalence=, made_of=)."""
    return cohort


@pytest.fixture
def honest() -> Callable[..., Given]:
    """Draws honest predictions: honest(n, seed, shape=, order=, auc=)."""
    return clean


@pytest.fixture
def plants() -> Mapping[str, Plant]:
    """Every fault by name."""
    return PLANTS


@pytest.fixture
def given() -> type[Given]:
    """What the linter is given: given(predictions, patients, others)."""
    return Given


@pytest.fixture
def select() -> Callable[..., Given]:
    """Selects useless genes by a share of the patients: select(patients, rng, share=)."""
    return selected_by
