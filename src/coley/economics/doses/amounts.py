"""What is prescribed and what it is sold in: a dose in mg, mg/kg or mg/m2; a vial of mg and mL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

NUMBER = r"(\d[\d,]*(?:\.\d+)?|\.\d+)"


def _positive(value: float, name: str, unit: str) -> float:
    (number,) = draws_of(value, name, unit=unit)
    if number <= 0:
        raise InvalidSetting(f"{name} must be more than 0 {unit}, not {value!r}.")
    return float(number)


@dataclass(frozen=True, slots=True)
class Vial:
    """A container as sold: the mg of drug in it and, where known, its mL.

    Tablets are containers too: `Vial(mg=150)`.

    Examples
    --------
    >>> Vial(mg=100, ml=4).mg_per_ml
    25.0
    """

    mg: float
    ml: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mg", _positive(self.mg, "The content of a vial", "mg"))
        if self.ml is not None:
            object.__setattr__(self, "ml", _positive(self.ml, "The volume of a vial", "mL"))

    @property
    def mg_per_ml(self) -> float:
        """Strength in mg per mL.

        Raises
        ------
        InvalidSetting
            Where the volume is not known.
        """
        if self.ml is None:
            raise InvalidSetting(
                f"The volume of the vial of {self.mg:g} mg is not known.",
                remedy='Write it as on the label, as "100 mg/4 mL".',
            )
        return self.mg / self.ml

    def __str__(self) -> str:
        return f"{self.mg:g} mg" if self.ml is None else f"{self.mg:g} mg/{self.ml:g} mL"


@dataclass(frozen=True, slots=True)
class Flat:
    """The same dose for everybody, in mg."""

    mg: float
    unit = "mg"
    body_unit = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mg", _positive(self.mg, "A flat dose", "mg"))

    @property
    def rate(self) -> float:
        """The number beside the unit."""
        return self.mg

    @property
    def cap_mg(self) -> float:
        """The largest dose, in mg."""
        return self.mg

    def calculated_mg(self, body: ArrayLike = 0.0) -> Floats:
        """Return the calculated dose of each patient in mg; `body` gives the number of patients alone."""
        return np.full(np.shape(body), self.mg)

    def __str__(self) -> str:
        return f"{self.mg:g} mg"


@dataclass(frozen=True, slots=True)
class PerKg:
    """A dose by body weight in mg/kg, up to a cap in mg where there is one.

    Examples
    --------
    >>> PerKg(3, cap_mg=240).calculated_mg([73, 90])
    array([219., 240.])
    """

    mg_per_kg: float
    cap_mg: float = np.inf
    unit = "mg/kg"
    body_unit = "kg"

    def __post_init__(self) -> None:
        object.__setattr__(self, "mg_per_kg", _positive(self.mg_per_kg, "A dose by weight", "mg/kg"))
        _cap(self.cap_mg)

    @property
    def rate(self) -> float:
        """The number beside the unit."""
        return self.mg_per_kg

    def calculated_mg(self, body: ArrayLike) -> Floats:
        """Return the calculated dose in mg of patients with these weights in kg."""
        return np.minimum(self.mg_per_kg * np.asarray(body, dtype=np.float64), self.cap_mg)

    def __str__(self) -> str:
        return f"{self.mg_per_kg:g} mg/kg" + ("" if np.isinf(self.cap_mg) else f" up to {self.cap_mg:g} mg")


@dataclass(frozen=True, slots=True)
class PerM2:
    """A dose by body surface in mg/m2, up to a cap in mg where there is one."""

    mg_per_m2: float
    cap_mg: float = np.inf
    unit = "mg/m2"
    body_unit = "m2"

    def __post_init__(self) -> None:
        object.__setattr__(self, "mg_per_m2", _positive(self.mg_per_m2, "A dose by body surface", "mg/m2"))
        _cap(self.cap_mg)

    @property
    def rate(self) -> float:
        """The number beside the unit."""
        return self.mg_per_m2

    def calculated_mg(self, body: ArrayLike) -> Floats:
        """Return the calculated dose in mg of patients with these body surfaces in m2."""
        return np.minimum(self.mg_per_m2 * np.asarray(body, dtype=np.float64), self.cap_mg)

    def __str__(self) -> str:
        return f"{self.mg_per_m2:g} mg/m2" + ("" if np.isinf(self.cap_mg) else f" up to {self.cap_mg:g} mg")


Dose = Flat | PerKg | PerM2

DOSE_UNITS: dict[str, type[PerKg] | type[PerM2]] = {"mg/kg": PerKg, "mg/m2": PerM2}


def _cap(cap_mg: float) -> None:
    if not cap_mg > 0:
        raise InvalidSetting(f"The cap of a dose must be more than 0 mg, not {cap_mg!r}.")


def number_in(text: str) -> float:
    """Return the number that a text writes, with or without commas between thousands."""
    return float(text.replace(",", ""))


def read_dose(text: str) -> Dose:
    """Read a dose from words: "240 mg", "3 mg/kg", "3 mg/kg up to 240 mg", "175 mg/m2".

    Raises
    ------
    InvalidSetting
        Where the unit is missing or is none of mg, mg/kg and mg/m2.

    Examples
    --------
    >>> read_dose("2 mg/kg up to 200 mg")
    PerKg(mg_per_kg=2.0, cap_mg=200.0)
    """
    words = text.strip().lower().replace("²", "2").replace("m^2", "m2")
    match = re.fullmatch(rf"{NUMBER}\s*(mg(?:\s*/\s*(?:kg|m2))?)(?:\s+up to\s+{NUMBER}\s*mg)?", words)
    if match is None:
        raise InvalidSetting(
            f"The dose {text!r} cannot be read.",
            cause="A dose is a number with its unit: mg, mg/kg or mg/m2.",
            remedy='Write it as "240 mg", "3 mg/kg", "3 mg/kg up to 240 mg" or "175 mg/m2".',
        )
    value, unit, cap = number_in(match[1]), match[2].replace(" ", ""), match[3]
    if unit == "mg":
        if cap is not None:
            raise InvalidSetting(f"The flat dose {text!r} cannot have a cap.", remedy="Write mg/kg or mg/m2.")
        return Flat(value)
    return DOSE_UNITS[unit](value, np.inf if cap is None else number_in(cap))


def read_vial(text: str) -> Vial:
    """Read a vial as labels write it: "100 mg/4 mL", "100 mg".

    Raises
    ------
    InvalidSetting
        Where it cannot be read.

    Examples
    --------
    >>> read_vial("1,200 mg/20 mL")
    Vial(mg=1200.0, ml=20.0)
    """
    words = text.strip().lower().removesuffix("vial").removesuffix("tablet").strip()
    match = re.fullmatch(rf"{NUMBER}\s*(m?g)(?:\s*/\s*{NUMBER}\s*ml)?", words)
    if match is None:
        raise InvalidSetting(
            f"The vial {text!r} cannot be read.",
            cause="A vial is its mg with, where known, its mL.",
            remedy='Write it as on the label, as "100 mg/4 mL".',
        )
    mg = number_in(match[1]) * (1000 if match[2] == "g" else 1)
    return Vial(mg, None if match[3] is None else number_in(match[3]))
