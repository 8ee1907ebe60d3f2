"""The truth is true: estimators recover it at the nominal rate over many simulated trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

import coley.toy as toy
from coley.stats.logistic import logistic
from coley.stats.survival.cox import cox
from coley.toy.course import cancer_hazard, run_course
from coley.toy.population import population_truth
from coley.toy.trial import run_trial

TRIALS_AT_ONCE, SIZE, BATCHES = 40, 300, 8
LEAST_P = 0.002  # a coverage this unlikely at the nominal rate is no accident


@pytest.fixture(scope="module")
def trials():
    """Frames of 320 trials of 300 patients each."""
    out = []
    for seed in range(100, 100 + BATCHES):
        frame = toy.simulate_outcomes(TRIALS_AT_ONCE * SIZE, seed=seed)
        out += [frame.slice(SIZE * k, SIZE) for k in range(TRIALS_AT_ONCE)]
    return out


@pytest.fixture(scope="module")
def truth():
    return toy.simulate(10).truth


def assert_nominal(hits, level=0.95):
    hits = np.asarray(hits)
    test = stats.binomtest(int(hits.sum()), hits.size, level)
    assert test.pvalue > LEAST_P, f"covered {hits.mean():.3f} of {hits.size}"


def kaplan_meier(time, event, at):
    """Survival at one time with its log-log interval (Greenwood)."""
    points, deaths = np.unique(time[event & (time <= at)], return_counts=True)
    at_risk = time.size - np.searchsorted(np.sort(time), points, side="left")
    s = np.prod(1 - deaths / at_risk)
    variance = np.sum(deaths / (at_risk * (at_risk - deaths)))
    theta = np.exp(1.959964 * np.sqrt(variance) / np.log(s))
    return s, s ** (1 / theta), s**theta


def cumulative_incidence(time, event, competing, at):
    """Aalen-Johansen at one time with the delta-method (Gaynor) standard error."""
    surv, cif = 1.0, 0.0
    points = np.unique(time[(event | competing) & (time <= at)])
    steps = []
    for t in points:
        n = (time >= t).sum()
        d1, d = (event & (time == t)).sum(), ((event | competing) & (time == t)).sum()
        steps.append((n, d1, d, surv, cif))
        cif += surv * d1 / n
        surv *= 1 - d / n
    variance = 0.0
    for n, d1, d, before, then in steps:
        after = then + before * d1 / n
        variance += (cif - after) ** 2 * d / (n * max(n - d, 1))
        variance += before**2 * (n - d1) * d1 / n**3
        variance -= 2 * (cif - after) * before * d1 / n**2
    se = np.sqrt(variance)
    return cif, cif - 1.959964 * se, cif + 1.959964 * se


def arm_of(frame, arm, *columns):
    part = frame.filter(pl.col("arm") == arm)
    return [part[name].to_numpy() for name in columns]


@pytest.mark.slow
def test_difference_of_response_rates_covers_the_truth(trials, truth):
    target = truth.value("response_rate", arm="ICI") - truth.value("response_rate", arm="chemotherapy")
    hits = []
    for frame in trials:
        (a,), (b,) = (arm_of(frame, arm, "response") for arm in ("ICI", "chemotherapy"))
        p, q = (np.isin(x, ["CR", "PR"]) for x in (a, b))
        se = np.sqrt(p.var() / p.size + q.var() / q.size)
        hits.append(abs(p.mean() - q.mean() - target) < 1.959964 * se)
    assert_nominal(hits)


@pytest.mark.slow
@pytest.mark.parametrize("arm", ["ICI", "chemotherapy"])
@pytest.mark.parametrize(
    ("endpoint", "quantity", "month"),
    [("os", "os_survival", 12.0), ("os", "os_survival", 36.0), ("pfs", "pfs_survival", 6.0)],
)
def test_kaplan_meier_covers_the_milestones(trials, truth, arm, endpoint, quantity, month):
    target = truth.value(quantity, arm=arm, months=month)
    hits = []
    for frame in trials:
        time, event = arm_of(frame, arm, f"{endpoint}_months", f"{endpoint}_event")
        _, low, high = kaplan_meier(time, event, month)
        hits.append(low <= target <= high)
    assert_nominal(hits)


@pytest.mark.slow
@pytest.mark.parametrize("months", [3.0, 12.0])
def test_aalen_johansen_covers_the_incidence_of_immune_related_events(trials, truth, months):
    target = truth.value("irae_cumulative_incidence", arm="ICI", months=months)
    hits = []
    for frame in trials:
        columns = arm_of(frame, "ICI", "irae_months", "irae_event", "irae_competing")
        _, low, high = cumulative_incidence(*columns, months)
        hits.append(low <= target <= high)
    assert_nominal(hits)


@pytest.mark.slow
def test_cox_covers_the_hazard_ratio_and_the_interaction(trials, truth):
    targets = [
        truth.value("os_log_hazard_ratio", arm="ICI"),
        truth.value("tmb_interaction_os_log_hazard", arm="ICI"),
    ]
    hits = []
    for frame in trials:
        treated = (frame["arm"] == "ICI").to_numpy().astype(float)
        tmb = np.log2((frame["tmb_per_mb"].to_numpy() + 1) / 8)
        time, event = frame["os_months"].to_numpy(), frame["os_event"].to_numpy()
        alone = cox(time, event, treated[:, None], robust=True)
        both = cox(time, event, np.stack([treated, tmb, treated * tmb], axis=1), robust=True)
        found = [
            (alone.coefficients[0], alone.standard_errors[0]),
            (both.coefficients[2], both.standard_errors[2]),
        ]
        hits.append([abs(b - t) < 1.959964 * se for (b, se), t in zip(found, targets, strict=True)])
    for column in np.array(hits).T:
        assert_nominal(column)


def test_death_of_cancer_follows_the_burden():
    """Deaths number as many as the true cumulative hazards add up to, in every stratum."""
    trial = run_trial(6000, 21, toy.Design())
    course = run_course(
        trial.baseline, trial.lesions, toy.ICI, design=trial.design, streams=trial.streams, last_day=400
    )
    months = (course.death_day - 0.5) / 30.4375  # days are rounded up
    exposure = cancer_hazard(trial.baseline, trial.lesions, trial.design) * course.curves.area(months)
    died = course.cause == 0
    for stratum in (
        np.ones(6000, bool),
        course.sensitive,
        ~course.sensitive,
        course.cured,
        trial.baseline.liver,
    ):
        observed, expected = died[stratum].sum(), exposure[stratum].sum()
        assert abs(observed - expected) < 4 * np.sqrt(expected)


def test_tmb_has_its_coefficient_on_control_and_only_under_immune_treatment():
    out = toy.simulate(10).truth
    assert out.markers.filter(pl.col("marker") == "tmb_per_mb")["coefficient"].item() == 0.7
    trial = run_trial(12_000, 31, toy.Design())
    b = trial.baseline
    X = np.stack(
        [b.tmb_score, b.tone, b.hla_loh, b.stk11, *(b.cancer == k for k in (1, 2, 3))], axis=1
    ).astype(float)
    expected = [0.7, 0.8, -0.5, -0.8, 0.8, -0.2, -0.6]
    fit = logistic(trial.courses[0].sensitive, X)
    assert (np.abs(fit.coefficients[1:] - expected) < 4 * np.sqrt(np.diag(fit.covariance))[1:]).all()
    control = logistic(trial.courses[1].sensitive, X)
    assert (np.abs(control.coefficients[1:]) < 4 * np.sqrt(np.diag(control.covariance))[1:]).all()


def test_prognostic_factors_move_death_and_not_response_and_the_null_moves_nothing():
    frame = toy.simulate_outcomes(12_000, seed=41)
    score = {
        "albumin_g_dl": frame["albumin_g_dl"].to_numpy(),
        "nlr": np.log(frame["nlr"].to_numpy()),
        "liver_metastases": frame["liver_metastases"].to_numpy().astype(float),
        "platelets": np.log(frame["platelets"].to_numpy()),
    }
    time, event = frame["os_months"].to_numpy(), frame["os_event"].to_numpy()
    fit = cox(time, event, np.stack(list(score.values()), axis=1), names=list(score))
    z = dict(zip(score, fit.coefficients / fit.standard_errors, strict=True))
    assert z["albumin_g_dl"] < -10
    assert z["nlr"] > 10
    assert z["liver_metastases"] > 5
    assert abs(z["platelets"]) < 3.5
    controlled = run_trial(12_000, 41, toy.Design()).course.sensitive
    for name in ("albumin_g_dl", "nlr", "platelets"):
        assert abs(np.corrcoef(score[name], controlled)[0, 1]) * np.sqrt(12_000) < 3.5, name


def test_a_design_without_effect_has_null_truths():
    table = population_truth(toy.null_effect())
    contrasts = table.filter(pl.col("quantity").str.contains("hazard_ratio|interaction"))
    assert contrasts.height == 9
    assert (contrasts["value"].abs() <= 4 * contrasts["error"]).all()
    for quantity, error in (("response_rate", 0.02), ("os_rmst", 0.3)):
        a, b = table.filter(pl.col("quantity") == quantity)["value"]
        assert abs(a - b) < error
    assert toy.simulate(10, design=toy.null_effect()).truth.markers.filter(
        pl.col("marker").is_in(["tmb_per_mb", "hla_loh", "pdl1_tps"])
    )["role"].to_list() == ["null", "null", "null"]


def test_a_single_arm_has_no_contrasts():
    truth = toy.simulate(10, design=toy.single_arm()).truth
    assert set(truth.population["arm"]) == {"ICI", ""}
    assert not truth.population["quantity"].str.contains("hazard_ratio").any()
    with pytest.raises(LookupError):
        truth.value("os_log_hazard_ratio", arm="ICI")
    assert truth.value("response_rate", arm="ICI") == pytest.approx(0.29, abs=0.03)


def test_more_toxicity_and_no_toxicity():
    none = population_truth(replace(toy.Design(), irae_scale=0.0))
    incidence = none.filter(pl.col("quantity") == "irae_cumulative_incidence")
    assert (incidence["value"] == 0).all()
    toxic = none.filter(pl.col("quantity") == "death_cumulative_incidence immune-related toxicity")
    assert (toxic["value"] == 0).all()


def test_the_default_study_is_plausible(truth):
    """Orders of magnitude of trials of PD-(L)1 blockade against docetaxel; OAK: OS HR 0.73."""
    assert 9.5 < truth.value("os_median", arm="chemotherapy") < 12.5
    assert 0.62 < np.exp(truth.value("os_log_hazard_ratio", arm="ICI")) < 0.80
    assert 0.25 < truth.value("response_rate", arm="ICI") < 0.31
    assert 0.12 < truth.value("response_rate", arm="chemotherapy") < 0.19
    assert truth.value("os_survival", arm="ICI", months=36.0) > 0.2
    early, late = (truth.value(f"os_log_hazard_ratio from month {m}", arm="ICI") for m in (0, 12))
    assert abs(early) < 0.15  # delayed separation
    assert late < -0.4


def test_individual_truth_agrees_with_the_potential_outcomes(study):
    allotted = study.truth.potential.filter("allotted").sort("patient_id")
    individuals = study.truth.individuals.sort("patient_id")
    for name in ("arm", "controlled", "cured", "death_months", "death_cause"):
        assert allotted[name].equals(individuals[name]), name


def test_true_progression_comes_before_the_scan_that_shows_it(study):
    frame = study.truth.individuals.drop_nulls(["progression_months", "scan_progression_months"])
    wait = frame["scan_progression_months"] - frame["progression_months"]
    assert (wait > -1).mean() > 0.92  # the reader errs, and may see 20 % before it is there
    assert 0.3 < wait.median() < 1.84  # less than the eight weeks between scans


def test_tables_of_the_truth(truth):
    tables = truth.tables()
    assert set(tables) == {"individuals", "potential", "markers", "population"}
    assert all(frame.height > 0 for frame in tables.values())
    assert (truth.population["error"].drop_nulls() < 0.06).all()


def test_death_of_other_causes_follows_gompertz():
    """Their number is what a mortality of 1.2 % a year at age 65, growing by 9.5 % a year of age, adds up to."""
    trial = run_trial(12_000, 51, toy.Design())
    years = (trial.course.death_day - 0.5) / 365.25
    at_start = 2.5e-5 * np.exp(0.095 * trial.baseline.age)
    expected = (at_start * np.expm1(0.095 * years) / 0.095).sum()
    observed = (trial.course.cause == 2).sum()
    assert 2.5e-5 * np.exp(0.095 * 65) == pytest.approx(0.012, abs=0.001)
    assert abs(observed - expected) < 3 * np.sqrt(expected)
