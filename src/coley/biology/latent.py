"""The five latent factors of response: which column or signature stands for each, and which a study has."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.answer import Check

if TYPE_CHECKING:
    from collections.abc import Container

    from coley.model.study import Study

USSET = "Usset J et al. Five latent factors underlie response to immunotherapy. Nat Genet 2024;56:2112-2120."


@dataclass(frozen=True, slots=True)
class StandIn:
    """What can stand for a factor: a column of `patients`, a table, or a signature of the registry."""

    kind: str
    name: str
    direction: int
    claim: str
    source: str

    def __str__(self) -> str:
        where = {"column": "patients.", "table": "table ", "signature": "signature "}
        return f"{where[self.kind]}{self.name}"


@dataclass(frozen=True, slots=True)
class Factor:
    """A latent factor and its stand-ins, the preferred one first."""

    name: str
    label: str
    stand_ins: tuple[StandIn, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """The default panel of a study.

    Attributes
    ----------
    chosen
        Factor to its stand-in in this study.
    missing
        Factors that nothing stands for here.
    checks
        What stands for what, and what would have to be supplied.
    """

    chosen: tuple[tuple[Factor, StandIn], ...]
    missing: tuple[Factor, ...]
    checks: tuple[Check, ...]


@cache
def factors() -> tuple[Factor, ...]:
    """Return the five factors.

    Examples
    --------
    >>> [factor.name for factor in factors()]
    ['tmb', 't_cell', 'tgfb', 'prior_treatment', 'proliferation']
    """
    text = files("coley.biology").joinpath("resources", "latent_factors.csv").read_text(encoding="utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: int(row["rank"]))
    order = list(dict.fromkeys(row["factor"] for row in csv.DictReader(text.splitlines())))
    return tuple(
        Factor(
            name,
            next(row["label"] for row in rows if row["factor"] == name),
            tuple(
                StandIn(row["stands_in"], row["name"], int(row["direction"]), row["claim"], row["source"])
                for row in rows
                if row["factor"] == name
            ),
        )
        for name in order
    )


def panel(study: Study, signatures: Container[str] = ()) -> Panel:
    """Return what stands for each of the five factors in a study.

    Parameters
    ----------
    study
        The study; a column counts where it holds a value, a table where it has rows.
    signatures
        Names of signatures that were, or can be, scored on the expression of this study.

    References
    ----------
    Usset 2024 (tumours of 479 patients; six further cohorts of 1,491).

    Examples
    --------
    >>> import polars as pl
    >>> from coley.model.study import Study
    >>> patients = pl.DataFrame({"patient_id": ["a"], "tmb_per_mb": [3.0], "prior_lines": [2]})
    >>> found = panel(Study("tiny", {"patients": patients}), {"CYT_geomean"})
    >>> [(factor.name, str(by)) for factor, by in found.chosen]
    [('tmb', 'patients.tmb_per_mb'), ('t_cell', 'signature CYT_geomean'), ('prior_treatment', 'patients.prior_lines')]
    >>> [factor.name for factor in found.missing]
    ['tgfb', 'proliferation']
    """
    chosen: list[tuple[Factor, StandIn]] = []
    missing: list[Factor] = []
    checks: list[Check] = []
    for factor in factors():
        there = next((by for by in factor.stand_ins if _has(study, by, signatures)), None)
        if there is None:
            missing.append(factor)
            options = ", or ".join(str(by) for by in factor.stand_ins)
            message = f"Nothing in this study stands for: {factor.label.lower()}."
            checks.append(Check(f"latent_{factor.name}", "warn", message, remedy=f"Supply {options}."))
            continue
        chosen.append((factor, there))
        checks.append(Check(f"latent_{factor.name}", "pass", f"{factor.label}: {there}."))
    return Panel(tuple(chosen), tuple(missing), tuple(checks))


def _has(study: Study, by: StandIn, signatures: Container[str]) -> bool:
    if by.kind == "signature":
        return by.name in signatures
    if by.kind == "table":
        frame = study.tables.get(by.name)
        return frame is not None and frame.height > 0
    return study.has("patients", by.name)
