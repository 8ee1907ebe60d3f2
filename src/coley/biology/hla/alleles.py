"""HLA alleles: their many spellings brought to locus, group and protein."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

CLASS_ONE = ("A", "B", "C")
# Locus, then fields of digits with or without marks between them, then perhaps the suffix of an allele
# that is not expressed as usual (N null, L low, S secreted, C cytoplasm, A aberrant, Q questionable).
_LOCUS = re.compile(r"^(?:HLA)?[\W_]*(A|B|C|E|F|G|DRA|DRB\d|DQA\d|DQB\d|DPA\d|DPB\d)[\W_]*(?=\d|$)(.*)$")
_MARKED = re.compile(r"^\d{1,3}(?:[:_\-. ]\d{1,3}){0,3}$")


@dataclass(frozen=True, slots=True, order=True)
class Allele:
    """An HLA allele at up to two fields.

    Attributes
    ----------
    locus
        "A", "B", "C", "DRB1" ...
    group
        First field: the allele group ("02").
    protein
        Second field: the protein ("01"); empty where typed at low resolution.
    suffix
        "N" for an allele that makes no protein, and the like; empty for most.
    """

    locus: str
    group: str
    protein: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.locus}*{self.group}{':' + self.protein if self.protein else ''}{self.suffix}"


@lru_cache(maxsize=4096)  # a cohort has a few hundred different texts
def parse_allele(text: str | None) -> Allele | None:
    """Return the allele that a text names, or None where it names none or more than one.

    Further fields (silent and non-coding differences) are dropped: they make the same protein.

    Parameters
    ----------
    text
        "HLA-A*02:01", "A*02:01:01:02L", "A0201", "hla_a_02_01", "DRB1_0301", "C07:02" ...

    Examples
    --------
    >>> [str(parse_allele(text)) for text in ("HLA-A*02:01:01", "A0201", "hla_a_02_01_01", "C*07:02N")]
    ['A*02:01', 'A*02:01', 'A*02:01', 'C*07:02N']
    >>> parse_allele("A*02:01/A*02:06") is None, str(parse_allele("B*35"))
    (True, 'B*35')
    """
    found = _LOCUS.match((text or "").strip().upper())
    if not found:
        return None
    locus, rest = found.groups()
    suffix = rest[-1:] if rest[-1:] in tuple("NLSCAQ") else ""
    digits = rest.removesuffix(suffix).strip() if suffix else rest.strip()
    fields = _fields(digits)
    if fields is None:
        return None
    group, protein = fields
    return Allele(locus, group.zfill(2), protein.zfill(2) if protein else "", suffix)


def _fields(digits: str) -> tuple[str, str] | None:
    if not digits.isdigit():
        if not _MARKED.match(digits):
            return None
        group, protein, *_ = re.split(r"\D", digits)
        return group, protein
    # Without marks, groups have two digits and proteins two, or three where the length is odd.
    if len(digits) <= 2:
        return digits, ""
    if len(digits) in (4, 6, 8):
        return digits[:2], digits[2:4]
    return (digits[:2], digits[2:]) if len(digits) == 5 else None
