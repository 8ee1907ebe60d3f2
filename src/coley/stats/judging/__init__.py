"""Judging scores and probabilities against what happened: discrimination, calibration, usefulness, added value."""
