"""Words for a curve as a paper prints it: a family, its parameters, and how these vary together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, FiniteFloat, model_validator

from coley.economics.model_file.part import Part
from coley.economics.model_file.quantity import Quantity
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


Matrix = dict[str, dict[str, FiniteFloat]]
SAME = 1e-6  # of a number that a paper prints above and below the diagonal


class Published(Part):
    """A curve as a paper prints it: a family and its parameters."""

    family: str = Field(
        description="log_normal, weibull, weibull_ph, gompertz, gamma, log_logistic, exponential ..."
    )
    parameters: dict[str, Quantity] = Field(
        description="Natural parameters by name, in the unit of time given."
    )
    time_unit: Literal["days", "weeks", "months", "years"] = Field(
        description="In which the parameters are given."
    )
    covariance: Matrix = Field(
        {},
        description="Of the parameters, by name of row and column; one triangle with the diagonal is enough. It "
        "stands in place of their own limits.",
    )
    correlation: Matrix = Field(
        {},
        description="Of the parameters, by name of row and column, beside limits or a standard error of each; one "
        "triangle is enough.",
    )
    scale: Literal["estimation", "natural"] = Field(
        "estimation",
        description="On which the covariance is: that of the fit, where positive parameters are logarithms (flexsurv's "
        "vcov), or that of the parameters as they are written here.",
    )
    source: str = Field("", description="Paper and table.")

    @model_validator(mode="after")
    def _joint(self) -> Self:
        if self.covariance and self.correlation:
            raise ValueError(
                "give a covariance, or a correlation beside standard errors; the one holds the other"
            )
        word = "covariance" if self.covariance else "correlation"
        matrix = self.covariance or self.correlation
        if matrix:
            self._named(word, matrix)
            self._whole(word, matrix)
            smallest = float(np.linalg.eigvalsh(self.correlations()).min())
            if smallest <= 0:
                raise ValueError(
                    f"the {word} gives a combination of {', '.join(self.parameters)} no positive variance (smallest "
                    f"eigenvalue of the correlations {smallest:.3g}): a number is mistyped, or standard errors stand "
                    "where variances are due"
                )
        return self

    def _whole(self, word: str, matrix: Matrix) -> None:
        names = list(self.parameters)
        bounded = [name for name in names if self.parameters[name].uncertain]
        if word == "correlation":
            fixed = [name for name in names if name not in bounded]
            if fixed:
                raise ValueError(
                    f"a correlation needs limits or a standard error of each parameter; {fixed[0]} has none"
                )
        else:
            if bounded:
                raise ValueError(
                    f"{bounded[0]} has limits of its own and a variance in the covariance: leave one of them out"
                )
            lacking = [name for name in names if self._entry(matrix, name, name) is None]
            if lacking:
                raise ValueError(f"the covariance has no variance of {lacking[0]}")
            if min(matrix[name][name] for name in names) <= 0:
                raise ValueError("a variance must be above zero; what is known exactly stays out of it")
        for i, row in enumerate(names):
            for column in names[:i]:
                if self._entry(matrix, row, column) is None:
                    raise ValueError(
                        f"the {word} says nothing of {row} with {column}: write 0 where it is none"
                    )

    def _named(self, word: str, matrix: Matrix) -> None:
        for row, columns in matrix.items():
            for name in (row, *columns):
                if name not in self.parameters:
                    raise ValueError(
                        f"the {word} names {name!r}; the parameters are {', '.join(self.parameters)}"
                    )
            for column, value in columns.items():
                other = matrix.get(column, {}).get(row, value)
                if abs(other - value) > SAME * max(abs(other), abs(value)):
                    raise ValueError(
                        f"the {word} is not symmetric: {row} with {column} is {value:g}, {column} with {row} {other:g}"
                    )
                if word == "correlation" and (not -1 <= value <= 1 or (row == column and value != 1)):
                    raise ValueError(f"a correlation of {row} with {column} cannot be {value:g}")

    @staticmethod
    def _entry(matrix: Matrix, row: str, column: str) -> float | None:
        return matrix.get(row, {}).get(column, matrix.get(column, {}).get(row))

    @property
    def joint(self) -> bool:
        """Whether it says how its parameters vary together."""
        return bool(self.covariance or self.correlation)

    @property
    def unrelated(self) -> bool:
        """Whether several of its parameters are uncertain, and nothing says how they vary together."""
        return not self.joint and sum(number.uncertain for number in self.parameters.values()) > 1

    def correlations(self) -> NDArray[np.float64]:
        """Return the correlations of the parameters on the scale of the fit, (P, P), in the order as written."""
        names, matrix = list(self.parameters), self.covariance or self.correlation
        values = np.array([[self._entry(matrix, row, column) or 0.0 for column in names] for row in names])
        if not self.covariance:
            np.fill_diagonal(values, 1.0)
        sizes = np.sqrt(np.diag(values))
        return np.asarray(values / np.outer(sizes, sizes))

    def resolved(self) -> Published:
        """Return it with the limits that a covariance gives each parameter, and its source as theirs."""
        made = {
            name: number.model_copy(update={"source": number.source or self.source})
            for name, number in self.parameters.items()
        }
        if self.covariance:
            made = {name: self._limited(name, number) for name, number in made.items()}
        return self.model_copy(update={"parameters": made, "covariance": {}, "correlation": {}})

    def _limited(self, name: str, number: Quantity) -> Quantity:
        from coley.stats.parametric.families import FAMILIES

        links = {p.name: p.link.name for p in FAMILIES[self.family].parameters}
        half = z_of(0.95) * float(np.sqrt(self.covariance[name][name]))
        logs = self.scale == "estimation" and links.get(name) == "log"
        ends = number.value * np.exp([-half, half]) if logs else number.value + np.array([-half, half])
        return number.model_copy(
            update={
                "low": float(ends[0]),
                "high": float(ends[1]),
                "distribution": "lognormal" if logs else "normal",
            }
        )
