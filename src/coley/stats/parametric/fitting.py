"""Fitting a family to follow-up by maximum likelihood, with covariates on any of its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.parametric.fitted import Fit, Search
from coley.stats.parametric.likelihood import contributions, derivatives, natural_parameters
from coley.stats.parametric.search import Ground, hills
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.parametric.data import SurvivalData
    from coley.stats.parametric.family import Family, Floats

Covariates = Mapping[str, Mapping[str, "ArrayLike"]]

TSD14 = (
    "Latimer NR. NICE DSU Technical Support Document 14: survival analysis for economic evaluations alongside "
    "clinical trials. Sheffield: NICE Decision Support Unit; 2011."
)
DICKMAN = (
    "Dickman PW, Sloggett A, Hills M, Hakulinen T. Regression models for relative survival. Stat Med "
    "2004;23:51-64."
)


@method(
    "parametric_survival",
    title="Parametric survival model (maximum likelihood)",
    summary="Fits a distribution of times to follow-up, with background mortality in the likelihood if it is known.",
    needs="times and events; background hazard at each patient's time for the excess hazard",
    limits="Beyond the follow-up the curve is the family's, not the data's: compare families. Background hazard is "
    "taken as known without error.",
    references=(TSD14, DICKMAN),
)
def fit(
    family: Family,
    data: SurvivalData,
    *,
    covariates: Covariates | None = None,
    level: float = 0.95,
    start: ArrayLike | None = None,
) -> Fit:
    """Fit a family of distributions by maximum likelihood.

    Parameters
    ----------
    family
        From `families.FAMILIES`, or made by `royston_parmar`, `piecewise_exponential`, `mixture_cure`,
        `non_mixture_cure`.
    data
        From `survival_data`. With a background, the fit is of the excess hazard, and its curves are of net survival.
    covariates
        Name of a parameter to name of a covariate to its (n,) values; they act on the parameter's working scale.
    level
        Coverage of the intervals.
    start
        (B,) working coefficients from which to search, instead of the family's own.

    Raises
    ------
    InvalidSetting
        Where a covariate is of an unknown parameter, or the level is not between 0 and 1.
    UnreadableInput
        Where covariates have another length, or missing or constant values.
    NotEstimable
        Where no starting value has a finite likelihood.

    References
    ----------
    Latimer 2011; the excess hazard is that of Dickman et al. 2004, for individual records.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> data = survival_data([2, 3, 5, 8, 9, 12, 14, 20], [1, 1, 1, 0, 1, 1, 0, 0])
    >>> found = fit(FAMILIES["exponential"], data)
    >>> round(found.estimates["rate"].value, 4), round(found.loglik, 4), round(found.aic, 4)
    (0.0685, -18.4051, 38.8102)
    """
    z_of(level)
    names, designs = _designs(family, data, covariates or {})
    widths = [design.shape[1] for design in designs]
    firsts = np.cumsum([0, *widths[:-1]])
    starts = [np.asarray(start, dtype=float)] if start is not None else []
    for natural in [] if starts else family.starts(data.outline()):
        place = np.zeros(sum(widths))
        place[firsts] = family.working(np.asarray(natural))
        starts.append(place)
    return _climb(family, data, (names, designs), starts=starts, level=level)


def refit(found: Fit, weights: ArrayLike) -> Fit:
    """Fit again with other weights of the patients, from where the first search ended.

    Parameters
    ----------
    found
        A fit.
    weights
        (n,) that replace those of its data.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> found = fit(FAMILIES["exponential"], survival_data([2, 3, 5, 8], [1, 1, 1, 0]))
    >>> round(refit(found, [1, 1, 1, 0]).estimates["rate"].value, 4)
    0.3
    """
    data = replace(found.data, weights=np.asarray(weights, dtype=float))
    parts = (found.names, found.designs)
    return _climb(found.family, data, parts, starts=[found.estimate], level=found.level)


def _climb(
    family: Family,
    data: SurvivalData,
    parts: tuple[tuple[str, ...], tuple[Floats, ...]],
    *,
    starts: list[Floats],
    level: float,
) -> Fit:
    names, designs = parts
    widths = [design.shape[1] for design in designs]
    ends = np.cumsum(widths)
    slices = [slice(int(e - w), int(e)) for e, w in zip(ends, widths, strict=True)]
    plain = all(width == 1 for width in widths)
    weight, scales = data.weight(), family.scales(data.horizon)
    extent = [np.abs(design).max(axis=0) for design in designs]

    def predictors(place: Floats) -> Floats:
        if plain:
            return place[:, None]
        return np.stack([design @ place[part] for design, part in zip(designs, slices, strict=True)])

    def value(place: Floats) -> float:
        each = contributions(family, data, natural_parameters(family, predictors(place)))
        total = float((weight * each).sum())
        return total if np.isfinite(total) else -np.inf

    def pieces(place: Floats) -> tuple[Floats, Floats, Floats]:
        each, slope, curvature = derivatives(family, data, predictors(place))
        if plain:
            return each, slope.T, curvature @ weight
        scores = np.concatenate([s[:, None] * X for s, X in zip(slope, designs, strict=True)], axis=1)
        hessian = np.block(
            [
                [(X * (weight * curvature[i, j])[:, None]).T @ Y for j, Y in enumerate(designs)]
                for i, X in enumerate(designs)
            ]
        )
        return each, scores, hessian

    def full(place: Floats) -> tuple[float, Floats, Floats]:
        with np.errstate(all="ignore"):
            each, scores, hessian = pieces(place)
            return float(weight @ each), weight @ scores, hessian

    def reach(step: Floats) -> float:
        moved = [np.abs(step[part]) @ size for part, size in zip(slices, extent, strict=True)]
        return float((np.array(moved) / scales).max())

    def edge(place: Floats) -> bool:
        with np.errstate(all="ignore"):
            for p, eta in zip(family.parameters, predictors(place), strict=True):
                low, high = p.edges
                if (np.isfinite(low) and (p.link.natural(eta) < low).all()) or (
                    np.isfinite(high) and (p.link.natural(eta) > high).all()
                ):
                    return True
        return False

    found = hills(Ground(value, full, reach, edge), starts)
    if not found:
        raise NotEstimable(
            f"No starting value of the {family.title} model has a finite likelihood.",
            where=f"{data.events} events in {data.n} patients",
            cause="too few events, or a time so early or late that the family excludes it",
            remedy="Look at the earliest and latest times, or fit a simpler family.",
        )
    best, firsts = found[0], [part.start for part in slices]
    slope = best.gradient @ _covariance(best.hessian, True) @ best.gradient
    return Fit(
        family=family,
        data=data,
        names=names,
        designs=designs,
        estimate=best.place,
        covariance=_covariance(best.hessian, best.end == "top"),
        loglik=best.value,
        scores=pieces(best.place)[1],
        search=Search(
            end=best.end,
            gradient=float(np.sqrt(max(float(slope), 0.0))),
            positive_definite=bool(np.linalg.eigvalsh(-best.hessian).min() > 0),
            steps=best.steps,
            others=tuple((hill.value, hill.end, family.natural(hill.place[firsts])) for hill in found[1:]),
        ),
        level=level,
    )


def fit_each(
    families: Iterable[Family], data: SurvivalData, *, level: float = 0.95
) -> tuple[dict[str, Fit], dict[str, NotEstimable]]:
    """Fit several families to the same follow-up.

    Parameters
    ----------
    families
        As for `fit`.
    data
        From `survival_data`.
    level
        Coverage of the intervals.

    Returns
    -------
    Name of the family to its fit, in the order given; and name to the reason, of those that cannot be fitted.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> data = survival_data([2, 3, 5, 8, 9, 12, 14, 20], [1, 1, 1, 0, 1, 1, 0, 0])
    >>> fits, refused = fit_each([FAMILIES["exponential"], FAMILIES["weibull"]], data)
    >>> list(fits), refused
    (['exponential', 'weibull'], {})
    """
    fits, refused = {}, {}
    for family in families:
        try:
            fits[family.name] = fit(family, data, level=level)
        except NotEstimable as reason:
            refused[family.name] = reason
    return fits, refused


def _designs(
    family: Family, data: SurvivalData, covariates: Covariates
) -> tuple[tuple[str, ...], tuple[Floats, ...]]:
    n = len(data.time)
    unknown = [name for name in covariates if name not in family.names]
    if unknown:
        raise InvalidSetting(
            f"The {family.title} model has no parameter {unknown[0]!r} for covariates to act on.",
            remedy=f"It has {', '.join(family.names)}.",
        )
    names, designs = [], []
    for parameter in family.names:
        columns = [np.ones(n)]
        names.append(parameter)
        for label, values in covariates.get(parameter, {}).items():
            column = np.asarray(values, dtype=float)
            if column.shape != (n,) or not np.isfinite(column).all() or np.ptp(column) == 0:
                raise UnreadableInput(
                    f"Covariate {label!r} needs one finite value per patient, not the same for all.",
                    where=f"shape {column.shape} for {n} patients",
                    remedy="Leave out patients without it, and say how many.",
                )
            columns.append(column)
            names.append(f"{parameter}:{label}")
        designs.append(np.stack(columns, axis=1))
    return tuple(names), tuple(designs)


def _covariance(hessian: Floats, top: bool) -> Floats:
    """Invert the observed information; NaN where the place is no top."""
    if not top:
        return np.full_like(hessian, np.nan)
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    inverse: Floats = np.linalg.pinv(-hessian / np.outer(size, size), rcond=1e-14, hermitian=True)
    return np.asarray(inverse / np.outer(size, size))
