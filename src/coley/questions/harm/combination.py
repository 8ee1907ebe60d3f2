"""What a combination adds: against each part alone, and beyond what the parts together would bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.harm.measures import named
from coley.questions.harm.reactions import LEVELS
from coley.stats.disproportionality.additivity import interaction_test
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.interaction import (
    FourGroups,
    additive_excess,
    interaction_chi,
    omega,
    ratio_of_odds_ratios,
    relative_excess,
)
from coley.stats.disproportionality.ratios import reporting_odds_ratio
from coley.stats.multiplicity import benjamini_hochberg
from coley.vigilance.exposure import four_groups

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.harm.evidence import Evidence
    from coley.stats.values import Intervals


@dataclass(frozen=True, slots=True)
class Combination:
    """Two features whose combination is asked about: names in the table of features, and in words."""

    first: str
    second: str
    title: str
    first_title: str
    second_title: str


COMBINATIONS = (
    Combination("pd-(l)1", "ctla-4", "PD-(L)1 + CTLA-4", "PD-(L)1 inhibitor", "CTLA-4 inhibitor"),
    Combination("pd-(l)1", "lag-3", "PD-(L)1 + LAG-3", "PD-(L)1 inhibitor", "LAG-3 inhibitor"),
    Combination(
        "ici", "chemotherapy", "Checkpoint inhibitor + chemotherapy", "checkpoint inhibitor", "chemotherapy"
    ),
    Combination(
        "pd-(l)1",
        "vegfr_tki",
        "PD-(L)1 + VEGFR kinase inhibitor",
        "PD-(L)1 inhibitor",
        "VEGFR kinase inhibitor",
    ),
)
FEWEST = 20  # reports of a combination from which it is compared


def combination_part(evidence: Evidence) -> Part:
    """Return each combination against its parts and beyond their sum and their product, reaction by reaction."""
    import polars as pl

    tables = [found for level in ("organ", "harm") if (found := _level(evidence, level)) is not None]
    if not tables:
        return Part(
            cannot_tell=(
                f"What a combination adds: none of them has {FEWEST} reports with reactions of this kind.",
            )
        )
    table = pl.concat(tables)
    first = COMBINATIONS[0]
    own = table.filter((pl.col("combination") == first.title) & (pl.col("level") == LEVELS["harm"].title))
    shown = own.filter(pl.col("reports_both") >= evidence.settings.min_reports)
    return Part(
        estimates=tuple(
            estimate for row in shown.iter_rows(named=True) for estimate in _estimates(evidence, first, row)
        ),
        tables={"combinations": table, **({"combination_forest": _forest(shown)} if shown.height else {})},
        figures=_figures(first, shown),
        caveats=(
            "A combination and its parts are given to other patients, with other cancers, at other times: a "
            "contrast of reports is not the effect of adding a drug.",
        ),
    )


def _level(evidence: Evidence, level: str) -> pl.DataFrame | None:
    """Return every combination with every reaction of a level, which is one family of tests."""
    import polars as pl

    found = [own for each in COMBINATIONS if (own := _compared(evidence, each, level)) is not None]
    if not found:
        return None
    table = pl.concat(found)
    return table.with_columns(q=pl.Series(benjamini_hochberg(table["p"].to_numpy())).fill_nan(None))


def _compared(evidence: Evidence, combination: Combination, level: str) -> pl.DataFrame | None:
    import polars as pl

    reports, events = four_groups(
        evidence.con,
        evidence.flags,
        (combination.first, combination.second),
        reactions=evidence.reactions[level],
        counts=evidence.counts(level, "database"),
    )
    titles = LEVELS[level].titles()
    order = {name: place for place, name in enumerate(titles)}
    known = events.filter(pl.col("event").is_in(list(titles))).sort(
        pl.col("event").replace_strict(order, return_dtype=pl.Int64)
    )
    if reports[3] < FEWEST or known.is_empty():
        return None
    counted = known.select("neither", "first", "second", "both").to_numpy().T.astype(np.float64)
    groups = FourGroups.of(counted, np.broadcast_to(np.array(reports, np.float64)[:, None], counted.shape))
    settings = evidence.settings
    columns: dict[str, NDArray[np.float64]] = {}
    for name, found in (
        ("ror_first", _against(groups, 1, settings.level)),
        ("ror_second", _against(groups, 2, settings.level)),
        ("omega", omega(groups, level=settings.level)),
        ("excess_of_shares", additive_excess(groups, level=settings.level)),
        ("excess_of_ratios", relative_excess(groups, level=settings.level)),
        ("ratio_of_odds", ratio_of_odds_ratios(groups, level=settings.level)),
    ):
        columns |= named(name, found)
    columns |= {"chi": interaction_chi(groups), "p": interaction_test(groups)}
    finite = pl.when(pl.all().is_finite()).then(pl.all())
    counts = known.select(
        pl.lit(combination.title).alias("combination"),
        pl.lit(LEVELS[level].title).alias("level"),
        pl.col("event").replace_strict(titles, return_dtype=pl.String),
        *(pl.col(name).alias(f"reports_{name}") for name in ("neither", "first", "second", "both")),
        *(
            pl.lit(n).alias(f"of_{name}")
            for name, n in zip(("neither", "first", "second", "both"), reports, strict=True)
        ),
    )
    return counts.hstack(pl.DataFrame(columns).select(finite))


def _against(groups: FourGroups, part: int, level: float) -> Intervals:
    """Return odds ratios of both against one of them alone."""
    both, alone = (groups.events[3], groups.reports[3]), (groups.events[part], groups.reports[part])
    counts = PairCounts.of(both[0], exposed=both[1], event=both[0] + alone[0], total=both[1] + alone[1])
    return reporting_odds_ratio(counts, level=level)


def _estimates(evidence: Evidence, combination: Combination, row: dict[str, object]) -> list[Estimate]:
    group = f"{row['event']}: {combination.title}"
    made = []
    tested = {
        "p": row["p"],
        "p_adjusted": row["q"],
        "multiplicity": "false discovery rate over all combinations with all harms of the label; the test of "
        "interaction lets all four groups vary, the interval of Omega does not",
    }
    for name, column, method, unit, note, test in (
        (
            "combination_odds_ratio",
            "ror_first",
            "ror",
            "ratio",
            f"Against {combination.first_title} without {combination.second_title}.",
            {},
        ),
        ("omega", "omega", "omega", "log2 ratio", "Beyond the sum of both excesses.", tested),
        (
            "ratio_of_reporting_odds",
            "ratio_of_odds",
            "ratio_of_odds_ratios",
            "ratio",
            "Beyond their product.",
            {},
        ),
    ):
        made.append(
            Estimate(
                name,
                row[column],  # type: ignore[arg-type]
                row[f"{column}_low"],  # type: ignore[arg-type]
                row[f"{column}_high"],  # type: ignore[arg-type]
                n=row["of_both"],  # type: ignore[arg-type]
                events=row["reports_both"],  # type: ignore[arg-type]
                unit=unit,
                method=method,
                level=evidence.settings.level,
                endpoint="combination",
                group=group,
                note=note,
                **test,  # type: ignore[arg-type]
            )
        )
    return made


def _forest(shown: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return shown.select(
        pl.col("event").alias("label"),
        pl.col("ror_first").alias("value"),
        pl.col("ror_first_low").alias("low"),
        pl.col("ror_first_high").alias("high"),
        pl.col("reports_both").alias("n"),
    ).sort("value", descending=True)


def _figures(combination: Combination, shown: pl.DataFrame) -> tuple[Figure, ...]:
    if not shown.height:
        return ()
    return (
        Figure(
            "forest",
            "combination_forest",
            f"{combination.title} against {combination.first_title} without {combination.second_title}",
            "Reporting odds ratios among reports of either. Whether the combination brings more than the sum of "
            "its parts is in the table of combinations (Omega).",
            {"n_title": "reports", "value_title": "ROR (95 % CI)", "limits": [0.01, 10_000]},
        ),
    )
