"""Figures: a registry of kinds, each a function from a table to a Vega-Lite drawing, and `draw`.

==============  ===================================================  ======================================
kind            columns of the table (long format)                   optional columns
==============  ===================================================  ======================================
kaplan_meier    group, time (months), survival, low, high            censored (count at that time)
forest          label, value, low, high, n                           section, events, p, highlight, cohorts,
                                                                     reach_low, reach_high (a new cohort),
                                                                     note
stacked_bar     group, category (CR PR SD PD NE), n, share
line_band       x, value, low, high                                  group
calibration     x (predicted), value (observed), low, high           group
decision_curve  group, x (threshold), value (net benefit), low, high
roc             group, x (1 - specificity), value (sensitivity)      low, high, auc, auc_low, auc_high
cutpoint        x (cut-point), value (absolute z)
share_bar       label, part, share, low, high
dot_interval    label, series, value, low, high                      n
waterfall       patient_id, change_percent, response
spider          patient_id, time, change_percent, response
heat_map        row, column, value, low, high, n (reports)           signal, observable, listed
volcano         label, value, low, n (reports)                       p, q, group, signal
timeline        group, x (quarter: 2017Q2), value, low, high         n (reports so far), crossed, signal
onset           group, time (days), share                            low, high
==============  ===================================================  ======================================

The kinds of the question `worth` are told in `coley.report.figures.economic`.

Shares, probabilities and survival are fractions of 1. `FIGURES[kind].options` says what each kind may be told.
"""

from __future__ import annotations

from coley.report.figures import calibration as calibration
from coley.report.figures import cutpoint as cutpoint
from coley.report.figures import decision_curve as decision_curve
from coley.report.figures import dot_interval as dot_interval
from coley.report.figures import economic as economic
from coley.report.figures import forest as forest
from coley.report.figures import heat_map as heat_map
from coley.report.figures import kaplan_meier as kaplan_meier
from coley.report.figures import line_band as line_band
from coley.report.figures import onset as onset
from coley.report.figures import roc as roc
from coley.report.figures import share_bar as share_bar
from coley.report.figures import stacked_bar as stacked_bar
from coley.report.figures import timeline as timeline
from coley.report.figures import volcano as volcano
from coley.report.figures import waterfall as waterfall
from coley.report.figures.draw import describe as describe
from coley.report.figures.draw import draw as draw
from coley.report.figures.kinds import FIGURES as FIGURES
