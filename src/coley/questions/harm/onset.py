"""When: days from the first dose to the reaction, by reaction and by regimen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.drugs.table import dosing
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.harm.evidence import ALONE
from coley.questions.harm.measures import number
from coley.questions.harm.reactions import harm_titles
from coley.stats.onset.comparison import compare_onset
from coley.stats.onset.empirical import onset_by_dose, onset_quantiles
from coley.stats.onset.weibull import weibull_onset
from coley.vigilance.counting import REPORT
from coley.vigilance.dates import full_day, is_full
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

FEWEST = 10  # onsets for a Weibull fit: its shape is known to a factor of 1.6 from ten
MOST_CURVES = 6  # on one picture
MOST_DOSES = 12  # listed: most reactions come within half a year
MONO, COMBINED = ALONE, "pdx_ctla4"


def onset_part(evidence: Evidence) -> Part:
    """Return times to onset with medians and Weibull shapes, by reaction and by regimen."""
    import polars as pl

    known = _onsets(evidence)
    if known.is_empty():
        return Part(
            cannot_tell=(
                "When a reaction begins: no report has both the day of the first dose and the day of the event.",
            )
        )
    rows = [
        _row(evidence, exposure, event, own)
        for (exposure, event), own in known.group_by(["exposure", "event"], maintain_order=True)
        if own.height >= evidence.settings.min_reports
    ]
    if not rows:
        return Part(
            cannot_tell=(
                f"When a reaction begins: no reaction has {evidence.settings.min_reports} reports with both dates.",
            )
        )
    table = pl.DataFrame(rows, infer_schema_length=None).sort(
        ["exposure", "reports"], descending=[False, True]
    )
    overall = table.filter(pl.col("exposure") == evidence.title(ANY_INHIBITOR))
    return Part(
        estimates=tuple(_estimate(evidence, row) for row in overall.iter_rows(named=True)),
        tables={
            "onset": table,
            **_curves(evidence, known, overall),
            **_compared(evidence, known),
            **_by_dose(evidence, known),
        },
        figures=_figures(overall),
        caveats=(
            "Times to onset are those of reports with both dates to the day; reactions that are never dated, or "
            "come after the data were closed, are not among them.",
        ),
    )


def _onsets(evidence: Evidence) -> pl.DataFrame:
    """Return exposure, event, days and limit of each report whose onset is known to the day."""
    import polars as pl

    reports = evidence.database.reports
    inhibitors = [*evidence.agents]
    own = reports.onsets.filter(reports.onsets.ingredient.isin(inhibitors))
    # The first dose of any checkpoint inhibitor: the longest time.
    first = own.group_by(REPORT).agg(days=own.days.max())
    dated = reports.cases.filter(is_full(reports.cases.event_date))
    dated = dated.select(REPORT, event_day=full_day(dated.event_date))
    told = first.join(dated, REPORT).join(evidence.reactions["harm"], REPORT)
    told = told.join(evidence.exposures, REPORT)
    told = told.filter(told.exposure.isin([*evidence.regimens, MONO, *evidence.agents]))
    last = reports.cases.quarter.max().as_scalar()
    told = told.select(REPORT, "exposure", "event", "days", "event_day", last_quarter=last)
    frame = pl.DataFrame(evidence.con.to_polars(told))
    if frame.is_empty():
        return frame
    # An event after the data were closed could not be told: each report is truncated there.
    closed = last_day(int(frame["last_quarter"][0]))
    limit = pl.max_horizontal(closed - (pl.col("event_day") - pl.col("days")), pl.col("days"))
    return frame.with_columns(limit=limit).sort("exposure", "event", "days", REPORT)


def _row(evidence: Evidence, exposure: str, event: str, own: pl.DataFrame) -> dict[str, object]:
    days = own["days"].to_numpy()
    level = evidence.settings.level
    quartiles = onset_quantiles(days, level=level)
    fit = weibull_onset(days, limit=own["limit"].to_numpy(), level=level) if len(days) >= FEWEST else None
    return {
        "exposure": evidence.title(exposure),
        "event": harm_titles()[event],
        "reports": len(days),
        "median_days": float(quartiles.value[1]),
        "median_low": number(quartiles.low[1]),
        "median_high": number(quartiles.high[1]),
        "quartile_1": float(quartiles.value[0]),
        "quartile_3": float(quartiles.value[2]),
        "weibull_shape": None if fit is None else number(fit.shape.value),
        "shape_low": None if fit is None else number(fit.shape.low),
        "shape_high": None if fit is None else number(fit.shape.high),
        "hazard": "cannot be told" if fit is None else fit.hazard,
    }


def last_day(quarter: int) -> int:
    """Return the last day of a quarter (4 * year + quarter - 1), in days since 1970-01-01.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> date(1970, 1, 1) + timedelta(last_day(4 * 2017 + 1))
    datetime.date(2017, 6, 30)
    """
    from datetime import date

    following = quarter + 1
    return (date(following // 4, following % 4 * 3 + 1, 1) - date(1970, 1, 1)).days - 1


def _estimate(evidence: Evidence, row: dict[str, object]) -> Estimate:
    return Estimate(
        "median_onset",
        row["median_days"],  # type: ignore[arg-type]
        row["median_low"],  # type: ignore[arg-type]
        row["median_high"],  # type: ignore[arg-type]
        n=row["reports"],  # type: ignore[arg-type]
        unit="days",
        method="onset_quantiles",
        level=evidence.settings.level,
        endpoint="onset",
        group=f"{row['event']}, {row['exposure']}",
        note=f"Rate of the reaction over time: {row['hazard']}." if row["hazard"] != "cannot be told" else "",
    )


def _curves(evidence: Evidence, known: pl.DataFrame, overall: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the share of onsets by day for the commonest reactions of any checkpoint inhibitor."""
    import polars as pl

    chosen = overall.head(MOST_CURVES)
    titles = harm_titles()
    own = known.filter(pl.col("exposure") == ANY_INHIBITOR).with_columns(
        group=pl.col("event").replace_strict(titles, return_dtype=pl.String)
    )
    by_day = (
        own.filter(pl.col("group").is_in(chosen["event"].to_list()))
        .group_by("group", "days")
        .agg(n=pl.len())
        .sort("group", "days")
        .with_columns(share=pl.col("n").cum_sum().over("group") / pl.col("n").sum().over("group"))
    )
    order = {name: place for place, name in enumerate(chosen["event"])}
    curves = by_day.select("group", pl.col("days").cast(pl.Float64).alias("time"), "share").sort(
        pl.col("group").replace_strict(order, return_dtype=pl.Int64), "time"
    )
    medians = chosen.select(
        pl.col("event").alias("group"),
        pl.col("median_days").alias("median"),
        pl.col("quartile_1").alias("low"),
        pl.col("quartile_3").alias("high"),
        pl.col("reports").alias("n"),
        pl.col("weibull_shape").alias("shape"),
        "shape_low",
        "shape_high",
    )
    return {"onset_curves": curves, "onset_medians": medians}


def _figures(overall: pl.DataFrame) -> tuple[Figure, ...]:
    if overall.is_empty():
        return ()
    return (
        Figure(
            "onset",
            "onset_curves",
            "Time from the first dose to the reaction",
            "Reports of any checkpoint inhibitor in which both days are known; the commonest reactions. "
            "Dots are medians, with quartiles in the key.",
            {"scale": "log", "medians_table": "onset_medians"},
        ),
    )


def _by_dose(evidence: Evidence, known: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the reports of each agent by the last dose before the reaction, had it been given as its label says."""
    import polars as pl

    rows = []
    for agent, every in dosing().items():
        days = known.filter(pl.col("exposure") == agent).unique(REPORT)["days"].to_numpy()
        if len(days) < FEWEST:
            continue
        found = onset_by_dose(days, every, level=evidence.settings.level)
        rows += [
            {
                "agent": evidence.title(agent),
                "every_days": every,
                "after_dose": int(found.dose[k]),
                "reports": int(found.reports[k]),
                "share": float(found.share.value[k]),
                "low": float(found.share.low[k]),
                "high": float(found.share.high[k]),
            }
            for k in range(min(len(found.dose), MOST_DOSES))
        ]
    return {"onset_by_dose": pl.DataFrame(rows)} if rows else {}


def _compared(evidence: Evidence, known: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Compare onset under the combination with onset under one PD-(L)1 inhibitor, reaction by reaction."""
    import polars as pl

    rows = []
    for (event,), own in known.filter(pl.col("exposure").is_in([MONO, COMBINED])).group_by(
        ["event"], maintain_order=True
    ):
        sizes = [own.filter(pl.col("exposure") == name).height for name in (COMBINED, MONO)]
        if min(sizes) < FEWEST:
            continue
        found = compare_onset(
            own["days"].to_numpy(),
            own["exposure"].replace_strict({MONO: 0, COMBINED: 1}, return_dtype=pl.Int64).to_numpy(),
            limit=own["limit"].to_numpy(),
            level=evidence.settings.level,
        )
        rows.append(
            {
                "event": harm_titles()[str(event)],
                "reports_combination": sizes[0],
                "reports_alone": sizes[1],
                "ratio_of_medians": number(found.median_ratio.value),
                "ratio_low": number(found.median_ratio.low),
                "ratio_high": number(found.median_ratio.high),
                "p": number(found.test.p),
            }
        )
    return {"onset_compared": pl.DataFrame(rows, infer_schema_length=None)} if rows else {}
