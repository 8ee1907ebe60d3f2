"""Draws of all parameters, made once from a seed, for every strategy and structure alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.model.registry import Registry
from coley.stats.decision.correlation import nearest_correlation, normal_from_rank
from coley.stats.decision.distributions import Distribution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

IMAN = (
    "Iman RL, Conover WJ. A distribution-free approach to inducing rank correlation among input variables. "
    "Commun Stat Simul Comput 1982;11:311-334."
)
MCKAY = (
    "McKay MD, Beckman RJ, Conover WJ. A comparison of three methods for selecting values of input variables in "
    "the analysis of output from a computer code. Technometrics 1979;21:239-245."
)
OWEN = "Owen AB. Scrambling Sobol' and Niederreiter-Xing points. J Complexity 1998;14:466-489."
INSIDE = 2.0**-53  # keeps uniform numbers off 0 and 1, where quantiles are infinite
ROUNDING = 1e-10  # a negative eigenvalue of correlations that is not their fault


@dataclass(frozen=True, eq=False)
class Sample:
    """Draws of parameters.

    Attributes
    ----------
    names
        Of the columns: the parameter's own; for those drawn together "name.label".
    values
        Draws x parameters, (D, P).
    seed, design
        From which they can be made again.
    correlation_changed
        Largest change made to a rank correlation because those asked for exclude one another; 0 where none.
    """

    names: tuple[str, ...]
    values: Floats
    seed: int
    design: str
    correlation_changed: float

    def __getitem__(self, name: str) -> Floats:
        """Return the draws of one parameter, (D,)."""
        if name not in self.names:
            raise InvalidSetting(
                f"No parameter is named {name!r}.", remedy=f"Known: {', '.join(self.names)}."
            )
        return self.values[:, self.names.index(name)]


# Name of a design -> (number of draws, seed, name of each column) -> uniform numbers, draws x columns.
DESIGNS: Registry[Callable[[int, int, tuple[str, ...]], Floats]] = Registry("design")


@method(
    "parameter_sampling",
    title="Probabilistic sampling of parameters",
    summary="Draws every parameter from its distribution, with rank correlations by a Gaussian copula.",
    needs="a distribution for each parameter, a number of draws and a seed",
    limits="A copula gives the rank correlation asked for, and the tail dependence of a normal distribution, which "
    "is none.",
    references=(MCKAY, OWEN, IMAN),
)
def sample_parameters(
    distributions: Mapping[str, Distribution],
    draws: int,
    seed: int,
    *,
    correlation: Mapping[tuple[str, str], float] | None = None,
    design: str = "random",
    nearest: bool = False,
) -> Sample:
    """Draw all parameters.

    In the designs "random" and "latin_hypercube" each parameter has a stream of its own, from the seed and its
    name: another parameter added, or another order, changes no draw of the others.

    Parameters
    ----------
    distributions
        Of each parameter, by name.
    draws
        How many; a power of two for "sobol".
    seed
        Not negative.
    correlation
        Spearman correlations of pairs of single parameters; pairs not named are uncorrelated.
    design
        "random", "latin_hypercube" or "sobol" (scrambled).
    nearest
        Whether correlations that exclude one another are replaced by the nearest possible; else refused.

    Raises
    ------
    InvalidSetting
        For a number of draws or seed that cannot be, an unknown parameter, or correlations that cannot be.

    References
    ----------
    McKay et al 1979; Owen 1998. Latin hypercubes keep their strata under correlation, as in Iman and Conover 1982.

    Examples
    --------
    >>> from coley.stats.decision.distributions import distribution
    >>> known = {"cost": distribution("gamma", mean=100, se=20), "u": distribution("beta", mean=0.7, se=0.1)}
    >>> found = sample_parameters(known, 1000, 1, correlation={("cost", "u"): -0.5}, design="latin_hypercube")
    >>> found["cost"].mean().round(1), found["u"].mean().round(3)
    (np.float64(100.0), np.float64(0.7))
    """
    if not (isinstance(draws, Integral) and draws > 0 and isinstance(seed, Integral) and seed >= 0):
        raise InvalidSetting(
            f"Draws must be a positive number and the seed not negative: {draws!r}, {seed!r}."
        )
    draws, seed = int(draws), int(seed)
    if not distributions:
        raise InvalidSetting("There is no parameter to draw.")
    columns = {
        name: tuple(f"{name}#{i}" if d.inputs > 1 else name for i in range(d.inputs))
        for name, d in distributions.items()
    }
    flat = tuple(column for own in columns.values() for column in own)
    u = np.clip(DESIGNS[design](draws, seed, flat), INSIDE, 1 - INSIDE)
    changed = 0.0
    if correlation:
        names = _correlated(correlation, distributions)
        at = [flat.index(name) for name in names]
        u[:, at], changed = _copula(u[:, at], names, correlation, nearest, strata=design == "latin_hypercube")
    position = {column: i for i, column in enumerate(flat)}
    outputs, labels = [], []
    for name, d in distributions.items():
        outputs.append(d.draw(u[:, [position[column] for column in columns[name]]]))
        labels += [f"{name}.{label}" for label in d.labels] or [name]
    return Sample(tuple(labels), np.hstack(outputs), seed, design, changed)


def _random(draws: int, seed: int, names: tuple[str, ...]) -> Floats:
    return np.column_stack([_stream(seed, name).random(draws) for name in names])


def _latin_hypercube(draws: int, seed: int, names: tuple[str, ...]) -> Floats:
    streams = [_stream(seed, name) for name in names]
    return np.column_stack([(rng.permutation(draws) + rng.random(draws)) / draws for rng in streams])


def _sobol(draws: int, seed: int, names: tuple[str, ...]) -> Floats:
    from scipy.stats.qmc import Sobol

    if draws & (draws - 1):
        below = 2 ** (draws.bit_length() - 1)
        raise InvalidSetting(
            f"Sobol points are balanced at powers of two, not at {draws} draws.",
            remedy=f"Take {below} or {2 * below}.",
        )
    points = Sobol(len(names), scramble=True, rng=np.random.default_rng(seed))
    return np.asarray(points.random_base2(draws.bit_length() - 1))


DESIGNS.add("random", _random)
DESIGNS.add("latin_hypercube", _latin_hypercube)
DESIGNS.add("sobol", _sobol)


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])


def _correlated(
    correlation: Mapping[tuple[str, str], float], distributions: Mapping[str, Distribution]
) -> list[str]:
    names = sorted({name for pair in correlation for name in pair})
    for pair, value in correlation.items():
        unknown = [name for name in pair if name not in distributions]
        if unknown:
            raise InvalidSetting(f"No parameter is named {unknown[0]!r}.", where="correlation")
        if pair[0] == pair[1] or not -1 <= value <= 1 or (pair[1], pair[0]) in correlation:
            raise InvalidSetting(
                f"A correlation of {value!r} between {pair[0]!r} and {pair[1]!r} cannot be meant.",
                cause="outside -1 to 1, of a parameter with itself, or the same pair given twice",
            )
    several = [name for name in names if len(distributions[name].mean) > 1]
    if several:
        raise InvalidSetting(
            f"{several[0]!r} is drawn jointly; only single parameters can be correlated by rank.",
            remedy="Put the correlation into its own covariance.",
        )
    return names


def _copula(
    u: Floats,
    names: list[str],
    correlation: Mapping[tuple[str, str], float],
    nearest: bool,
    *,
    strata: bool,
) -> tuple[Floats, float]:
    """Return uniform numbers with the rank correlations asked for, and the largest change made to these."""
    from scipy.special import ndtr, ndtri

    ranks = np.eye(len(names))
    for (a, b), value in correlation.items():
        i, j = names.index(a), names.index(b)
        ranks[i, j] = ranks[j, i] = value
    wanted = normal_from_rank(ranks)
    np.fill_diagonal(wanted, 1.0)
    values, vectors = np.linalg.eigh(wanted)
    changed = 0.0
    if values[0] < -ROUNDING:
        if not nearest:
            raise InvalidSetting(
                "These correlations exclude one another.",
                where=f"{', '.join(names)}: smallest eigenvalue {values[0]:.3g}",
                remedy="Correct them, or ask for the nearest possible ones.",
            )
        possible = nearest_correlation(wanted)
        changed = float(np.abs(6 / np.pi * np.arcsin(possible / 2) - ranks).max())
        values, vectors = np.linalg.eigh(possible)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    mixed = ndtr(ndtri(u) @ root)
    if strata:
        # Each column keeps its own strata, in the order of the mixed scores.
        order = mixed.argsort(axis=0, kind="stable")
        kept = np.empty_like(u)
        np.put_along_axis(kept, order, np.sort(u, axis=0), axis=0)
        mixed = kept
    return np.clip(mixed, INSIDE, 1 - INSIDE), changed
