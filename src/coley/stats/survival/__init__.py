"""Survival analysis: times to an event, of which some are not seen to end."""
