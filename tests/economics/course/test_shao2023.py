"""CheckMate 067 by Shao 2023: all 396 published ICERs, from our partitioned survival and the paper's inputs.

What is particular to that model is expressed here: its rows, its in-place averaging of neighbouring points, its
times, and two slips that the published figures contain (SOURCE.txt beside the data). The copy of the curves
there has 8 decimals, which costs 0.002 dollars; with the authors' own 15 digits all 396 agree to 5e-6.
"""

from __future__ import annotations

import csv
import re
from functools import cache

import numpy as np
import pytest

from coley.economics.course.corrections import Correction
from coley.economics.course.discounting import Discount
from coley.economics.course.grid import at_times
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Reward

# Every row counts a month; deaths between rows are charged at the later one.
ROWS = Correction("rows", "", lambda values, lengths: values / 12, lambda values, lengths: values[..., 1:])
DISCOUNT = Discount(0.03, whole_years=True)
# The authors moved single points of some curves by hand.
SHIFTS = {
    ("3ex", "niv_os"): (0.005, {"mixcure", "gompertz", "fp1"}),
    ("3ex", "ipi_os"): (0.01, {"fp2", "gam", "rcs"}),
    ("3ex", "ipi_pfs"): (-0.01, {"fp2", "gompertz", "rphazard"}),
    ("3fit", "niv_os"): (0.005, {"gompertz", "gam"}),
    ("3fit", "ipi_pfs"): (-0.01, {"rphazard", "fp2"}),
    ("6.5fit", "niv_os"): (0.01, {"mixcure", "gam", "rcs"}),
    ("6.5fit", "ipi_pfs"): (-0.01, {"rphazard"}),
}
END_OF_LIFE = 16998.42
# Published adverse events, once: cost, and disutility times a month, with the sign of the source.
ADVERSE_EVENTS = {"niv": (332.3646, 0.2301 / 12), "ipi": (150.5682, 0.1588 / 12)}

MONTH = 30.0
NIVOLUMAB = 1.5 * (16002 / 42 + 204.48 / 21) * MONTH
CHEMOTHERAPY = (6377 / 2 / 21 + 497.93 / 21) * MONTH
DACARBAZINE = (152.01 / 21 + 497.93 / 21) * MONTH
PROGRESSED = {
    "niv": 0.46 * CHEMOTHERAPY + 0.54 * DACARBAZINE,
    "ipi": 0.76 * NIVOLUMAB + 0.24 * DACARBAZINE,
}


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def drug(arm, rows):
    cycle = np.arange(1, rows + 1)
    if arm == "ipi":
        return np.where(cycle <= 3, (56946 / 2 / 21 + 497.93 / 21) * MONTH, 0.0)
    first = (73521 / 42 + 219.79 / 21) * MONTH
    return np.select([cycle <= 3, cycle <= 24, cycle <= 60], [first, NIVOLUMAB, CHEMOTHERAPY], 0.0)


class Shao:
    def __init__(self, folder, fit, horizon):
        self.folder, self.fit = folder, fit
        self.months = {"6.5": 78, "20": 240}[horizon]

    @cache  # noqa: B019  (one object a table)
    def curve(self, which, model):
        years = "6.5y" if self.fit == "6.5fit" else "3y"
        with (self.folder / f"curves_{years}_{which}.csv").open() as file:
            header, *rows = csv.reader(file)
        table = np.array(rows, dtype=float)[: self.months]
        values = table[:, [plain(name) for name in header].index(plain(model))].copy()
        shift, of_models = SHIFTS.get((self.fit, which), (0.0, set()))
        values[1] += shift * (plain(model) in of_models)
        values = np.r_[1.0, values]
        values[:-1] = (values[:-1] + values[1:]) / 2
        return np.r_[table[:, 0], table[-1, 0] + table[1, 0] - table[0, 0]], values

    @cache  # noqa: B019
    def arm(self, arm, pfs, os):
        times, stable = self.curve(f"{arm}_pfs", pfs)
        _, alive = self.curve(f"{arm}_os", os)
        course = partitioned_survival(
            at_times(times, correction=ROWS), {"stable": stable, "progressed": alive}
        )
        assert not course.crossings
        money, disutility = ADVERSE_EVENTS[arm]
        rewards = [
            Reward("care", "cost", by_state={
                "stable": 12 * drug(arm, len(times))[None], "progressed": 12 * PROGRESSED[arm]}),
            Reward("end of life", "cost", on_entry={"dead": END_OF_LIFE}),
            Reward("adverse events", "cost", at_start=money),
            Reward("qalys", "effect", by_state={"stable": 0.8, "progressed": 0.52}, at_start=disutility),
        ]  # fmt: skip
        found = evaluate(course, rewards, costs=DISCOUNT, effects=DISCOUNT)
        by = found.discounted.by_category
        return (
            by["care"][0] + by["adverse events"][0],
            by["end of life"][0],
            END_OF_LIFE * (1 - alive[0]),
            found.effects[0],
        )


TABLES = [(fit, horizon) for fit in ("3ex", "3fit", "6.5fit") for horizon in ("6.5", "20")]


@pytest.mark.real
def test_all_396_icers(shared):
    folder = shared / "economics" / "shao2023_checkmate067_cea"
    with (folder / "recomputed_all_combinations.csv").open() as file:
        combinations = list(csv.DictReader(file))
    with (folder / "curves_3y_niv_os.csv").open() as file:
        digits = max(len(value) for value in list(csv.reader(file))[2])
    dollars = 2e-3 if digits <= 10 else 5e-6
    seen = 0
    for fit, horizon in TABLES:
        rows = [row for row in combinations if (row["fit"], row["horizon_y"]) == (fit, horizon)]
        with (folder / f"ICER_{fit}_{horizon}.csv").open() as file:
            published = [float(row["ICER"]) for row in csv.DictReader(file)]
        columns = {f"{a}_{e}": f"{a}{e}" for a in ("niv", "ipi") for e in ("os", "pfs")}
        model = Shao(folder, fit, horizon)
        assert len(rows) == len(published)
        for row, icer in zip(rows, published, strict=True):
            of = {which: row[column] for which, column in columns.items()}
            care, deaths, first, qalys = model.arm("niv", of["niv_pfs"], of["niv_os"])
            care_i, deaths_i, first_i, qalys_i = model.arm("ipi", of["ipi_pfs"], of["ipi_os"])
            right = (care + deaths - care_i - deaths_i) / (qalys - qalys_i)
            # The slip: from the second cycle on, the ipilimumab arm pays for the deaths of the other arm.
            slipped = care + deaths - care_i - (first_i + deaths - first)
            assert slipped / (qalys - qalys_i) == pytest.approx(icer, rel=0, abs=dollars)
            assert right == pytest.approx(float(row["ICER_corrected_eol"]), rel=0, abs=dollars)
            seen += 1
    assert seen == 396
