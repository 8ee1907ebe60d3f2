"""PD-L1 by immunohistochemistry: scores as ranges, with the assay that made them and the published cut-points."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Tumour proportion score and combined positive score; percent of tumour cells and of immune cells.
SCORES = ("TPS", "CPS", "TC", "IC")
MOST = 100.0
EXCERPT = 5  # values named in a message
SHARE_UNREAD = 0.5  # where more of the texts cannot be read, the column holds something else

_NUMBER = r"(\d+(?:[.,]\d+)?)\s*%?"
_EXACT = re.compile(rf"^{_NUMBER}$")
_FROM_TO = re.compile(rf"^{_NUMBER}\s*(?:-|–|—|to|\.\.)\s*{_NUMBER}$")
_BOUND = re.compile(rf"^(<=|>=|=<|=>|≤|≥|<|>)\s*{_NUMBER}$")
_LEVEL = re.compile(r"^(TC|IC)\s*(\d)((?:\s*/\s*(?:TC|IC)?\d)*)(\+?)$", re.IGNORECASE)
_SCORE = re.compile(r"^(TPS|CPS|TC|IC)\s*[:=]?\s*(?=[<>≤≥=\d])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Assay:
    """A PD-L1 assay: its antibody clone, platform, and how its tumour cells compare with the others."""

    name: str
    spellings: tuple[str, ...]
    platform: str
    tumour_cells: str
    source: str


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A published cut-point: the score must reach it."""

    assay: str
    score: str
    cut: float
    cancer_type: str
    use: str
    source: str


@dataclass(frozen=True, slots=True)
class Range:
    """What a text says about a percentage: from `low` to `high`, the upper end included unless `open`."""

    low: float
    high: float
    open: bool = False


@dataclass(frozen=True, eq=False)
class PDL1:
    """PD-L1 of many patients, as ranges; never a midpoint.

    Attributes
    ----------
    score, assay
        "TPS", "CPS", "TC" or "IC"; the clone, empty where nobody said.
    low, high
        (n,) ends of what is known, in percent (CPS: points); NaN where missing.
    open
        (n,) whether the upper end is not reached ("<1").
    checks
        What is exact, what is a range, what could not be read.
    """

    score: str
    assay: str
    low: Floats
    high: Floats
    open: NDArray[np.bool_]
    checks: tuple[Check, ...]

    @property
    def exact(self) -> Floats:
        """The values that are numbers; NaN for ranges and missing ones."""
        return np.where(self.low == self.high, self.low, np.nan)

    def at_least(self, cut: float) -> tuple[bool | None, ...]:
        """Say of each patient whether the score reaches a cut-point; None where the range does not tell.

        Examples
        --------
        >>> read_pdl1(["<1%", "1-49%", ">=50%", "30"], score="TPS").at_least(50)
        (False, False, True, False)
        >>> read_pdl1(["1-49%"], score="TPS").at_least(10)
        (None,)
        """
        with np.errstate(invalid="ignore"):
            yes = self.low >= cut
            no = (self.high < cut) | ((self.high == cut) & self.open)
        return tuple(
            True if y else (False if n else None) for y, n in zip(yes.tolist(), no.tolist(), strict=True)
        )

    def levels(self) -> Floats:
        """Return ranks 0, 1, 2 ... of the ranges, for use as an ordered category; NaN where missing.

        Raises
        ------
        NotEstimable
            Where two ranges overlap, as 30 and 1-49 do: their order is not known.

        Examples
        --------
        >>> read_pdl1(["IC2/3", "IC0", "IC1", "IC0"], score="IC").levels()
        array([2., 0., 1., 0.])
        """
        known = np.isfinite(self.low)
        ends = sorted({(a, b, o) for a, b, o in zip(self.low, self.high, self.open, strict=True) if a == a})
        for (a, b, o), (c, d, _) in pairwise(ends):
            if c < b or (c == b and not o):
                raise NotEstimable(
                    f"PD-L1 from {a:g} to {b:g} and from {c:g} to {d:g} overlap and cannot be put in order.",
                    remedy="Cut at a published point (`at_least`), or use the exact values alone.",
                )
        place = {end: float(rank) for rank, end in enumerate(ends)}
        out = np.full(len(self.low), np.nan)
        out[known] = [
            place[a, b, o]
            for a, b, o in zip(self.low[known], self.high[known], self.open[known], strict=True)
        ]
        return out


@cache
def assays() -> tuple[Assay, ...]:
    """Return the assays.

    Examples
    --------
    >>> [assay.name for assay in assays()]
    ['22C3', '28-8', 'SP263', 'SP142']
    """
    return tuple(
        Assay(
            r["assay"],
            tuple(r["spellings"].split("|")),
            r["platform"],
            r["tumour_cells_against_others"],
            r["source"],
        )
        for r in _rows("pdl1_assays.csv")
    )


def assay_named(text: str) -> Assay | None:
    """Return the assay that a text names; None where it names none that is known.

    Examples
    --------
    >>> assay_named("Ventana PD-L1 (SP142)").name
    'SP142'
    """
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    plain = plain.replace("ventanapdl1", "ventana").replace("dakopdl1", "dako").removesuffix("assay")
    return next((assay for assay in assays() if plain in assay.spellings), None)


@cache
def cut_points() -> tuple[CutPoint, ...]:
    """Return the published cut-points.

    Examples
    --------
    >>> sorted({point.cut for point in cut_points() if point.score == "CPS"})
    [1.0, 10.0, 20.0]
    """
    return tuple(
        CutPoint(r["assay"], r["score"], float(r["cut"]), r["cancer_type"], r["use"], r["source"])
        for r in _rows("pdl1_cut_points.csv")
    )


def parse_pdl1(text: str, score: str = "") -> Range | None:
    """Return what a text says about the score; None where it says nothing that can be read.

    Parameters
    ----------
    text
        "35", "<1%", "1-49", ">=50%", "TC3", "IC2/3", "IC2+", "CPS 10" ... "positive" is not read: at
        which cut-point is not said.
    score
        The score of the column; a text that names another one is not read.

    Examples
    --------
    >>> parse_pdl1("<1%"), parse_pdl1("IC2/3")
    (Range(low=0.0, high=1.0, open=True), Range(low=5.0, high=100.0, open=False))
    >>> parse_pdl1("positive") is None
    True
    """
    text = text.strip()
    level = _LEVEL.match(text)
    if level:
        return _level(level, score)
    named = _SCORE.match(text)
    if named:
        if score and named.group(1).upper() != score:
            return None
        text = text[named.end() :].strip()
    found: Range | None = None
    if exact := _EXACT.match(text):
        found = Range(_float(exact.group(1)), _float(exact.group(1)))
    elif between := _FROM_TO.match(text):
        found = Range(_float(between.group(1)), _float(between.group(2)))
    elif bound := _BOUND.match(text):
        sign, value = bound.group(1), _float(bound.group(2))
        found = Range(0.0, value, open=sign == "<") if sign in "<=<≤" else Range(value, MOST)
    return found if found and 0 <= found.low <= found.high <= MOST else None


def read_pdl1(values: Iterable[object], *, score: str, assay: str = "") -> PDL1:
    """Read a column of PD-L1 scores.

    Parameters
    ----------
    values
        Numbers or texts; None where missing.
    score
        "TPS", "CPS", "TC" or "IC".
    assay
        The clone ("22C3", "28-8", "SP142", "SP263"), in any spelling; empty where nobody said.

    Raises
    ------
    InvalidSetting
        For an unknown score.
    UnreadableInput
        Where most texts cannot be read.

    Examples
    --------
    >>> found = read_pdl1([80, "<1%", "1-49%", None], score="TPS", assay="22C3")
    >>> found.low, found.high, found.exact
    (array([80.,  0.,  1., nan]), array([80.,  1., 49., nan]), array([80., nan, nan, nan]))
    """
    if score not in SCORES:
        raise InvalidSetting(
            f"PD-L1 has no score {score!r}.",
            remedy=f"One of: {', '.join(SCORES)}; percent of cells, not H-score.",
        )
    texts = [
        None if v is None or (isinstance(v, float) and v != v) or not str(v).strip() else str(v)
        for v in values
    ]
    read = [None if text is None else parse_pdl1(text, score) for text in texts]
    given = [text for text in texts if text is not None]
    unread = [text for text, found in zip(texts, read, strict=True) if text is not None and found is None]
    if len(unread) > SHARE_UNREAD * len(given):
        raise UnreadableInput(
            f"The column of PD-L1 {score} holds something else.",
            where=", ".join(unread[:EXCERPT]),
            cause="Another score (an H-score, another cell type), fractions written as words, or positive and negative "
            "without the cut-point.",
            remedy="Write percentages, ranges (1-49) or levels (TC2, IC1).",
        )
    known = assay_named(assay) if assay else None
    low, high = (
        np.array([np.nan if r is None else getattr(r, end) for r in read]) for end in ("low", "high")
    )
    open_ = np.array([r is not None and r.open for r in read], dtype=bool)
    ranges = int((low < high).sum())
    checks = [
        Check(
            "pdl1_read",
            "pass",
            f"PD-L1 {score}: {int(np.isfinite(low).sum()) - ranges} numbers and {ranges} ranges; no range was turned "
            "into a number.",
        )
    ]
    if unread:
        message = f"{len(unread)} texts could not be read and are missing: {', '.join(sorted(set(unread))[:EXCERPT])}."
        checks.append(Check("pdl1_unread", "warn", message))
    if known is None:
        message = (
            f"The PD-L1 assay {assay!r} is not in the table."
            if assay
            else "Nobody says which PD-L1 assay was used."
        )
        checks.append(
            Check(
                "pdl1_assay",
                "warn",
                f"{message} Published cut-points belong to one assay.",
                remedy="Name the clone.",
            )
        )
    return PDL1(score, known.name if known else assay, low, high, open_, tuple(checks))


def comparable(made: Sequence[tuple[str, str]]) -> tuple[Check, ...]:
    """Say whether PD-L1 of several cohorts can be compared.

    Parameters
    ----------
    made
        Assay and score of each cohort.

    Examples
    --------
    >>> comparable([("22C3", "TPS"), ("SP142", "TPS")])[0].level
    'warn'
    >>> comparable([("22C3", "TPS"), ("28-8", "TPS")])[0].level
    'pass'
    """
    scores = sorted({score for _, score in made})
    if len(scores) > 1:
        message = (
            f"{' and '.join(scores)} count different cells over different totals and cannot be compared."
        )
        return (Check("pdl1_comparable", "warn", message, remedy="Analyse each score by itself."),)
    found = {text: assay_named(text) for text, _ in made}
    strange = sorted(text for text, assay in found.items() if assay is None)
    if strange:
        message = f"How these PD-L1 assays compare is not known: {', '.join(text or 'unnamed' for text in strange)}."
        return (Check("pdl1_comparable", "warn", message, remedy="Name the clone."),)
    used = {assay for assay in found.values() if assay is not None}
    if len(used) == 1:
        return (Check("pdl1_comparable", "pass", f"One PD-L1 assay: {next(iter(used)).name}."),)
    lower = sorted(assay.name for assay in used if assay.tumour_cells == "lower")
    names = ", ".join(sorted(assay.name for assay in used))
    if lower:
        message = (
            f"{', '.join(lower)} stains fewer tumour cells than the other assays (of {names}), so that one percentage "
            "means two things (Blueprint phase 1)."
        )
        return (
            Check("pdl1_comparable", "warn", message, remedy="Analyse within assay, and pool the estimates."),
        )
    if scores[0] in ("TPS", "TC"):
        message = f"{names} stain tumour cells alike in NSCLC (Blueprint phase 1, 39 tumours)."
        return (Check("pdl1_comparable", "pass", message),)
    message = f"{names} were compared on tumour cells; immune cells, which {scores[0]} counts, agree less."
    return (
        Check("pdl1_comparable", "warn", message, remedy="Analyse within assay, and pool the estimates."),
    )


def _level(level: re.Match[str], score: str) -> Range | None:
    kind = level.group(1).upper()
    if score and kind != score:
        return None
    numbers = [level.group(2), *re.findall(r"\d", level.group(3))]
    table = {row["level"]: row for row in _rows("pdl1_levels.csv")}
    rows = [table.get(f"{kind}{number}") for number in numbers]
    if level.group(4):  # IC2+ is IC2 and every level above it
        rows += [row for name, row in table.items() if name[:2] == kind and name[2] > numbers[0]]
    if any(row is None for row in rows):
        return None
    parts = sorted(
        (float(row["low"]), float(row["below"]) if row["below"] else MOST + 1) for row in rows if row
    )
    if any(a[1] < b[0] for a, b in pairwise(parts)):
        return None  # TC1/3 leaves a hole
    top = max(part[1] for part in parts)
    return Range(parts[0][0], min(top, MOST), open=top <= MOST)


def _float(text: str) -> float:
    return float(text.replace(",", "."))


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = files("coley.biology").joinpath("resources", name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
