"""TMB of several assays made comparable: within each assay, by rank, or by a calibration that the user brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.burden.tmb import MERINO, VEGA
from coley.model.answer import Check
from coley.model.errors import InvalidSetting, MissingData, UnreadableInput
from coley.model.method import method
from coley.model.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Patients of one assay (and cancer type) that place a value among its like; with fewer, the mean and the
# spread of log TMB are known no better than a third of a standard deviation.
LEAST = 10
PLUS = (
    1.0  # added before the logarithm: zero occurs, and one mutation per Mb is about one mutation of a panel
)
# The cut-point of the label was set on one assay (FDA approval of pembrolizumab for TMB of at least 10 per Mb, June
# 2020, companion diagnostic FoundationOne CDx; 360Dx, TMB harmonization effort yields calibration method).
CUT, CUT_ASSAY = 10.0, "FoundationOne CDx"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A published or own calibration of an assay to exomes: exome TMB = intercept + slope x panel TMB."""

    intercept: float
    slope: float
    source: str


@dataclass(frozen=True, eq=False)
class Harmonised:
    """Burdens made comparable.

    Attributes
    ----------
    values
        (n,), in the order of the input; NaN where missing, or where too few patients share assay and cancer type.
    unit
        "SD of log2(TMB + 1) within assay", "quantile within assay", "mutations per Mb of <assay>" ...
    method
        How.
    checks
        What was assumed, and who was left out.
    """

    values: Floats
    unit: str
    method: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    function: Callable[..., Floats]
    unit: str
    assumes: str


HARMONISERS: Registry[_Way] = Registry("way to harmonise TMB")


@method(
    "tmb_harmonisation",
    title="Harmonisation of TMB between assays",
    summary="Places each tumour among those of its own assay (and cancer type), or applies a calibration given.",
    needs="TMB, the assay of each value and, better, the cancer type",
    limits="Placing within an assay assumes that its patients are like those of the others; where one assay saw sicker "
    "or other patients, true differences are removed. Cut-points in mutations per Mb lose their meaning.",
    references=(MERINO, VEGA),
)
def harmonise(
    tmb: ArrayLike,
    assay: Sequence[str],
    *,
    method: str = "z",
    cancer_type: Sequence[str | None] | None = None,
    reference: str = "",
    calibrations: Mapping[str, Calibration] | None = None,
    least: int = LEAST,
) -> Harmonised:
    """Make burdens of several assays comparable.

    No calibration is built in: the published ones belong to one version of a panel and one pipeline each.

    Parameters
    ----------
    tmb
        (n,) mutations per Mb; NaN where missing.
    assay
        (n,) the assay of each value, by name.
    method
        "z": standard deviations of log2(TMB + 1) from the mean of the assay. "rank": quantile within the
        assay, between 0 and 1. "quantile": the value of the `reference` assay at the same quantile.
        "linear": `calibrations` of each assay.
    cancer_type
        (n,) where given, values are placed among those of the same assay and cancer type.
    reference
        The assay whose scale is taken, for "quantile".
    calibrations
        Assay to calibration, for "linear".
    least
        Fewest values that place another one.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or a burden is negative.
    MissingData
        Where an assay has no name, no calibration, or the reference is absent.
    UnknownName
        For an unknown method.

    References
    ----------
    Merino 2020; Vega 2021 (calibration by assay).

    Examples
    --------
    >>> made = harmonise([1, 3, 7, 2, 6, 14], ["panel"] * 3 + ["exome"] * 3, least=3)
    >>> made.values.round(2)
    array([-1.  ,  0.  ,  1.  , -1.02,  0.04,  0.98])
    """
    values = np.asarray(tmb, dtype=float)
    names, groups = _labels(values, assay, cancer_type)
    if (values < 0).any():
        raise UnreadableInput("TMB cannot be negative.", where=f"least value {np.nanmin(values):g}")
    way = HARMONISERS[method]
    known = np.isfinite(values)
    out = np.full(len(values), np.nan)
    for group in np.unique(groups[known]):
        rows = known & (groups == group)
        out[rows] = way.function(
            values,
            rows,
            names=names,
            groups=groups,
            reference=reference,
            calibrations=calibrations or {},
            least=least,
        )
    unit = way.unit.format(reference=reference or "the reference")
    checks = [Check("harmonised", "pass", f"TMB in {unit}. {way.assumes}")]
    lost = int((known & ~np.isfinite(out)).sum())
    if lost:
        what = "assay" if cancer_type is None else "assay and cancer type"
        message = f"{lost} values share {what} with fewer than {least} patients (or without spread) and have no place."
        checks.append(Check("harmonised_too_few", "warn", message))
    checks += transferable(names[known])
    return Harmonised(out, unit, method, tuple(checks))


def transferable(assay: Sequence[str] | NDArray[np.str_], *, cut: float = CUT) -> tuple[Check, ...]:
    """Say what a cut-point in mutations per Mb means for these assays.

    Parameters
    ----------
    assay
        The assay of each value; several values of one assay count once.
    cut
        The cut-point, in mutations per Mb.

    Examples
    --------
    >>> [check.level for check in transferable(["FoundationOne CDx"])]
    ['pass']
    >>> [check.level for check in transferable(["MSK-IMPACT", "exome"])]
    ['warn']
    """
    seen = sorted({str(name) for name in assay})
    plain = {"".join(c for c in name.lower() if c.isalnum()) for name in seen}
    if plain <= {"foundationonecdx", "f1cdx"}:
        return (Check("tmb_cut_point", "pass", f"{cut:g} per Mb refers to this assay, {CUT_ASSAY}."),)
    named = ", ".join(seen[:5])
    message = (
        f"A cut-point such as {cut:g} per Mb was set on {CUT_ASSAY} and does not carry over to other assays "
        f"(here: {named}): panels differ in size, genes, filters and in what they count."
    )
    return (
        Check(
            "tmb_cut_point",
            "warn",
            message,
            remedy="Keep TMB continuous, cut within each assay, or bring a calibration of each assay to exomes.",
        ),
    )


def _labels(
    values: Floats, assay: Sequence[str], cancer_type: Sequence[str | None] | None
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    names = list(assay)
    types = [""] * len(names) if cancer_type is None else ["" if t is None else str(t) for t in cancer_type]
    if values.ndim != 1 or len(names) != len(values) or len(types) != len(values):
        raise UnreadableInput(
            "TMB, assay and cancer type need one value for each patient.",
            where=f"lengths {values.shape}, {len(names)}, {len(types)}",
        )
    nameless = sum(name is None or not str(name).strip() for name in names)
    if nameless:
        raise MissingData(
            f"{nameless} values have no assay: what panel or exome made them must be said.",
            remedy="Name the assay of each sample, as MSK-IMPACT468.",
        )
    texts = np.array([str(name) for name in names])
    return texts, np.array([f"{a}\x1f{t}" for a, t in zip(texts, types, strict=True)])


def _z(values: Floats, rows: NDArray[np.bool_], *, least: int, **_: object) -> Floats:
    logs = np.log2(values[rows] + PLUS)
    spread = logs.std(ddof=1) if len(logs) >= max(least, 2) else 0.0
    return (logs - logs.mean()) / spread if spread > 0 else np.full(len(logs), np.nan)


def _rank(values: Floats, rows: NDArray[np.bool_], *, least: int, **_: object) -> Floats:
    x = values[rows]
    if len(x) < max(least, 2) or np.ptp(x) == 0:
        return np.full(len(x), np.nan)
    below, upto = np.searchsorted(np.sort(x), x, "left"), np.searchsorted(np.sort(x), x, "right")
    return (below + upto) / (2 * len(x))  # mid-rank over n: ties share a place


def _quantile(
    values: Floats,
    rows: NDArray[np.bool_],
    *,
    names: NDArray[np.str_],
    groups: NDArray[np.str_],
    reference: str,
    least: int,
    **_: object,
) -> Floats:
    if reference not in names:
        raise MissingData(
            f"The reference assay {reference!r} has no values.",
            where=f"assays: {', '.join(sorted(set(names.tolist())))}",
            remedy="Name as `reference` the assay whose scale is wanted.",
        )
    kind = groups[rows][0].split("\x1f", 1)[1]
    target = values[(groups == f"{reference}\x1f{kind}") & np.isfinite(values)]
    place = _rank(values, rows, least=least)
    if len(target) < max(least, 2):
        return np.full(len(place), np.nan)
    if names[rows][0] == reference:
        return values[rows]
    target = np.sort(target)
    return np.asarray(np.interp(place, (np.arange(len(target)) + 0.5) / len(target), target))


def _linear(
    values: Floats,
    rows: NDArray[np.bool_],
    *,
    names: NDArray[np.str_],
    calibrations: Mapping[str, Calibration],
    **_: object,
) -> Floats:
    name = str(names[rows][0])
    if name not in calibrations:
        raise MissingData(
            f"Assay {name!r} has no calibration.",
            remedy="Give intercept, slope and source for each assay, or choose another method.",
        )
    given = calibrations[name]
    if not given.source or given.slope <= 0:
        raise InvalidSetting(f"The calibration of {name!r} needs a positive slope and a source.")
    return np.maximum(given.intercept + given.slope * values[rows], 0.0)


LIKE = "It is assumed that patients of each assay are alike."
HARMONISERS.add("z", _Way(_z, "SD of log2(TMB + 1) within assay", LIKE))
HARMONISERS.add("rank", _Way(_rank, "quantile within assay", LIKE))
HARMONISERS.add("quantile", _Way(_quantile, "mutations per Mb of {reference}", LIKE))
HARMONISERS.add(
    "linear", _Way(_linear, "mutations per Mb of an exome", "By the calibrations given, not examined here.")
)
