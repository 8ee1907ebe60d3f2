"""From a matrix of expression to scores on disk: signatures, cells, and what stands behind each."""

from coley.run.score.run import ScoreResult, run_score
from coley.run.score.settings import MIN_COVERAGE, ScoreSettings

__all__ = ["MIN_COVERAGE", "ScoreResult", "ScoreSettings", "run_score"]
