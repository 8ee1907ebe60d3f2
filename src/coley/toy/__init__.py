"""Simulated studies whose truth is known: they feed the demo, the documentation and the tests."""

from coley.toy.design import CHEMOTHERAPY, COMBINATION, ICI, Arm, Design, Drug, null_effect, single_arm
from coley.toy.simulate import Toy, simulate, simulate_outcomes
from coley.toy.truth import Truth

__all__ = [
    "CHEMOTHERAPY",
    "COMBINATION",
    "ICI",
    "Arm",
    "Design",
    "Drug",
    "Toy",
    "Truth",
    "null_effect",
    "simulate",
    "simulate_outcomes",
    "single_arm",
]
