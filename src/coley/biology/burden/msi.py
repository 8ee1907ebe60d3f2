"""Microsatellite instability: its many spellings, and the MSIsensor score."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.burden.somatic import EXCERPT
from coley.model.answer import Check
from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike

# Middha 2017 JCO Precis Oncol, PMID 30211344: 99.4 % concordant with PCR and immunohistochemistry on MSK-IMPACT.
MSISENSOR_HIGH = 10.0
FEW = 10  # unstable tumours below which no estimate about them is worth printing


@dataclass(frozen=True, slots=True)
class Instability:
    """Status of each tumour (true: MSI-H or dMMR; None: not told), and what was found on the way."""

    status: tuple[bool | None, ...]
    checks: tuple[Check, ...]


@cache
def msi_words() -> Mapping[str, bool | None]:
    """Return the table of words, letters and digits only, to the status.

    Examples
    --------
    >>> msi_words()["dmmr"], msi_words()["indeterminate"]
    (True, None)
    """
    text = files("coley.biology.burden").joinpath("resources", "msi_words.csv").read_text(encoding="utf-8")
    status = {"yes": True, "no": False, "": None}
    return {row["word"]: status[row["unstable"]] for row in csv.DictReader(text.splitlines())}


def msi_status(values: Iterable[object]) -> Instability:
    """Read microsatellite status as it is written.

    MSI-low stands with stable, indeterminate with missing.

    Raises
    ------
    UnreadableInput
        For a word that is not in the table.

    Examples
    --------
    >>> msi_status(["MSI-H", "MSS", "pMMR", "Indeterminate", None]).status
    (True, False, False, None, None)
    """
    table = msi_words()
    texts = [None if value is None else str(value).strip() for value in values]
    keys = [None if not text else "".join(c for c in text.lower() if c.isalnum()) for text in texts]
    strange = sorted(
        {text for text, key in zip(texts, keys, strict=True) if key and key not in table and text}
    )
    if strange:
        raise UnreadableInput(
            "Microsatellite status is written in words that are not known.",
            where=", ".join(strange[:EXCERPT]),
            remedy="Write MSI-H or dMMR, MSS or pMMR; a score belongs to `msi_from_score`.",
        )
    return _counted(tuple(None if key is None else table[key] for key in keys))


def msi_from_score(score: ArrayLike, *, cut: float = MSISENSOR_HIGH) -> Instability:
    """Read microsatellite status from the MSIsensor score (percent of unstable sites).

    Parameters
    ----------
    score
        MSIsensor scores, 0 to 100; NaN where not assayed. Scores of other programs need their own cut.
    cut
        Score from which a tumour is MSI-H.

    Raises
    ------
    UnreadableInput
        For scores outside 0 to 100.

    Examples
    --------
    >>> msi_from_score([0.2, 34.0, float("nan")]).status
    (False, True, None)
    """
    values = np.asarray(score, dtype=float)
    bad = (values < 0) | (values > 100)
    if bad.any():
        raise UnreadableInput(
            "MSIsensor scores are percentages, 0 to 100.", where=str(values[bad][:3].tolist())
        )
    return _counted(tuple(None if np.isnan(x) else bool(x >= cut) for x in values))


def _counted(status: tuple[bool | None, ...]) -> Instability:
    unstable, known = sum(s is True for s in status), sum(s is not None for s in status)
    message = f"{unstable} of {known} tumours with a status are microsatellite unstable."
    if not known or unstable >= FEW:
        return Instability(status, (Check("msi_count", "pass", message),))
    return Instability(
        status,
        (Check("msi_count", "warn", message, remedy="Too few to estimate anything about them alone."),),
    )
