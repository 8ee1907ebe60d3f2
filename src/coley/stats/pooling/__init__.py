"""Pooling: one marker in many cohorts, how far they disagree, and what to expect in the next one."""
