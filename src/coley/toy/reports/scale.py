"""A database larger than memory, written part by part: for benchmarks of reading, cleaning and counting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting
from coley.toy.reports.design import ReportDesign
from coley.toy.reports.simulate import simulate_part
from coley.toy.reports.spelling import Spelling, spell
from coley.toy.reports.truth import ReportTruth
from coley.toy.reports.world import World, build
from coley.toy.reports.write import QuarterFiles

if TYPE_CHECKING:
    import polars as pl

# 3,000 ingredients under some 100,000 names, and 10,000 terms: the order of a real database.
LARGE = ReportDesign(n_drugs=3_000, n_terms=10_000, names_per_drug=32, drugs_per_case=4.0, terms_per_case=3.0)
_REPORTS_A_CASE = 1.27  # versions and copies included
_BASE_GIB, _GIB_PER_CASE = (
    0.5,
    6e-6,
)  # measured: of the libraries and names, and of a case in two parts at once
_MOST_CASES = 200_000  # larger parts are no faster


@dataclass(frozen=True, eq=False)
class WrittenReports:
    """What was written, and the truth behind it.

    Attributes
    ----------
    folder
        Where the quarters lie.
    cases, reports, duplicates, follow_ups, withdrawn
        How many there are; reports = cases + duplicates + follow_ups.
    drugs, reactions
        Rows of DRUG and REAC.
    truth
        Expected ratios, interactions, masked pairs and onset times of the design.
    names
        Every name as written with its ingredient.
    """

    folder: Path
    cases: int
    reports: int
    duplicates: int
    follow_ups: int
    withdrawn: int
    drugs: int
    reactions: int
    truth: ReportTruth
    names: pl.DataFrame


@dataclass(frozen=True, eq=False)
class _Part:
    frames: dict[str, pl.DataFrame]
    cases: int
    duplicates: int
    follow_ups: int


def write_faers_at_scale(
    folder: Path,
    n_reports: int,
    seed: int = 1,
    *,
    quarters: int = 40,
    memory: float = 2.0,
    design: ReportDesign = LARGE,
    progress: Callable[[int], None] | None = None,
) -> WrittenReports:
    """Write FAERS-format quarterly ASCII of any size, about 1 KB of text a report.

    Parameters
    ----------
    folder
        Where to write; it is made.
    n_reports
        Number of reports, versions and duplicates included; met within a few per cent.
    seed
        The same seed and numbers give the same bytes.
    quarters
        Number of quarters, from that of the design.
    memory
        GiB that may be used: sets how many cases are held at once, and with it which numbers are drawn.
    design
        What is planted, and how many names there are; its `n_cases`, `seed` and `quarters` are not used.
    progress
        Called with the number of reports written so far, after each part.

    Raises
    ------
    InvalidSetting
        Where so little memory would not hold one part, or the ids of so many cases would meet.

    Notes
    -----
    Each part holds cases of all quarters, and is simulated as `simulate_reports` does it while the part before is
    written. The model and its truth are those of `simulate_reports`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     made = write_faers_at_scale(Path(name), 200, quarters=2, design=ReportDesign())
    ...     made.reports == made.cases + made.duplicates + made.follow_ups
    True
    """
    cases = max(round(n_reports / _REPORTS_A_CASE), 1)
    at_once = min(int((memory - _BASE_GIB) / _GIB_PER_CASE), _MOST_CASES)
    if at_once < 1000:
        raise InvalidSetting(
            f"{memory:g} GiB do not hold a part of the database.", remedy="Give 1 GiB or more."
        )
    if n_reports > 40_000_000:
        raise InvalidSetting("Case ids have eight digits: at most 40,000,000 reports.", where="n_reports")
    world = build(replace(design, n_cases=cases, seed=seed, quarters=quarters))
    spelling = spell(world)
    totals = dict.fromkeys(
        ("cases", "reports", "duplicates", "follow_ups", "withdrawn", "drugs", "reactions"), 0
    )
    sizes = [min(at_once, cases - first) for first in range(0, cases, at_once)]
    files = QuarterFiles(folder)
    for part in _ahead(world, sizes, spelling):
        files.append(part.frames)
        files.withdraw(part.frames["deleted"]["case_id"], _last_quarter(world.design))
        for name in ("cases", "duplicates", "follow_ups"):
            totals[name] += getattr(part, name)
        for name in ("reports", "drugs", "reactions"):
            totals[name] += part.frames[name].height
        totals["withdrawn"] += part.frames["deleted"].height
        if progress:
            progress(totals["reports"])
    return WrittenReports(folder, **totals, truth=ReportTruth(world), names=spelling.dictionary)


def _ahead(world: World, sizes: list[int], spelling: Spelling) -> Iterator[_Part]:
    """Yield the parts in order; the next one is simulated while the caller holds this one."""

    def make(part: int) -> _Part:
        made = simulate_part(world, sizes[part], spelling=spelling, part=part, first=sum(sizes[:part]))
        reports = made.reports
        return _Part(made.raw, sizes[part], int(reports.copy.sum()), int((reports.version == 2).sum()))

    with ThreadPoolExecutor(1) as worker:
        following: Future[_Part] | None = worker.submit(make, 0)
        for part in range(len(sizes)):
            assert following is not None
            ready = following.result()
            following = worker.submit(make, part + 1) if part + 1 < len(sizes) else None
            yield ready


def _last_quarter(design: ReportDesign) -> str:
    last = design.start + design.quarters - 1
    return f"{last // 4}Q{last % 4 + 1}"
