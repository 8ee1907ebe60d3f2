"""What was asked for, looked up by name before anything is read."""

from __future__ import annotations

import pytest

from coley.biology.signatures import signatures
from coley.biology.signatures.members import MIN_COVERAGE as RUNNERS
from coley.model.errors import InvalidSetting, UnknownName
from coley.run.score.settings import MIN_COVERAGE, ScoreSettings, methods_asked, signatures_asked


def test_names_are_looked_up_before_anything_is_read() -> None:
    with pytest.raises(UnknownName, match="quantisek") as caught:
        methods_asked(ScoreSettings(cells=("quantisek",)))
    assert "quantiseq" in caught.value.remedy
    with pytest.raises(InvalidSetting, match="licence"):
        methods_asked(ScoreSettings(cells=("CIBERSORT",)))
    assert methods_asked(ScoreSettings(cells=())) == ()
    with pytest.raises(UnknownName) as unknown:
        signatures_asked(ScoreSettings(signatures=("CYT_geomen",)))
    assert "CYT_geomean" in unknown.value.remedy
    with pytest.raises(InvalidSetting, match="some are named"):
        signatures_asked(ScoreSettings(signatures=("CYT_geomean",), everything=True))
    for share in (0.0, 1.2, float("nan")):
        with pytest.raises(InvalidSetting, match="share"):
            signatures_asked(ScoreSettings(min_coverage=share))


def test_which_signatures_are_scored() -> None:
    assert MIN_COVERAGE == RUNNERS
    preferred = signatures_asked(ScoreSettings())
    assert preferred == tuple(name for name, one in signatures().items() if one.preferred)
    assert 10 < len(preferred) < len(signatures_asked(ScoreSettings(everything=True))) == len(signatures())
