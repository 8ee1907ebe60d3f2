"""Run every bench_*.py beside this file and write the ratios to results.json."""

from __future__ import annotations

import json
import os
import platform
import re
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.in_r import versions

HERE = Path(__file__).parent


def main() -> None:
    results = []
    for path in sorted(HERE.glob("bench_*.py")):
        for race in import_module(f"benchmarks.{path.stem}").races():
            print(race)
            results.append(race.entry())
    lines = (HERE / "peers.txt").read_text().splitlines()
    peers = [re.split(r"[\s;=<>~!]", line)[0] for line in map(str.strip, lines) if line and line[0] != "#"]
    machine = {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("coley", "numpy", "scipy", *peers)},
        **versions("openEBGM", "hesim", "heemod"),
    }
    (HERE / "results.json").write_text(json.dumps({"machine": machine, "ratios": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
