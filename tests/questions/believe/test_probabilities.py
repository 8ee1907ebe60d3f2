"""Published probabilities against what happened: direct calls, and no judgement where they were made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coley.biology.published import apply
from coley.model.answer import Answer
from coley.model.study import Study
from coley.stats.judging.calibration import calibration
from coley.stats.judging.decision_curve import decision_curve

Frames = Callable[..., pl.DataFrame]
Studies = Callable[..., Study]
Believe = Callable[..., Answer]


def clinic(frame: Frames, seed: int, name: str = "clinic", n: int = 90) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return frame(
        seed,
        n,
        name=name,
        tmb_per_mb=rng.lognormal(1.8, 1, n),
        prior_systemic=rng.random(n) < 0.5,
        nlr=rng.lognormal(1.2, 0.6, n),
        age_years=rng.normal(63, 9, n),
        cancer_type=["NSCLC"] * n,
    )


def promised(table: pl.DataFrame) -> np.ndarray:
    return apply("loris", table).table["value"].to_numpy()


def test_calibration_is_that_of_a_direct_call(frame: Frames, study: Studies, believe: Believe) -> None:
    table = clinic(frame, 1)
    told = believe(study(table), markers=("loris",)).tables["calibration"].row(0, named=True)
    direct = calibration(promised(table), table["responder"].to_numpy())
    assert told["expected_rate"] == pytest.approx(promised(table).mean(), rel=1e-12)
    assert told["observed_rate"] == pytest.approx(table["responder"].mean(), rel=1e-12)
    assert told["slope"] == pytest.approx(direct.slope.value, rel=1e-9)
    assert told["brier"] == pytest.approx(np.mean((promised(table) - table["responder"].to_numpy()) ** 2))
    assert told["observed_expected"] == pytest.approx(direct.observed_expected.value, rel=1e-9)


def test_net_benefit_is_that_of_a_direct_call(frame: Frames, study: Studies, believe: Believe) -> None:
    table = clinic(frame, 1)
    told = believe(study(table), markers=("loris",)).tables["decision_loris"]
    own = told.filter(pl.col("group") == "LORIS (pan-cancer)")
    direct = decision_curve({"m": promised(table)}, table["responder"].to_numpy(), own["x"].to_numpy())
    np.testing.assert_allclose(own["value"], direct.net_benefit[direct.names.index("m")], rtol=1e-9)
    assert told["group"].n_unique() >= 3  # beside it: treat all, treat none


def test_probabilities_that_keep_their_word_pass_and_others_warn(
    frame: Frames, study: Studies, believe: Believe
) -> None:
    rng = np.random.default_rng(3)
    table = clinic(frame, 1, n=600)
    kept = table.with_columns(responder=pl.Series(rng.random(600) < promised(table)))
    broken = table.with_columns(responder=pl.Series(rng.random(600) < promised(table) / 3))
    levels = [
        next(
            c.level
            for c in believe(study(t), markers=("loris",)).checks
            if c.name == "published_probabilities"
        )
        for t in (kept, broken)
    ]
    assert levels == ["pass", "warn"]


@pytest.mark.parametrize(
    ("name", "n", "judged"),
    [("clinic", 50, True), ("clinic", 49, False), ("Chowell_train", 90, False)],
)
def test_few_patients_and_the_training_set_tell_nothing(
    frame: Frames, study: Studies, believe: Believe, name: str, n: int, judged: bool
) -> None:
    answer = believe(study(clinic(frame, 1, name, n)), markers=("loris",))
    assert ("calibration" in answer.tables) == judged


def test_figures_are_of_the_largest_cohort(frame: Frames, study: Studies, believe: Believe) -> None:
    both = study(clinic(frame, 1, "small", 60), clinic(frame, 2, "large", 90))
    answer = believe(both, markers=("loris",))
    titles = {f.table: f.title for f in answer.figures}
    assert titles["decision_loris"].endswith(", large")
    assert titles["calibration_loris"].endswith(", large")
    assert answer.tables["calibration"]["cohort"].to_list() == ["small", "large"]
