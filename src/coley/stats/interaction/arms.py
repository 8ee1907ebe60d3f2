"""Two arms and a marker, examined: one finite marker value a patient, two groups, covariates with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MARKER, TREATED, PRODUCT = "marker", "treated", "treated x marker"
# The middle nine tenths of patients: what is said of a continuous marker is said of values that many have.
INSIDE = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Arms:
    """Examined rows.

    Attributes
    ----------
    treated
        True in the arm whose effect is asked about.
    marker
        One value a patient.
    classes
        Whether the marker is two classes, 0 and 1.
    covariates
        Patients x covariates, perhaps none.
    names
        Of the covariates.
    """

    treated: Bools
    marker: Floats
    classes: bool
    covariates: Floats
    names: tuple[str, ...]

    @property
    def unit(self) -> float:
        """The step of the marker that a ratio is given for: between the classes, else one standard deviation."""
        return 1.0 if self.classes else float(self.marker.std(ddof=1))

    @property
    def inside(self) -> tuple[float, float]:
        """The values between which the marker is spoken about: both classes, or the middle nine tenths."""
        low, high = (0.0, 1.0) if self.classes else np.quantile(self.marker, INSIDE).tolist()
        return low, high

    def columns(self, *, product: bool = True, main: bool = True) -> tuple[Floats, tuple[str, ...]]:
        """Return the design: treatment, marker (centred), their product and the covariates, with names."""
        z = self.marker - self.marker.mean()
        parts = {MARKER: z}
        if main:
            parts = {TREATED: self.treated.astype(float), **parts}
        if product:
            parts[PRODUCT] = self.treated * z
        return np.column_stack([*parts.values(), self.covariates]), (*parts, *self.names)


def arms(
    n: int,
    treated: ArrayLike,
    marker: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Arms:
    """Examine two arms of `n` patients with a marker.

    Raises
    ------
    UnreadableInput
        Where lengths differ, a value is missing, or `treated` holds anything but 0 and 1.
    NotEstimable
        Where an arm is empty or the marker is the same for everybody.

    Examples
    --------
    >>> arms(4, [0, 1, 0, 1], [0.5, 1.0, 2.0, 3.0]).treated
    array([False,  True, False,  True])
    """
    given = np.asarray(treated)
    values = np.asarray(marker, dtype=float)
    if given.shape != (n,) or given.dtype.kind not in "biuf" or not np.isin(given, (0, 1)).all():
        raise UnreadableInput(
            "'treated' needs 0 or 1 (or False or True) for each patient.",
            where=f"shape {given.shape} for {n} patients, values {list(dict.fromkeys(given.ravel().tolist()))[:5]}",
            remedy="Compare the arm with its name: arm == 'atezolizumab'.",
        )
    if values.shape != (n,) or not np.isfinite(values).all():
        raise UnreadableInput(
            "'marker' needs one finite number for each patient.",
            where=f"shape {values.shape} for {n} patients; unusable at rows "
            f"{np.flatnonzero(~np.isfinite(np.ravel(values)))[:5].tolist()}",
            remedy="Leave out patients without the assay, and say how many.",
        )
    arm = given.astype(bool)
    if arm.all() or not arm.any():
        raise NotEstimable(
            "An interaction compares two arms, and one of them has no patient.",
            where=f"{int(arm.sum())} treated, {int((~arm).sum())} others",
            remedy="Without a control arm, prognostic and predictive cannot be told apart.",
        )
    if np.ptp(values) == 0:
        raise NotEstimable("The marker is the same for everybody: nothing can interact with it.")
    matrix = np.empty((n, 0)) if covariates is None else np.asarray(covariates, dtype=float)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or len(matrix) != n or not np.isfinite(matrix).all():
        raise UnreadableInput(
            "Covariates need one finite value a column for each patient.",
            where=f"shape {matrix.shape} for {n} patients",
            remedy="Leave those patients out, or impute and say so.",
        )
    labels = (
        tuple(names) if names is not None else tuple(f"covariate {j + 1}" for j in range(matrix.shape[1]))
    )
    if len(labels) != matrix.shape[1] or {MARKER, TREATED, PRODUCT} & set(labels):
        raise InvalidSetting(f"{matrix.shape[1]} covariates cannot carry the names {labels}.")
    return Arms(arm, values, bool(np.isin(values, (0, 1)).all()), matrix, labels)
