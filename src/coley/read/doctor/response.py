"""Response against what happened next: progression, death, and the two codings of response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.events import RESPONSES
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    flag,
    found,
    groups,
    in_groups,
    middle,
    numbers,
    patients_word,
    place,
    severity,
    table,
)
from coley.read.doctor.thresholds import limit
from coley.read.doctor.times import misread

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study


def _split(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Return responders and the others: by response (CR, PR against PD), else by the flag."""
    import polars as pl

    if "response" in frame.columns and frame["response"].null_count() < frame.height:
        return frame.filter(pl.col("response").is_in(RESPONSES)), frame.filter(pl.col("response") == "PD")
    if "responder" in frame.columns:
        return frame.filter(flag("responder")), frame.filter(~flag("responder"))
    return None


@examination(
    "response_order",
    title="Response against progression-free survival",
    looks_for="responders who progress no later than the others (reversed codes, or rows out of step)",
    needs=(Need("patients", ("pfs_months",), any_of=("response", "responder")),),
)
def response_order(study: Study) -> Findings:
    """Compare the PFS of responders with that of the others, cohort by cohort."""
    import polars as pl

    checks: Findings = []
    for label, frame in groups(study):
        halves = _split(frame)
        if halves is None:
            continue
        better, worse = (numbers(half, "pfs_months") for half in halves)
        if min(len(better), len(worse)) < limit("response.order_n"):
            continue
        ranks = pl.concat([better, worse]).rank("average").head(len(better))
        longer = (float(ranks.sum()) - len(better) * (len(better) + 1) / 2) / (len(better) * len(worse))
        if longer >= limit("response.order_warn"):
            continue
        reverse = longer < limit("response.order_reversed")
        checks.append(
            found(
                "response_order",
                "fail",
                f"Responders{in_groups([label])} outlast the others in PFS in only {longer:.0%} of pairs "
                f"({len(better)} responders, median {middle(better):.3g}; {len(worse)} others, "
                f"median {middle(worse):.3g}); at least {limit('response.order_warn'):.0%} is the rule.",
                cause="The code of response is reversed."
                if reverse
                else "Response and PFS come from different rows: joined by position, or sorted on their own.",
                remedy="Check the codes of response, and join tables by patient_id.",
                where=place(frame, "response" if "response" in frame.columns else "responder"),
            )
        )
    return checks


@examination(
    "response_time",
    title="Response against the time of progression",
    looks_for="best response PD long before progression, and progression before a response can be seen",
    needs=(Need("patients", ("response", "pfs_months")),),
)
def response_time(study: Study) -> Findings:
    """Name single patients whose response and PFS exclude each other."""
    import polars as pl

    # where the unit is wrong, every patient contradicts, and time_unit says so
    sound = [frame for _, frame in groups(study) if misread(frame, "pfs_months") is None]
    if not sound:
        return []
    patients = pl.concat(sound).filter(pl.col("pfs_months").is_not_null())
    progressed = patients.filter(pl.col("response") == "PD")
    late = progressed.filter(pl.col("pfs_months") > limit("response.pd_latest"))
    checks: Findings = []
    if late.height:
        checks.append(
            found(
                "response_time",
                severity(late.height, progressed.height),
                f"{late.height} of {patients_word(progressed.height)} with best response PD have a PFS of "
                f"more than {limit('response.pd_latest'):g} months: PD is seen at the first scans.",
                cause="Last response instead of best response, another unit of time, or rows out of step.",
                remedy="Check response and PFS of these patients.",
                where=place(late, "pfs_months"),
            )
        )
    if "pfs_event" in patients.columns:
        responders = patients.filter(pl.col("response").is_in(RESPONSES))
        early = responders.filter(flag("pfs_event") & (pl.col("pfs_months") < limit("response.cr_earliest")))
        if early.height:
            checks.append(
                found(
                    "response_time",
                    severity(early.height, responders.height),
                    f"{early.height} of {patients_word(responders.height)} with CR or PR progressed within "
                    f"{limit('response.cr_earliest'):g} months, before a response can be seen.",
                    cause="Another unit of time (years), or rows out of step.",
                    remedy="Check response and PFS of these patients.",
                    where=place(early, "pfs_months"),
                )
            )
    return checks


@examination(
    "responder_flag",
    title="Response in two columns",
    looks_for="a responder flag that contradicts the best response",
    needs=(Need("patients", ("response", "responder")),),
)
def responder_flag(study: Study) -> Findings:
    """Responder means CR or PR here; other definitions count stable disease too."""
    import polars as pl

    known = table(study, "patients").filter(
        pl.col("response").is_in((*RESPONSES, "SD", "PD")) & pl.col("responder").is_not_null()
    )
    bad = known.filter(flag("responder") != pl.col("response").is_in(RESPONSES))
    if not bad.height:
        return []
    stable = bad.filter(flag("responder") & (pl.col("response") == "SD")).height
    return [
        found(
            "responder_flag",
            severity(bad.height, known.height),
            f"responder contradicts response in {bad.height} of {patients_word(known.height)}"
            + (f"; {stable} are stable disease counted as response." if stable else "."),
            cause="Responder was defined as clinical benefit, or its code is reversed.",
            remedy="Give clinical benefit a name of its own; responder is CR or PR.",
            where=place(bad, "responder"),
        )
    ]
