"""What predictions may be associated with in the truth: response, survival, covariates; and how strongly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.read.doctor.mirrors import candidates
from coley.read.linter.case import LABEL
from coley.read.linter.facts import limit
from coley.read.linter.ranks import centred, centred_ranks, log10_f_tail, log10_two_sided, null_residuals

if TYPE_CHECKING:
    import numpy.typing as npt

    from coley.read.linter.case import Case
    from coley.read.linter.orders import Arrangement

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]


TREND = 3  # largest degree of the polynomial that is taken for a trend along the rows
SMALLEST = 1e-6  # of a singular value: columns below it repeat the others


@dataclass(frozen=True, eq=False)
class Evidence:
    """Columns of the truth for some patients, ready to be compared with values in any arrangement.

    Attributes
    ----------
    names, outcomes
        Names of the outcomes, and one centred column of unit length for each.
    covariates
        Orthonormal columns that span the ranks of the covariates.
    """

    names: tuple[str, ...]
    outcomes: Floats
    covariates: Floats

    @property
    def sources(self) -> tuple[str, ...]:
        """What an association may be with: one test each."""
        return (*self.names, *(["the covariates"] if self.covariates.shape[1] else []))

    def by_key(self, values: Floats) -> Floats:
        """Return log10 of the p of the association with each source."""
        return self._strength(centred_ranks(values))

    def arranged(self, values: Floats, way: Arrangement) -> Floats:
        """Return the same for another arrangement of the values, less their trend along the order they come from.

        A file may be sorted by score, and a study by outcome: joined by position the two would agree perfectly.
        """
        n, ranks = len(values), centred_ranks(values)
        degree = min(TREND, int(n / limit("aligned.patients_per_bend")))
        trend = np.polynomial.legendre.legvander(np.linspace(-1, 1, n)[way.place], degree)
        basis, _ = np.linalg.qr(trend)
        rest = ranks - basis @ (basis.T @ ranks)
        moved = np.zeros(n)
        if float(rest @ rest) > 1 - limit("rank.trend") ** 2:
            moved[way.owner] = rest / np.sqrt(rest @ rest)
        return self._strength(moved)

    def _strength(self, ranks: Floats) -> Floats:
        n, inputs = len(ranks), self.covariates.shape[1]
        found = [log10_two_sided(float(z)) for z in ranks @ self.outcomes * np.sqrt(n - 1)]
        if inputs:
            found.append(log10_f_tail(float(np.sum((ranks @ self.covariates) ** 2)), inputs, n))
        return np.array(found)


def evidence_of(case: Case, at: Indices) -> Evidence:
    """Return the evidence about the patients at these positions of the truth."""
    n = len(at)
    outcomes = {"response": case.label[at]}
    for endpoint in ("os", "pfs"):
        follow_up = case.time(endpoint)
        if follow_up is not None:
            outcomes[endpoint.upper()] = null_residuals(follow_up[0][at], follow_up[1][at])
    made = {name: centred(values) for name, values in outcomes.items()}
    made = {name: values for name, values in made.items() if values.any()}
    columns = [centred_ranks(values[at]) for values in covariates(case).values()]
    columns = [column for column in columns if column.any()][
        : int(n / limit("aligned.patients_per_covariate"))
    ]
    spanned = np.zeros((n, 0))
    if columns:
        basis, sizes, _ = np.linalg.svd(np.column_stack(columns), full_matrices=False)
        spanned = basis[:, sizes > SMALLEST]
    stacked = np.column_stack(list(made.values())) if made else np.zeros((n, 0))
    return Evidence(tuple(made), stacked, spanned)


def covariates(case: Case) -> dict[str, Floats]:
    """Return the baseline numbers and flags of the truth, the most complete first; numbers of rows are left out."""
    import polars as pl

    names = [name for name in candidates(case.patients) if name != LABEL]
    frame = case.patients.select(pl.col(names).cast(pl.Float64, strict=False).fill_null(np.nan))
    held = {name: frame[name].set(frame[name].is_infinite(), np.nan).to_numpy() for name in names}
    return {
        name: held[name]
        for name in sorted(names, key=lambda name: -int(np.isfinite(held[name]).sum()))
        if not counts_rows(held[name])
    }


def counts_rows(values: Floats) -> bool:
    """Say whether a column counts the rows."""
    steps = np.diff(values)
    return len(steps) > 0 and float(np.mean(steps == 1)) > limit("rank.counting")
