"""Real cohorts, from the files as published to a whole report."""

from __future__ import annotations

from pathlib import Path

import pytest

from coley.run.manifest import verify
from coley.run.pipeline import run

MANIFESTS = Path(__file__).parents[1] / "real"


@pytest.mark.real
@pytest.mark.parametrize(
    ("cohort", "says"),
    [
        ("oak", "0.73 (0.62–0.86) for atezolizumab against docetaxel"),
        ("riaz2017_genomics", "15 of 73 patients responded"),
        ("snyder2017_bladder", "7 of 25 patients responded"),
        ("cdisc_pilot_ae", "Cannot be answered"),
    ],
)
@pytest.mark.usefixtures("shared")
def test_a_published_cohort_becomes_a_report(cohort: str, says: str, tmp_path: Path) -> None:
    result = run(MANIFESTS / cohort, ["respond"], out=tmp_path / cohort, settings={"bootstraps": 20})
    assert verify(result.folder) == ()
    assert says in result.answers[0].headline
    assert result.study.sources
