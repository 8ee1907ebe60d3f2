"""Run every bench_*.py beside this file and write the ratios to results.json."""

from __future__ import annotations

import json
import os
import platform
import re
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    results = []
    for path in sorted(HERE.glob("bench_*.py")):
        for race in import_module(f"benchmarks.{path.stem}").races():
            print(f"{race.name}: {race.ratio} times as fast as {race.peer}")
            results.append(
                {
                    "name": race.name,
                    "peer": race.peer,
                    "ratio": race.ratio,
                    "equal_to": race.largest_difference,
                }
            )
    lines = (HERE / "peers.txt").read_text().splitlines()
    peers = [re.split(r"[\s;=<>~!]", line.strip())[0] for line in lines if line.strip()]
    machine = {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("coley", "numpy", "scipy", *peers)},
    }
    (HERE / "results.json").write_text(json.dumps({"machine": machine, "ratios": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
