"""Run the experiments, print their tables, and write them to results.json and to the page of the documentation."""

from __future__ import annotations

import json
import sys
from math import isfinite
from pathlib import Path

from validation import chain, discoveries, interactions, masking, page, watching
from validation.tally import Experiment, Table

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "docs" / "validation" / "spontaneous-reports.md"
EXPERIMENTS: dict[str, Experiment] = {
    each.EXPERIMENT.name: each.EXPERIMENT for each in (discoveries, watching, interactions, masking, chain)
}
DIGITS = 4  # of a rate: a hundredth of a per cent


def as_json(found: Table) -> dict[str, object]:
    """Return a table as it is written."""
    return {
        "title": found.title,
        "corner": found.corner,
        "rates": [
            {
                "row": row,
                "column": column,
                "rate": round(rate.value, DIGITS),
                "error": round(rate.error, DIGITS) if isfinite(rate.error) else None,
                "of": rate.of,
            }
            for (row, column), rate in found.cells.items()
        ],
    }


def main(names: list[str]) -> int:
    """Run experiments by name, or all; those that are not run keep the results that they had."""
    unknown = sorted(set(names) - set(EXPERIMENTS))
    if unknown:
        sys.stderr.write(f"There is no experiment {unknown[0]!r}. Known: {', '.join(EXPERIMENTS)}.\n")
        return 2
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or EXPERIMENTS:
        experiment = EXPERIMENTS[name]
        tables = [as_json(found) for found in experiment.run(experiment.databases)]
        results[name] = {"title": experiment.title, "databases": experiment.databases, "tables": tables}
        sys.stdout.write(page.tables(results[name]) + "\n")
        RESULTS.write_text(
            json.dumps({key: results[key] for key in EXPERIMENTS if key in results}, indent=1) + "\n"
        )
    if PAGE.exists():
        PAGE.write_text(page.filled(PAGE.read_text(), results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
