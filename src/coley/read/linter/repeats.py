"""Tests over repeats of cross-validation, which share their patients and are not independent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coley.model.dictionary import normalise
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, word
from coley.read.linter.case import AT, VALUE
from coley.read.linter.facts import limit
from coley.read.linter.predictions import nowhere
from coley.read.linter.ranks import area
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import numpy.typing as npt

    from coley.read.linter.case import Case
    from coley.read.linter.protocol import Claim

    Floats = npt.NDArray[np.float64]

OVER_REPEATS = (
    "pairedt",
    "ttest",
    "pairedttest",
    "t",
    "studentt",
    "wilcoxon",
    "wilcoxonsignedrank",
    "signedrank",
)


def corrected_p(differences: Floats, test_share: float) -> tuple[float, float]:
    """Return the p of a paired t test over resamples, naive and corrected for shared training patients.

    Parameters
    ----------
    differences
        One difference per resample.
    test_share
        Share of the patients in each test part.

    References
    ----------
    Nadeau C, Bengio Y. Inference for the generalization error. Mach Learn 2003;52:239-281: the variance of
    the mean is (1 / J + n_test / n_train) s^2.

    Examples
    --------
    >>> naive, corrected = corrected_p(np.tile([0.01, 0.05], 50), 0.2)
    >>> round(naive, 6), round(corrected, 3)
    (0.0, 0.004)
    """
    j = len(differences)
    s = float(np.std(differences, ddof=1)) if j > 1 else 0.0
    if not s:
        return math.nan, math.nan
    t = float(np.mean(differences)) / s
    return _t_tail(t * math.sqrt(j), j - 1), _t_tail(
        t / math.sqrt(1 / j + test_share / (1 - test_share)), j - 1
    )


def corrected_claim(p: float, repeats: int, test_share: float) -> float:
    """Return what the corrected test makes of a p that a paired t test over `repeats` differences gave.

    Examples
    --------
    >>> round(corrected_claim(1e-6, 100, 0.2), 2)
    0.31
    """
    from scipy.special import stdtrit

    t = abs(float(stdtrit(repeats - 1, max(p, 1e-300) / 2)))
    return _t_tail(t / math.sqrt(1 + repeats * test_share / (1 - test_share)), repeats - 1)


def _t_tail(t: float, df: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


@rule(
    "t_test_over_repeats",
    title="Tests over repeats",
    looks_for="a p value from repeats of the same patients",
    applies=lambda case: bool(case.protocol.claims),
)
def t_test_over_repeats(case: Case) -> Findings:
    """Redo claimed t tests over repeats with the variance that shared patients leave."""
    checks: Findings = []
    for claim in case.protocol.claims:
        if normalise(claim.test) not in OVER_REPEATS:
            continue
        differences, share = _differences(case, claim)
        repeats = claim.repeats or len(differences)
        if repeats < 2:
            continue
        share = claim.test_share or share or limit("repeats.test_share")
        corrected, source = corrected_claim(claim.p, repeats, share), "from the p that is claimed"
        if len(differences) > 1:
            corrected, source = corrected_p(differences, share)[1], "from the predictions"
        if not math.isfinite(corrected):
            continue
        checks.append(
            found(
                "t_test_over_repeats",
                "fail" if claim.p < limit("repeats.p") <= corrected else "warn",
                f"The {claim.test} over {repeats} repeats (p {word(claim.p)}) counts the same patients repeatedly; "
                f"corrected for that (Nadeau-Bengio, {share:.0%} of patients in each test part, {source}) p is "
                f"{corrected:.2g}.",
                cause="Repeats share their patients, so their differences are not independent; with more repeats any p "
                "becomes as small as one likes.",
                remedy="Report the corrected p, or compare the two scores on each patient's mean prediction (DeLong).",
                where=nowhere(case.protocol.file, "claims"),
            )
        )
    return checks


def _differences(case: Case, claim: Claim) -> tuple[Floats, float]:
    """Return the difference in AUC in each repeat and fold, and the share of patients in one of them."""
    one, other = _areas(case, claim.score), _areas(case, claim.against)
    shared = sorted(set(one) & set(other))
    if len(shared) < 2:
        return np.zeros(0), 0.0
    n = case.frame[AT].drop_nulls().n_unique()
    share = float(np.mean([one[key][1] for key in shared])) / max(n, 1)
    return np.array([one[key][0] - other[key][0] for key in shared]), share if share < 1 else 0.0


def _areas(case: Case, name: str) -> dict[tuple[str, ...], tuple[float, int]]:
    """Return AUC and number of patients of a score in each repeat and fold."""
    keys = [c for r in ("repeat", "fold") if (c := case.role(r))]
    score = case.score(name) if name else None
    if score is None or not keys:
        return {}
    made = {}
    for key, part in score.rows.drop_nulls(AT).group_by(keys, maintain_order=True):
        labels = case.label[part[AT].to_numpy().astype(np.intp)]
        kept = np.isfinite(labels)
        auc = area(part[VALUE].to_numpy().astype(float)[kept], labels[kept] > 0)
        if math.isfinite(auc):
            made[tuple(map(str, key))] = (auc, int(kept.sum()))
    return made
