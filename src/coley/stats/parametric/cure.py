"""Cure: a share that never has the event, wrapped around any family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.model.registry import Registry
from coley.stats.parametric.family import Family, Outline, Parameter
from coley.stats.parametric.links import CLOGLOG, LOGIT, LOGLOG, PROBIT, SHARE, Link

if TYPE_CHECKING:
    from coley.stats.parametric.family import Floats, Theta

BOAG = (
    "Boag JW. Maximum likelihood estimates of the proportion of patients cured by cancer therapy. J R Stat Soc B "
    "1949;11:15-53."
)
TSODIKOV = (
    "Tsodikov AD, Ibrahim JG, Yakovlev AY. Estimating cure rates from survival data: an alternative to "
    "two-component mixture models. J Am Stat Assoc 2003;98:1063-1078."
)
LAMBERT = (
    "Lambert PC, Thompson JR, Weston CL, Dickman PW. Estimating and modeling the cure fraction in "
    "population-based cancer survival analysis. Biostatistics 2007;8:576-594."
)
CURE_LINKS: Registry[Link] = Registry("link of a cure fraction")
for _link, _name in ((LOGIT, "logit"), (CLOGLOG, "cloglog"), (LOGLOG, "loglog"), (PROBIT, "probit")):
    CURE_LINKS.add(_name, _link)
CURE_LINKS.add("identity", SHARE)
# One patient in ten million is nobody.
NOBODY = 1e-7
# Shares of the last survival from which to search: the likelihood may have more than one hill.
FIRST_GUESSES = (0.95, 0.6, 0.15)
LIMITS = (
    "The share is an extrapolation: without a plateau in the follow-up it is not determined. Without background "
    "mortality the cured never die."
)


@method(
    "mixture_cure",
    title="Mixture cure model",
    summary="Survival is the cured share plus the rest times a parametric curve.",
    needs="a family of distributions, and follow-up long enough to show a plateau",
    limits=LIMITS,
    references=(BOAG, LAMBERT),
)
def mixture_cure(family: Family, *, link: str = "logit") -> Family:
    """Return the family with a share that never has the event: S = c + (1 - c) S0.

    Parameters
    ----------
    family
        Distribution of the times of the others.
    link
        Of the share, "cured": "logit", "cloglog", "loglog", "identity" or "probit".

    Raises
    ------
    UnknownName
        Where there is no such link.
    InvalidSetting
        Where the family has a cured share already.

    References
    ----------
    Boag 1949; Lambert et al. 2007.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> mixture_cure(FAMILIES["weibull"]).names
    ('cured', 'shape', 'scale')
    """

    def log_hazard_survival(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
        cured, *rest = theta
        log_h, log_s0 = family.log_hazard_survival(rest, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            others = np.log1p(-cured) + log_s0
            log_s = np.logaddexp(np.log(cured), others)
            return others + log_h - log_s, log_s

    def time_at(theta: Theta, log_s: Floats) -> Floats:
        cured, *rest = theta
        left = (np.exp(log_s) - cured) / (1 - cured)
        return _time_of_others(family, rest, left)

    def others(outline: Outline, cured: float) -> Floats:
        return np.asarray((np.exp(outline.log_survival) - cured) / (1 - cured))

    return _with_share(family, "mixture cure", link, log_hazard_survival, time_at, others, BOAG)


@method(
    "non_mixture_cure",
    title="Non-mixture (bounded cumulative hazard) cure model",
    summary="The cumulative hazard rises to a limit along a parametric distribution function.",
    needs="a family of distributions, and follow-up long enough to show a plateau",
    limits=LIMITS,
    references=(TSODIKOV, LAMBERT),
)
def non_mixture_cure(family: Family, *, link: str = "logit") -> Family:
    """Return the family with a bounded cumulative hazard: S = c ** F0.

    Parameters
    ----------
    family
        Distribution function along which the hazard accumulates.
    link
        Of the share, "cured": "logit", "cloglog", "loglog", "identity" or "probit".

    Raises
    ------
    UnknownName
        Where there is no such link.
    InvalidSetting
        Where the family has a cured share already.

    References
    ----------
    Tsodikov et al. 2003; Lambert et al. 2007.

    Examples
    --------
    >>> from coley.stats.parametric.families import FAMILIES
    >>> non_mixture_cure(FAMILIES["log_normal"], link="loglog").names
    ('cured', 'mean_log', 'sd_log')
    """

    def log_hazard_survival(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
        cured, *rest = theta
        log_h, log_s0 = family.log_hazard_survival(rest, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = -np.log(cured)
            return np.log(bound) + log_h + log_s0, bound * np.expm1(log_s0)

    def time_at(theta: Theta, log_s: Floats) -> Floats:
        cured, *rest = theta
        with np.errstate(divide="ignore"):
            return _time_of_others(family, rest, 1 - log_s / np.log(cured))

    def others(outline: Outline, cured: float) -> Floats:
        return np.asarray(1 - outline.log_survival / np.log(cured))

    return _with_share(family, "non-mixture cure", link, log_hazard_survival, time_at, others, TSODIKOV)


def _time_of_others(family: Family, rest: Theta, left: Floats) -> Floats:
    """Return when the survival of those who are not cured is `left`; never, where that is not above zero."""
    positive = left > 0
    with np.errstate(all="ignore"):
        t = family.time_at(rest, np.log(np.where(positive, np.minimum(left, 1.0), 0.5)))
    return np.where(positive, t, np.inf)


def _with_share(
    family: Family,
    kind: str,
    link: str,
    log_hazard_survival: Callable[[Theta, Floats], tuple[Floats, Floats]],
    time_at: Callable[[Theta, Floats], Floats],
    others: Callable[[Outline, float], Floats],
    reference: str,
) -> Family:
    if family.cure:
        raise InvalidSetting(f"The {family.title} model has a cured share already.")

    def mean(theta: Theta) -> Floats:
        cured, *rest = theta
        with np.errstate(all="ignore"):
            whole = np.where(cured > 0, np.inf, family.mean(rest))
        return np.asarray(whole)

    def starts(outline: Outline) -> list[tuple[float, ...]]:
        end = float(np.exp(outline.log_survival[-1]))
        places = []
        for share in FIRST_GUESSES:
            cured = min(max(share * end, 0.005), 0.99)
            left = others(outline, cured)
            kept = (left > 1e-3) & (left < 1)
            if kept.sum() > 1:
                x, y = outline.times[kept], np.log(left[kept])
                half = len(x) // 2
                places += [
                    (cured, *place) for place in family.starts(Outline(x, y, float(-y[half] / x[half])))
                ]
        return places or [(0.1, *place) for place in family.starts(outline)]

    return replace(
        family,
        name=f"{kind.replace(' ', '_').replace('-', '_')}_{family.name}",
        title=f"{family.title} {kind}",
        parameters=(
            Parameter(
                "cured", CURE_LINKS[link], 0.2 if link == "identity" else 1.0, edges=(NOBODY, 1 - NOBODY)
            ),
            *family.parameters,
        ),
        log_hazard_survival=log_hazard_survival,
        time_at=time_at,
        mean=mean,
        starts=starts,
        cure=True,
        references=(*family.references, reference, LAMBERT),
    )
