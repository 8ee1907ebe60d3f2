"""Scores of 386 gene sets in 1,000 samples of 15,000 genes; run by itself, memory and first calls too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.race import Race, race
from coley.biology.scoring import aucell, gene_sets, gsva, mean_z, ssgsea, z_score

GENES, SAMPLES, SETS = 15_000, 1_000, 386
TABLE = 1e-2  # gseapy looks the kernel of GSVA up in steps of 0.001, and cuts off: its ranks differ a little


def races() -> Iterator[Race]:
    """Scores must be equal to 1e-9 before a ratio counts; those of GSVA to what gseapy's table allows."""
    import decoupler as dc
    import gseapy

    X, members = cohort(SAMPLES)
    genes, samples = [f"g{i}" for i in range(GENES)], [f"s{j}" for j in range(SAMPLES)]
    frame = pd.DataFrame(X, genes, samples)
    dictionary = {name: [genes[row] for row in rows] for name, rows in members.items()}
    net = pd.DataFrame([(name, gene) for name, group in dictionary.items() for gene in group])
    net.columns = ["source", "target"]
    position = {gene: row for row, gene in enumerate(genes)}
    what = f"{SETS} sets, {GENES} genes, {SAMPLES} samples"

    def ours(method: Callable[..., np.ndarray]) -> Callable[[], np.ndarray]:
        # from names of genes, as the others
        return lambda: method(
            X, gene_sets(list(dictionary), [[position[gene] for gene in g] for g in dictionary.values()])
        )

    def from_gseapy(function: Callable[..., object], **settings: object) -> Callable[[], np.ndarray]:
        def run() -> np.ndarray:
            found = function(
                frame, dictionary, outdir=None, min_size=1, max_size=GENES, threads=2, **settings
            )
            wide = found.res2d.pivot(index="Term", columns="Name", values="ES")
            return wide.loc[list(dictionary), samples].to_numpy(dtype=float)

        return run

    def from_decoupler(
        function: Callable[..., object],
        *,
        standardised: bool = False,
        combined: bool = False,
        **settings: object,
    ) -> Callable[[], np.ndarray]:
        def run() -> np.ndarray:
            z = frame
            if standardised:
                z = frame.sub(frame.mean(axis=1), axis=0).div(frame.std(axis=1), axis=0)
            found = function(z.T, net, tmin=1, **settings)
            scores = (found[0] if isinstance(found, tuple) else found)[list(dictionary)].loc[samples].T
            return (scores * z.std(axis=0) if combined else scores).to_numpy(dtype=float)

        return run

    yield race(
        f"ssgsea, {what}",
        "gseapy",
        ours(ssgsea),
        from_gseapy(gseapy.ssgsea, sample_norm_method="rank", weight=0.25),
        tolerance=1e-9,
        rounds=1,
    )
    yield race(
        f"gsva, {what}",
        "gseapy",
        ours(gsva),
        from_gseapy(gseapy.gsva, kcdf="Gaussian"),
        tolerance=TABLE,
        rounds=1,
    )
    yield race(
        f"aucell, {what}", "decoupler", ours(aucell), from_decoupler(dc.mt.aucell), tolerance=1e-9, rounds=3
    )
    yield race(
        f"mean_z, {what}",
        "decoupler",
        ours(mean_z),
        from_decoupler(dc.mt.waggr, standardised=True, fun="wmean", times=1),
        tolerance=1e-9,
        rounds=3,
    )
    # its z-score divides by the standard deviation of the sample; times that, it is the combined z-score
    yield race(
        f"z_score, {what}",
        "decoupler",
        ours(z_score),
        from_decoupler(dc.mt.zscore, standardised=True, combined=True, flavor="KSEA"),
        tolerance=1e-9,
        rounds=3,
    )


def cohort(samples: int, *, sets: int = SETS) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Log expression without ties, and sets of 5 to 120 genes."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((GENES, samples))
    X *= rng.gamma(2, 0.5, (GENES, 1))
    X += rng.uniform(0, 10, (GENES, 1))
    sizes = rng.integers(5, 121, sets)
    return X, {f"set{k}": rng.choice(GENES, size, replace=False) for k, size in enumerate(sizes)}


def measure(name: str, samples: int, sets: int) -> None:
    """Print seconds and peak memory of one method in a process of its own."""
    import resource

    from coley.biology.scoring import SCORING

    X, members = cohort(samples, sets=sets)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = perf_counter()
    SCORING[name].function(X, gene_sets(list(members), list(members.values())))
    seconds = perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{name}, {samples} samples, {sets} sets: {seconds:.2f} s, peak {after / 2**20:.2f} GiB "
        f"({before / 2**20:.2f} GiB before)"
    )


def main() -> None:
    """Seconds and memory of large cohorts and of first calls; each in a process of its own."""
    import os
    from tempfile import TemporaryDirectory

    def alone(name: str, samples: int, sets: int, **environment: str) -> None:
        code = f"from benchmarks.bench_scoring import measure; measure({name!r}, {samples}, {sets})"
        subprocess.run([sys.executable, "-c", code], env=os.environ | environment, check=True)

    with TemporaryDirectory() as empty:
        print("first calls: kernels compiled")
        for name in ("ssgsea", "gsva"):
            alone(name, 27, SETS, NUMBA_CACHE_DIR=empty)
        print("later calls: kernels from the cache")
        for name in ("ssgsea", "gsva"):
            alone(name, 27, SETS, NUMBA_CACHE_DIR=empty)
    print("large")
    for name in ("ssgsea", "gsva", "mean_z"):
        alone(name, 10_000, 400)


if __name__ == "__main__":
    main()
