"""Gene names that a spreadsheet turned into dates or numbers."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import found, place, table
from coley.read.doctor.thresholds import rows

if TYPE_CHECKING:
    from coley.model.study import Study

WITH_GENES = ("mutations", "expression")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = rf"({'|'.join(MONTHS)})[a-z]*"
DAY_MONTH = re.compile(rf"^(\d{{1,2}})[-/ ]{MONTH}(?:[-/ ]\d{{2,4}})?$", re.IGNORECASE)
MONTH_DAY = re.compile(rf"^{MONTH}[-/ ](\d{{1,2}})$", re.IGNORECASE)
ISO_DATE = re.compile(r"^(?:19|20)\d{2}-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?$")
MANGLED = (
    rf"(?i)^\d{{1,2}}[-/ ]{MONTH}([-/ ]\d{{2,4}})?$|^{MONTH}[-/ ]\d{{1,2}}$"
    r"|^(19|20)\d{2}-\d{2}-\d{2}([ T]00:00(:00)?)?$|^[34]\d{4}$|^\d(\.\d+)?[eE]\+\d{2}$"
)


@cache
def families() -> dict[str, tuple[str, str]]:
    """Return month to the gene family that spreadsheets turn into it: old symbol, present symbol."""
    return {row["month"]: (row["old"], row["symbol"]) for row in rows("excel_genes.csv")}


def likely_gene(name: str) -> str | None:
    """Return the symbols that a date was most likely made from, old and present, or None.

    Examples
    --------
    >>> likely_gene("2-Sep"), likely_gene("2017-03-01 00:00:00"), likely_gene("43160")
    ('SEPT2 (SEPTIN2)', 'MARCH1 (MARCHF1)', None)
    """
    if match := DAY_MONTH.match(name):
        day, month = match[1], match[2]
    elif match := MONTH_DAY.match(name):
        month, day = match[1], match[2]
    elif match := ISO_DATE.match(name):
        day, month = match[2], MONTHS[(int(match[1]) - 1) % 12]
    else:
        return None
    family = families().get(month.lower())
    return f"{family[0]}{int(day)} ({family[1]}{int(day)})" if family else None


@examination(
    "mangled_genes",
    title="Gene names",
    looks_for="gene names that a spreadsheet turned into dates or numbers",
    needs=tuple(Need(name, ("gene",)) for name in WITH_GENES),
)
def mangled_genes(study: Study) -> Findings:
    """Find dates and serial numbers among the gene names, and name the genes they were."""
    import polars as pl

    checks: Findings = []
    for name in WITH_GENES:
        if not study.has(name, "gene"):
            continue
        frame = table(study, name)
        bad = frame.filter(pl.col("gene").cast(pl.String).str.strip_chars().str.contains(MANGLED))
        if not bad.height:
            continue
        seen = [str(value).strip() for value in bad["gene"].unique(maintain_order=True)]
        guesses = [f"{value} was {gene}" for value in seen if (gene := likely_gene(value))]
        checks.append(
            found(
                "mangled_genes",
                "warn",
                f"{len(seen)} gene names of {name} are dates or numbers ({bad.height} rows)"
                + (f"; {', '.join(guesses[:3])}." if guesses else "."),
                cause="A spreadsheet took SEPT2 or MARCH1 for a date.",
                remedy="Take the gene names from the original file, or restore them by position.",
                where=place(bad, "gene", seen),
            )
        )
    return checks
