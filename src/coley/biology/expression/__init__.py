"""A matrix of expression made ready for scoring: names repaired, unit checked, one scale, everything said."""

from coley.biology.expression.prepare import prepare
from coley.biology.expression.units import Unit, units
from coley.biology.expression.values import Expression

__all__ = ["Expression", "Unit", "prepare", "units"]
