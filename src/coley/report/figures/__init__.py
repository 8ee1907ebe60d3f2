"""Figures: a registry of kinds, each a function from a table to a Vega-Lite drawing, and `draw`.

=============  ====================================================  =====================================
kind           columns of the table (long format)                    optional columns
=============  ====================================================  =====================================
kaplan_meier   group, time (months), survival, low, high             censored (count at that time)
forest         label, value, low, high, n                            section, events, p, highlight, reach_*
stacked_bar    group, category (CR PR SD PD NE), n, share
line_band      x, value, low, high                                   group
share_bar      label, part, share, low, high
dot_interval   label, series, value, low, high                       n
waterfall      patient_id, change_percent, response
spider         patient_id, time, change_percent, response
=============  ====================================================  =====================================

Shares and survival are fractions of 1. `FIGURES[kind].options` says what each kind may be told.
"""

from __future__ import annotations

from coley.report.figures import dot_interval as dot_interval
from coley.report.figures import forest as forest
from coley.report.figures import kaplan_meier as kaplan_meier
from coley.report.figures import line_band as line_band
from coley.report.figures import share_bar as share_bar
from coley.report.figures import stacked_bar as stacked_bar
from coley.report.figures import waterfall as waterfall
from coley.report.figures.draw import describe as describe
from coley.report.figures.draw import draw as draw
from coley.report.figures.kinds import FIGURES as FIGURES
