"""False alarms in clean predictions and detection of each planted fault, to rates.csv.

    python tests/read/linter/make_rates.py

takes about five minutes. test_rates.py holds a smaller draw to these figures.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from conftest import ELSEWHERE, PLANTS, SIZES, clean, detected

CLEAN = 1000
PLANTED = 100
CUTS = 300


def alarms(seed: int) -> list[str]:
    n = 25 + seed * 7919 % 576  # 25 to 600
    return sorted(clean(n, seed).names)


def alarmed_by_cut(seed: int) -> bool:
    return "optimal_cut" in clean(25 + seed * 7919 % 576, seed, shape="calls").names


def rate(task: tuple[str, int]) -> float:
    plant, n = task
    return sum(detected(plant, n, seed) for seed in range(PLANTED)) / PLANTED


def main() -> None:
    with (
        ProcessPoolExecutor(2) as pool,
        (Path(__file__).parent / "rates.csv").open("w", newline="", encoding="utf-8", buffering=1) as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["set", "n", "data_sets", "share_flagged"])
        found = list(pool.map(alarms, range(CLEAN), chunksize=20))
        writer.writerow(["clean, any alarm", "25-600", CLEAN, sum(map(bool, found)) / CLEAN])
        for name, count in sorted(Counter(name for names in found for name in names).items()):
            writer.writerow([f"clean, {name}", "25-600", CLEAN, count / CLEAN])
        cut = sum(pool.map(alarmed_by_cut, range(ELSEWHERE, ELSEWHERE + CUTS), chunksize=20)) / CUTS
        writer.writerow(["clean, the best cut of other patients", "25-600", CUTS, cut])
        tasks = [(plant, n) for plant in PLANTS for n in SIZES]
        for (plant, n), share in zip(tasks, pool.map(rate, tasks), strict=True):
            writer.writerow([plant, n, PLANTED, share])


if __name__ == "__main__":
    main()
