"""Pictures of worth: costs, effects, the choice between strategies and what it rests on.

================  =================================================  =========================================
kind              columns of the table (long format)                 optional columns
================  =================================================  =========================================
frontier          strategy, cost, qalys, status                      icer
ce_plane          strategy, kind (draw, ellipse, mean), effect,
                  cost (both against the comparator)
acceptability     threshold, strategy, probability                   frontier (true where it is the choice)
loss_curves       threshold, strategy, loss                          frontier
information       threshold, per_person, se                          population (value for all patients)
information_bars  input, value, se                                   held_out, label (of the input, in words)
extrapolation     strategy, kind (observed, model, alternative,      low, high, family (of an alternative)
                  registry, population), time (years), value
hazards           the same; value is events per year at risk         low, high, family
state_area        strategy, state, time (years), share
tornado           input, low, high, at_low, at_high, base            strategy, label, low_words, high_words
choice_map        x, y, strategy, net_benefit                        analysis (whose rows are drawn)
cost_steps        strategy, category, value
price_curve       threshold, price (share of the list price)         probability (none: on expected values),
                                                                     low, high (of those), strategy
budget_bars       year, scenario (without, with), category, cost
swimmer           patient, kind (of a stretch, or of a moment),      end (months; none for a moment), label
                  start (months)
================  =================================================  =========================================

Money is in one currency, which the option `currency` names; the options `strategies` and `control` give each
strategy the same colour and dash in every picture of a page.
"""

from __future__ import annotations

from coley.report.figures.economic import acceptability as acceptability
from coley.report.figures.economic import budget_bars as budget_bars
from coley.report.figures.economic import ce_plane as ce_plane
from coley.report.figures.economic import choice_map as choice_map
from coley.report.figures.economic import cost_steps as cost_steps
from coley.report.figures.economic import extrapolation as extrapolation
from coley.report.figures.economic import frontier as frontier
from coley.report.figures.economic import hazards as hazards
from coley.report.figures.economic import information as information
from coley.report.figures.economic import price_curve as price_curve
from coley.report.figures.economic import state_area as state_area
from coley.report.figures.economic import swimmer as swimmer
from coley.report.figures.economic import tornado as tornado
