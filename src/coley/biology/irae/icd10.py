"""ICD-10 codes to organ classes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from coley.biology.irae.terms import resource

if TYPE_CHECKING:
    from collections.abc import Mapping


def organ_class_of_icd10(code: str) -> str | None:
    """Return the organ class of an ICD-10 code, or None if it is no code of the list.

    The longest code of the list that the given one begins with decides, so that subdivisions that the list
    does not spell out belong where their parent does.

    Parameters
    ----------
    code
        With or without its dot, in any case.

    References
    ----------
    Brown VT et al. Cancer Invest 2021, as used by Heyward JS et al. Pharmacoepidemiol Drug Saf 2025;34:e70100.
    The list is made for patients on checkpoint inhibitors and sensitive rather than specific: it holds E11
    (type 2 diabetes) and J18.9 (pneumonia).

    Examples
    --------
    >>> organ_class_of_icd10("K52.3"), organ_class_of_icd10("i409"), organ_class_of_icd10("C43.9")
    ('gastrointestinal', 'cardiovascular', None)
    """
    key = code.strip().upper().replace(".", "")
    codes = _codes()
    return next((codes[key[:n]] for n in range(len(key), 2, -1) if key[:n] in codes), None)


@cache
def _codes() -> Mapping[str, str]:
    return {row["code"].replace(".", ""): row["organ_class"] for row in resource("icd10.csv")}
