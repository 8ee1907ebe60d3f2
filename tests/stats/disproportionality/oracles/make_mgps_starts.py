"""Writes mgps_starts.csv: the two-gamma prior of every real table, by another optimiser from 20 starts.

    cd tests/stats/disproportionality/oracles && python make_mgps_starts.py FOLDER_OF_THE_REAL_TABLES

Nothing of Coley is used: the likelihood is written out here, its slope is numerical (L-BFGS-B in other coordinates),
and the best end is polished by Nelder and Mead's simplex. scipy 1.17.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import expit, gammaln

DATA = Path(sys.argv[1])
STARTS = 20
# A shape or rate beyond this, in the logarithm, is a point; the likelihood changes little more.
FAR = 14.0


def whole(path):
    counts = pl.read_csv(path).drop("").to_numpy().astype(float)
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    return counts.ravel(), expected.ravel()


def listed():
    table = pl.read_csv(DATA / "phvid_example" / "phvid_pairs.csv.gz", new_columns=["drug", "event", "n"])
    n = pl.col("n")
    e = (n.sum().over("drug") * n.sum().over("event") / n.sum()).alias("e")
    table = table.with_columns(e)
    return table["n"].to_numpy().astype(float), table["e"].to_numpy()


def log_mass(n, e, a, b):
    return gammaln(n + a) - gammaln(a) - gammaln(n + 1) + a * np.log(b / (b + e)) + n * np.log(e / (b + e))


def depth(theta, n, e, weight, truncation):
    a1, b1, a2, b2 = np.exp(np.clip(theta[:4], -FAR, FAR))
    p = expit(theta[4])
    f, g = np.exp(log_mass(n, e, a1, b1)), np.exp(log_mass(n, e, a2, b2))
    one, two = 1 - (b1 / (b1 + e)) ** a1, 1 - (b2 / (b2 + e)) ** a2
    if truncation == "components":
        f, g = f / one, g / two
    like = p * f + (1 - p) * g
    if truncation == "mixture":
        like = like / (p * one + (1 - p) * two)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = -(weight @ np.log(like)) / weight.sum()
    return value if np.isfinite(value) else 1e6


rows = []
tables = [
    (path.name.split(".")[0], "none", *whole(path))
    for folder in ("mddc", "pvlrt", "pvebayes")
    for path in sorted((DATA / f"{folder}_contingency_tables").glob("*.csv*"))
    if "idx" not in path.name and "expected" not in path.name
]
tables += [("phvid", truncation, *listed()) for truncation in ("components", "mixture")]
for name, truncation, n, e in tables:
    keep = e > 0
    points, weight = np.unique(np.column_stack([n, e])[keep], axis=0, return_counts=True)
    arguments = (*points.T.copy(), weight.astype(float), truncation)
    rng = np.random.default_rng(7)
    ends = []
    for _ in range(STARTS):
        shapes = rng.uniform([-2.5, -2.5], [2.5, 12.0])
        start = np.r_[np.column_stack([shapes, shapes - rng.normal(0, 1, 2)]).ravel(), rng.normal(0, 1.5)]
        with np.errstate(all="ignore"):
            ends.append(
                minimize(depth, start, arguments, method="L-BFGS-B", bounds=[(-FAR, FAR)] * 4 + [(-14, 14)])
            )
    best = min(ends, key=lambda end: end.fun)
    for _ in range(2 if len(points) < 20_000 else 1):
        with np.errstate(all="ignore"):
            best = minimize(
                depth,
                best.x,
                arguments,
                method="Nelder-Mead",
                options={"xatol": 1e-8, "fatol": 1e-15, "maxiter": 1500, "maxfev": 1500},
            )
    a1, b1, a2, b2 = np.exp(np.clip(best.x[:4], -FAR, FAR))
    p = float(expit(best.x[4]))
    if a1 / b1 < a2 / b2:
        a1, b1, a2, b2, p = a2, b2, a1, b1, 1 - p
    value = -best.fun * weight.sum()
    rows.append((name, truncation, int(weight.sum()), a1, b1, a2, b2, p, value))
names = ["table", "truncation", "pairs", "alpha1", "beta1", "alpha2", "beta2", "p", "loglik"]
with Path("mgps_starts.csv").open("w") as out:
    out.write(
        "# scipy.optimize.minimize of the likelihood in make_mgps_starts.py: 20 starts of L-BFGS-B, then Nelder-Mead\n"
    )
    pl.DataFrame(rows, schema=names, orient="row").write_csv(out)
