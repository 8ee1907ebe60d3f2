"""Made expression.csv and sets.csv: simulated log expression of 200 genes in 15 samples, without ties."""

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
GENES, SAMPLES = 200, 15


def main() -> None:
    rng = np.random.default_rng(3)
    factor = rng.normal(size=SAMPLES)
    level, spread = rng.uniform(2, 9, (GENES, 1)), rng.gamma(2, 0.4, (GENES, 1))
    X = level + spread * rng.normal(size=(GENES, SAMPLES))
    X[:20] += factor  # the first set is made to move together
    sets = {"together": range(20)} | {
        f"set{size}": sorted(rng.choice(GENES, size, replace=False)) for size in (2, 5, 11, 25, 60)
    }
    with (HERE / "expression.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["gene", *(f"s{j + 1}" for j in range(SAMPLES))])
        writer.writerows([f"g{i + 1}", *(f"{x:.5f}" for x in row)] for i, row in enumerate(X))
    with (HERE / "sets.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["set", "gene"])
        writer.writerows([name, f"g{i + 1}"] for name, rows in sets.items() for i in rows)


if __name__ == "__main__":
    main()
