"""From files of spontaneous reports to a report on disk: `coley signals`."""

from coley.run.signals.run import SignalsSettings as SignalsSettings
from coley.run.signals.run import run_signals as run_signals
