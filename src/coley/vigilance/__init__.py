"""Spontaneous reports: read, cleaned, coded and counted; relations that run on one machine or many."""
