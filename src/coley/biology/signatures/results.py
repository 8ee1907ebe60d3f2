"""The scores of a cohort as a frame, and the evidence for each as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.biology.signatures.members import Members, needed
from coley.biology.signatures.registry import REGISTRY_VERSION, signatures
from coley.model.answer import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.biology.signatures.cohort import Cohort
    from coley.biology.signatures.values import Signature

SHOWN = 5  # names in a message


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of a cohort, and what stands behind each.

    Attributes
    ----------
    frame
        sample_id and one column for each signature; null where a signature was refused.
    table
        One row for each signature: method, direction, kind ("single-sample", "cohort-relative (n = 27)",
        "relative to a reference (n = 60)"), counted ("genes", "pairs", "parts"), named, found, coverage,
        needed, missing, found_without_repair, repaired, repair_correlation, repair_change_sd, refused,
        warning, preferred, conflicts.
    notes
        What a reader must know of the whole.
    version
        Of the registry.
    """

    frame: pl.DataFrame
    table: pl.DataFrame
    notes: tuple[Check, ...]
    version: str

    def refused(self) -> dict[str, str]:
        """Return the signatures that have no score, with the reason."""
        rows = self.table.select("signature", "refused").drop_nulls().iter_rows()
        return dict(rows)


def gathered(
    wanted: Sequence[Signature],
    plans: dict[str, tuple[Signature, Members]],
    results: dict[str, Any],
    *,
    cohort: Cohort,
    before: dict[str, tuple[int, Any]],
    parts_found: dict[str, int],
    notes: tuple[Check, ...],
) -> Scores:
    """Return the scores as a frame, and the table of what stands behind each."""
    import polars as pl

    columns: dict[str, Any] = {"sample_id": list(cohort.expression.samples)}
    rows = []
    renamed = {cohort.expression.genes[i]: cohort.expression.given[i] for i in cohort.kept}
    for signature in wanted:
        name, result = signature.name, results[signature.name]
        refused = result if isinstance(result, str) else None
        columns[name] = pl.Series([None] * cohort.samples if refused else result, dtype=pl.Float64)
        members = plans[name][1] if name in plans else None
        named = members.named if members else len(signature.parts)
        found = members.found if members else parts_found[name]
        earlier, correlation, change = _effect(result, before.get(name), found)
        rows.append(
            {
                "signature": name,
                "method": signature.method,
                "direction": signature.direction,
                "kind": cohort.kind(signature),
                "counted": members.counted if members else "parts",
                "named": named,
                "found": found,
                "coverage": members.coverage if members else found / named,
                "needed": needed(signature.method, cohort.min_coverage),
                "missing": "; ".join(members.missing if members else ()),
                "found_without_repair": earlier,
                "repaired": _repaired(signature, renamed),
                "repair_correlation": correlation,
                "repair_change_sd": change,
                "refused": refused,
                "warning": "" if refused else cohort.warning(signature, members),
                "preferred": signature.preferred,
                "conflicts": "; ".join(signature.conflicts),
            }
        )
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("refused").cast(pl.String),
        pl.col("repair_correlation", "repair_change_sd").cast(pl.Float64),
    )
    return Scores(pl.DataFrame(columns), table, (*notes, *_notes(table, wanted)), REGISTRY_VERSION)


def _repaired(signature: Signature, rows: dict[str, str]) -> str:
    """Return in words which names would not have met without repair."""
    said = []
    for gene, old in dict(zip(signature.genes, signature.given, strict=True)).items():
        row = rows.get(gene)
        if row is None or row == old:  # not measured, or both write it alike
            continue
        there = [f"{row} in the file"] if row != gene else []
        here = [f"{old} in the signature"] if old != gene else []
        said.append(f"{' and '.join(there + here)} is {gene}")
    return "; ".join(said)


def _effect(
    result: Any, earlier: tuple[int, Any] | None, found: int
) -> tuple[int, float | None, float | None]:
    """Return genes found without repair, and how the score without it compares with the score."""
    if earlier is None:
        return found, None, None
    n, scores = earlier
    if isinstance(scores, str) or isinstance(result, str):
        return n, None, None
    sd = float(np.std(result, ddof=1)) if len(result) > 1 else 0.0
    if not sd > 0:
        return n, None, None
    change = float(np.mean(np.abs(result - scores)) / sd)
    varies = float(np.std(scores)) > 0
    return n, float(np.corrcoef(result, scores)[0, 1]) if varies else None, change


def _notes(table: pl.DataFrame, wanted: Sequence[Signature]) -> tuple[Check, ...]:
    import polars as pl

    refused = table.filter(pl.col("refused").is_not_null())
    notes = [
        Check(
            "signature_coverage",
            "warn" if refused.height else "pass",
            f"{table.height - refused.height} of {table.height} signatures have a score"
            + (f"; {refused.height} were refused and are null." if refused.height else "."),
            remedy="The table of signatures says why, and which genes are missing." if refused.height else "",
        )
    ]
    names = {s.name for s in wanted}
    beaten = [s.name for s in wanted if any(o in names and signatures()[o].preferred for o in s.conflicts)]
    beaten = [name for name in beaten if not signatures()[name].preferred]
    if beaten:
        notes.append(
            Check(
                "signature_conflicts",
                "warn",
                f"{len(beaten)} signatures make the same claim as a preferred one with other genes, weights or "
                f"direction: {', '.join(beaten[:SHOWN])} ...",
                remedy="Report the preferred one; `conflicts_of` says what differs and why.",
            )
        )
    return tuple(notes)
