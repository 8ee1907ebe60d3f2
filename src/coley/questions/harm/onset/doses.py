"""After how many doses: reports by the last dose before the reaction, under the schedule of the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.drugs.table import dosing
from coley.questions.harm.onset.fits import FEWEST
from coley.questions.harm.reactions import LEVELS
from coley.stats.onset.empirical import onset_by_dose
from coley.vigilance.counting import REPORT

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

MOST_DOSES = 12  # listed: most reactions come within half a year
ANY_REACTION = "any immune-related reaction"


def by_dose(evidence: Evidence, known: pl.DataFrame) -> pl.DataFrame:
    """Return the share of reports of each agent after each dose, for all reactions and for each organ class."""
    import polars as pl

    rows: list[dict[str, object]] = []
    for agent, every in dosing().items():
        own = known.filter(pl.col("exposure") == agent)
        whole = own.unique(REPORT, maintain_order=True)
        organs = own.filter(pl.col("level") == "organ").partition_by("event", as_dict=True)
        for event, dated in ((ANY_REACTION, whole), *((_title(key), part) for key, part in organs.items())):
            if dated.height < FEWEST:
                continue
            found = onset_by_dose(dated["days"].to_numpy(), every, level=evidence.settings.level)
            rows += [
                {
                    "agent": evidence.title(agent),
                    "event": event,
                    "every_days": every,
                    "after_dose": int(found.dose[k]),
                    "reports": int(found.reports[k]),
                    "of": dated.height,
                    "share": float(found.share.value[k]),
                    "low": float(found.share.low[k]),
                    "high": float(found.share.high[k]),
                }
                for k in range(min(len(found.dose), MOST_DOSES))
            ]
    return pl.DataFrame(rows)


def _title(key: tuple[object, ...]) -> str:
    return LEVELS["organ"].titles()[str(key[0])]
