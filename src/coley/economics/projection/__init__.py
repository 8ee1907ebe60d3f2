"""Survival carried beyond the follow-up: what joins a fitted curve to the rest of a life."""
