"""Whether a combination brings a reaction sooner than one drug alone, for each reaction of each level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.questions.harm.evidence import ALONE
from coley.questions.harm.measures import number
from coley.questions.harm.onset.fits import FEWEST
from coley.questions.harm.reactions import LEVELS
from coley.stats.multiplicity import holm
from coley.stats.onset.comparison import compare_onset

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

COMBINED = "pdx_ctla4"


def compared(evidence: Evidence, known: pl.DataFrame) -> pl.DataFrame:
    """Compare onset under PD-(L)1 + CTLA-4 with onset under one PD-(L)1 inhibitor alone.

    The p values are corrected over the reactions of each level.
    """
    import polars as pl

    rows = []
    both = known.filter(pl.col("exposure").is_in([ALONE, COMBINED]))
    for (level, event), own in both.group_by(["level", "event"], maintain_order=True):
        sizes = [own.filter(pl.col("exposure") == name).height for name in (COMBINED, ALONE)]
        if min(sizes) < FEWEST:
            continue
        found = compare_onset(
            own["days"].to_numpy(),
            own["exposure"].replace_strict({ALONE: 0, COMBINED: 1}, return_dtype=pl.Int64).to_numpy(),
            limit=own["limit"].to_numpy(),
            level=evidence.settings.level,
        )
        rows.append(
            {
                "level": LEVELS[str(level)].title,
                "event": LEVELS[str(level)].titles()[str(event)],
                "reports_combination": sizes[0],
                "reports_alone": sizes[1],
                "ratio_of_medians": number(found.median_ratio.value),
                "ratio_low": number(found.median_ratio.low),
                "ratio_high": number(found.median_ratio.high),
                "p": number(found.test.p),
            }
        )
    if not rows:
        return pl.DataFrame()
    table = pl.DataFrame(rows, infer_schema_length=None)
    return pl.concat(
        own.with_columns(p_adjusted=pl.Series(holm(own["p"].to_numpy())).fill_nan(None))
        for own in table.partition_by("level", maintain_order=True)
    )
