"""The linter: examines predictions against a study and names what makes their performance untrue.

Each rule is a value in `RULES` (name, title, what it looks for, function); their modules are families of faults.
Thresholds are rows, each with its reason, of `resources/thresholds.csv`.
"""

from coley.read.linter import (
    alignment,
    constants,
    cuts,
    folds,
    identity,
    leaks,
    order,
    preprocessing,
    probability,
    repeats,
    twins,
)
from coley.read.linter.predictions import Predictions, read_predictions
from coley.read.linter.protocol import Protocol, read_protocol
from coley.read.linter.rule import RULES, Rule
from coley.read.linter.run import lint

FAMILIES = (
    identity,
    order,
    alignment,
    twins,
    constants,
    preprocessing,
    cuts,
    folds,
    repeats,
    leaks,
    probability,
)

__all__ = [
    "FAMILIES",
    "RULES",
    "Predictions",
    "Protocol",
    "Rule",
    "lint",
    "read_predictions",
    "read_protocol",
]
