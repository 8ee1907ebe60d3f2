"""Oracles of the parametric families, and follow-up to fit them to; see oracles/make_*."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from coley.stats.parametric.cure import mixture_cure, non_mixture_cure
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.piecewise import piecewise_exponential
from coley.stats.parametric.spline import royston_parmar

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "oracles"


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], pl.DataFrame]:
    """Read a table of oracle values by name; the first line of each file says what made it."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#", infer_schema_length=None)

    return read


@pytest.fixture(scope="session")
def follow_up(oracle):
    """The made-up follow-up of the oracles: a function of the columns that the likelihood is to use."""
    table = oracle("follow_up")

    def make(*columns: str):
        names = {"weights": "weight", "background_between": "between"}
        given = {c: table[names.get(c, c)].cast(float).fill_null(np.nan).to_numpy() for c in columns}
        return survival_data(table["time"].to_numpy(), table["event"].to_numpy(), **given)

    make.x = table["x"].cast(float).to_numpy()
    return make


# A family of each kind with ordinary natural parameters (two rows: draws), times in months.
PLACES = {
    "exponential": (FAMILIES["exponential"], [[0.05], [0.2]]),
    "weibull": (FAMILIES["weibull"], [[0.7, 12.0], [1.8, 20.0]]),
    "weibull_ph": (FAMILIES["weibull_ph"], [[0.7, 0.1], [1.8, 0.01]]),
    "gompertz": (FAMILIES["gompertz"], [[0.03, 0.02], [1e-12, 0.05]]),
    "gamma": (FAMILIES["gamma"], [[0.6, 0.05], [3.0, 0.2]]),
    "log_normal": (FAMILIES["log_normal"], [[2.5, 1.2], [3.0, 0.5]]),
    "log_logistic": (FAMILIES["log_logistic"], [[1.4, 9.0], [3.0, 20.0]]),
    "generalised_gamma": (FAMILIES["generalised_gamma"], [[2.4, 0.9, 0.6], [2.0, 0.4, -0.7]]),
    "generalised_f": (FAMILIES["generalised_f"], [[2.4, 0.4, 0.6, 0.5], [2.0, 0.3, -0.7, 0.2]]),
    "spline_hazard": (royston_parmar([0.0, 2.0, 3.5]), [[-3.0, 1.1, 0.05], [-2.5, 0.9, -0.01]]),
    "spline_odds": (royston_parmar([0.0, 1.5, 2.5, 3.5], scale="odds"), [[-3.0, 1.8, 0.1, -0.1]] * 2),
    "spline_normal": (royston_parmar([0.0, 2.0, 3.5], scale="normal"), [[-2.0, 0.9, 0.02], [-2.0, 0.9, 0.0]]),
    "piecewise": (piecewise_exponential([6.0, 18.0]), [[0.1, 0.05, 0.02], [0.02, 0.2, 0.1]]),
}
CURED = {
    f"{name}_{kind.__name__}": (
        kind(family),
        [[share, *row] for share, row in zip((0.4, 0.1), rows, strict=True)],
    )
    for name, (family, rows) in PLACES.items()
    for kind in (mixture_cure, non_mixture_cure)
    if name in ("weibull", "generalised_gamma", "spline_hazard", "piecewise")
}


@pytest.fixture(params=[*PLACES, *CURED])
def place(request):
    """A family and two rows of its parameters."""
    return (PLACES | CURED)[request.param]


@pytest.fixture(params=PLACES)
def proper_place(request):
    """The same, without cure."""
    return PLACES[request.param]
