"""The phenotype from expression: how far T-effector genes alone reproduce the pathologist, and no further."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.deconvolution.expression import comparable_between_genes, expression
from coley.biology.deconvolution.matching import match, require
from coley.biology.phenotype.values import PHENOTYPES, UNCLASSIFIABLE, Mode, Phenotypes
from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MARIATHASAN = (
    "Mariathasan S, Turley SJ, Nickles D, et al. TGFbeta attenuates tumour response to PD-L1 blockade by "
    "contributing to exclusion of T cells. Nature 2018;554:544-548."
)
CLASSIFIER = (
    "Tumor-agnostic transcriptome-based classifier identifies spatial infiltration patterns of CD8+ T cells in "
    "the tumor microenvironment and predicts clinical outcome in early-phase and late-phase clinical trials. "
    "J Immunother Cancer 2024;12:e008185."
)
REFERENCES = ("imvigor210", "cohort")
# Samples from which mean and spread are taken, at least: with 20, the mean is known to 0.22 SD, and the two
# cut-points of the rule are 1.5 SD apart.
COHORT = 20
# Of a label, at least. In cross-validation three quarters of the tumours pass, and 74 % of these are right,
# as often as pathologists agree among themselves (0.74: "Automated tumor immunophenotyping predicts clinical
# benefit from anti-PD-L1 immunotherapy", slides of OAK and IMpassion130).
LEAST_PROBABILITY = 0.6
DRAWS = 1000


@method(
    "immune_phenotype",
    title="Immune phenotype from T-effector expression",
    summary="Probabilities that a tumour is desert, excluded or inflamed, from eight CD8 T-effector genes.",
    needs="TPM of eight genes; a cohort that was not selected for infiltration, or data made like IMvigor210",
    limits="A pathologist's label is better wherever there is one. Fitted on 167 bladder tumours of IMvigor210: "
    "in 10-fold cross-validation 71 % of labels are right (44 % if all were called excluded), kappa 0.55, "
    "log loss 0.70 against 1.08; AUC 0.89 desert, 0.75 excluded, 0.91 inflamed. A published 92-gene "
    "classifier reached 0.86, 0.71 and 0.85. Excluded means no more than a middling amount of T cells: "
    "fibroblast and TGF-beta scores did not improve the rule. In the 101 tumours of IMvigor210 from other "
    "organs, a rule fitted on bladder by a near-identical signature was right in 63 % (53 % if all were "
    "called excluded), and its probabilities were hardly better than a constant. Levels depend on the "
    "quantification: 27 melanomas quantified twice got the same label in 74 % from the frozen reference "
    "and in 93 % relative to their cohort. Relative to a cohort, it finds no cohort hot or cold.",
    references=(MARIATHASAN, CLASSIFIER),
)
def immune_phenotype(
    X: ArrayLike,
    genes: Sequence[str],
    *,
    unit: str,
    reference: str | None = None,
    samples: Sequence[str] | None = None,
    least_probability: float = LEAST_PROBABILITY,
    seed: int = 1,
    level: float = 0.95,
) -> Phenotypes:
    """Tell desert, excluded and inflamed tumours apart by the level of T-effector genes.

    Nothing is assigned by default: the caller says against what the level is judged.

    Parameters
    ----------
    X
        Genes x samples in `unit`.
    genes, samples
        Gene symbols of the rows, names of the columns.
    unit
        "tpm", "log2_tpm1" ...; counts are refused.
    reference
        "cohort": mean and spread of these samples, at least 20, not selected for infiltration.
        "imvigor210": the frozen ones of that trial, for single samples that were quantified as it was.
    least_probability
        A sample of which no phenotype is as likely is unclassifiable.
    seed, level
        Of the limits of the probabilities.

    Raises
    ------
    InvalidSetting
        Without a reference, or for a unit that does not compare genes.
    NotEstimable
        Where a cohort is too small, or all of its samples are alike.
    MissingData
        Where one of the eight genes is missing: it would change the level.

    References
    ----------
    Proportional odds (McCullagh 1980) on the mean log2(TPM + 1) of the signature of Mariathasan 2018.

    Examples
    --------
    >>> genes = ["CD8A", "GZMA", "GZMB", "IFNG", "CXCL9", "CXCL10", "PRF1", "TBX21"]
    >>> X = np.full((8, 3), [0.5, 2.67, 5.0])
    >>> immune_phenotype(X, genes, unit="log2_tpm1", reference="imvigor210").labels
    ('desert', 'excluded', 'inflamed')
    """
    if reference not in REFERENCES:
        raise InvalidSetting(
            "No immune phenotype is told from expression unless you say against what: the same tumours, quantified "
            "in two ways, get different labels.",
            where=f"reference={reference!r}",
            remedy='Use the pathologist\'s column; or give reference="cohort" for an unselected cohort of 20 or '
            'more, or reference="imvigor210" for data made like those of that trial.',
        )
    if not 0 < level < 1 or not 1 / 3 <= least_probability < 1:
        raise InvalidSetting(
            "level lies between 0 and 1, and least_probability from 1/3 (any label) to below 1."
        )
    rule = _rule()
    data = expression(X, genes, unit=unit, samples=samples)
    comparable_between_genes(data, "The immune phenotype")
    matched = match(rule.genes, data.genes, data.values)
    require(matched, least=1.0, what="The T-effector level")
    score = np.log2(matched.values + 1).mean(axis=0)

    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_normal(rule.coefficients, rule.covariance, size=DRAWS)[:, :, None]
    mode: Mode = "cohort-relative" if reference == "cohort" else "single-sample"
    if mode == "cohort-relative":
        z, shaken = _within_cohort(score, rng)
    else:
        z = (score - rule.mean) / rule.sd
        shaken = np.broadcast_to(z, (DRAWS, len(z)))
    probability = _probabilities(rule.coefficients[:, None], z)
    spread = _probabilities(drawn.transpose(1, 0, 2), shaken)
    low, high = np.quantile(spread, [(1 - level) / 2, (1 + level) / 2], axis=1)
    best = probability.argmax(axis=0)
    labels = tuple(
        PHENOTYPES[k] if probability[k, i] >= least_probability else UNCLASSIFIABLE
        for i, k in enumerate(best)
    )
    return Phenotypes(
        samples=data.samples,
        labels=labels,
        probability=probability,
        low=np.minimum(low, probability),
        high=np.maximum(high, probability),
        level=level,
        score=score,
        mode=mode,
        notes=(_NOTES[mode], *matched.notes()),
    )


_NOTES: dict[Mode, str] = {
    "single-sample": "Judged against IMvigor210 (bladder, TPM): other quantifications shift the level and the labels.",
    "cohort-relative": "Judged against this cohort: labels depend on the other samples, and shares of labels say "
    "nothing about the cohort.",
}


def _within_cohort(score: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return z within the cohort, and draws of it with mean and spread as uncertain as its size makes them."""
    n = len(score)
    if n < COHORT:
        raise NotEstimable(
            f"{n} samples do not show the mean and spread of a cohort; it takes {COHORT}.",
            remedy="Give the whole cohort.",
        )
    sd = float(score.std(ddof=1))
    if sd <= 0:
        raise NotEstimable("All samples have the same T-effector level, so none can be told from another.")
    z = (score - score.mean()) / sd
    ratio = np.sqrt(rng.chisquare(n - 1, size=(DRAWS, 1)) / (n - 1))  # estimated over true SD
    return z, z * ratio + rng.normal(size=(DRAWS, 1)) / np.sqrt(n)


def _probabilities(coefficients: Floats, z: Floats) -> Floats:
    """Return (3, ...) probabilities of proportional odds; coefficients are two cuts and a slope."""
    from scipy.special import expit

    desert = expit(coefficients[0] - coefficients[2] * z)
    below = np.maximum(expit(coefficients[1] - coefficients[2] * z), desert)
    return np.stack([desert, below - desert, 1 - below])


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """The fitted rule: genes, reference mean and SD of the score, coefficients with their covariance."""

    genes: tuple[str, ...]
    mean: float
    sd: float
    coefficients: Floats
    covariance: Floats


@cache
def _rule() -> Rule:
    text = files("coley.biology.phenotype.resources").joinpath("expression_rule.csv").read_text("utf-8")
    table = list(csv.DictReader(text.splitlines()))
    parts = {(row["part"], row["name"]): row["value"] for row in table}
    names = [row["name"] for row in table if row["part"] == "coefficient"]
    covariance = np.empty((len(names), len(names)))
    for i, a in enumerate(names):
        for j, b in enumerate(names[i:], start=i):
            covariance[i, j] = covariance[j, i] = float(parts["covariance", f"{a}|{b}"])
    return Rule(
        tuple(row["name"] for row in table if row["part"] == "gene"),
        float(parts["reference", "mean"]),
        float(parts["reference", "sd"]),
        np.array([float(parts["coefficient", name]) for name in names]),
        covariance,
    )
