"""Reports as they were read, made fit to count: one version of each case, standard names, each once a report."""

from coley.vigilance.cleaning.chain import clean
from coley.vigilance.cleaning.dictionary import Match
from coley.vigilance.cleaning.log import CleaningLog, Step
from coley.vigilance.cleaning.settings import Cleaning

__all__ = ["Cleaning", "CleaningLog", "Match", "Step", "clean"]
