"""From the reports that were read to those that count: every step, every reason, every pair taken for a duplicate."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.part import Part

if TYPE_CHECKING:
    import polars as pl

    from coley.vigilance.cleaning.duplicates import Duplicates
    from coley.vigilance.database import Database

DIGITS = 6  # of a probability
MOST_PAIRS = 2_000  # listed for review, the most probable first; more is not reviewed by hand


def flow_part(database: Database) -> Part:
    """Return how many reports, drugs and terms each step kept and dropped, and what is for review."""
    import polars as pl

    log = database.cleaning
    if not log.steps:
        return Part()
    rows = [
        {
            "step": step.name,
            "unit": step.unit,
            "before": step.before,
            "gained": step.gained,
            "what": what,
            "number": n,
        }
        for step in log.steps
        for what, n in (*((f"dropped: {why}", n) for why, n in step.dropped.items()), ("kept", step.after))
    ]
    tables = {"flow": pl.DataFrame(rows)}
    if log.unmatched:
        tables["unmatched_names"] = pl.DataFrame(
            {"name": list(log.unmatched), "rows": list(log.unmatched.values())}
        )
    if log.learned:
        tables["learned_names"] = pl.DataFrame(
            {"name": list(log.learned), "ingredient": list(log.learned.values())}
        )
    if log.duplicates is not None:
        tables |= _duplicates(log.duplicates)
    return Part(checks=(*_unmatched(log.noted), *_doubled(database)), tables=tables)


def _duplicates(found: Duplicates) -> dict[str, pl.DataFrame]:
    import polars as pl

    tables = {}
    if found.pairs.height:
        # Sums of many small numbers differ in their last digits from run to run.
        rounded = found.pairs.with_columns(pl.col("probability").round(DIGITS))
        tables["duplicate_pairs"] = rounded.sort(
            ["probability", "a", "b"], descending=[True, False, False]
        ).head(MOST_PAIRS)
    if found.blocks:
        keys = [asdict(block) | {"key": ", ".join(block.key)} for block in found.blocks]
        tables["duplicate_keys"] = pl.DataFrame(keys)
    return tables


def _unmatched(noted: dict[str, int]) -> tuple[Check, ...]:
    rows, unknown = noted.get("drug rows", 0), noted.get("drug rows whose name no dictionary knew", 0)
    if not rows:
        return ()
    learned = noted.get("drug rows of these whose name was so learned", 0)
    told = (
        f" {learned:,} of these were coded by rows that give the same name with its ingredient."
        if learned
        else ""
    )
    return (
        Check(
            "drug_names",
            "pass",
            f"{rows - unknown:,} of {rows:,} drug rows were matched to a drug of Coley's table, which holds oncology "
            f"and what manages harms; the other {unknown:,} stand under their active ingredient as reported, or as "
            f"written. The commonest are in the table of unmatched names.{told}",
        ),
    )


def _doubled(database: Database) -> tuple[Check, ...]:
    found = database.cleaning.duplicates
    if found is None or not found.pairs.height:
        return ()
    return (
        Check(
            "duplicates",
            "pass",
            f"{len(found.dropped):,} reports in {found.clusters:,} clusters were taken for duplicates and dropped; "
            f"by the model itself {100 * found.expected_false:.1f} % of the pairs are expected to be none. The "
            "pairs are in the table of duplicates, for review.",
        ),
    )
