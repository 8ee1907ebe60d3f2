"""Pictures of worth: costs, effects, the choice between strategies and what it rests on."""

from __future__ import annotations

from coley.report.figures.economic import acceptability as acceptability
from coley.report.figures.economic import budget_bars as budget_bars
from coley.report.figures.economic import ce_plane as ce_plane
from coley.report.figures.economic import cost_steps as cost_steps
from coley.report.figures.economic import extrapolation as extrapolation
from coley.report.figures.economic import frontier as frontier
from coley.report.figures.economic import hazards as hazards
from coley.report.figures.economic import information as information
from coley.report.figures.economic import price_curve as price_curve
from coley.report.figures.economic import state_area as state_area
from coley.report.figures.economic import tornado as tornado
