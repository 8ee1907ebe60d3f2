"""Decisions under uncertainty: costs and effects of strategies in, what to choose and what it is worth to know more."""
