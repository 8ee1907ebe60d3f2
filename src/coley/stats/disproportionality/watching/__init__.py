"""Watching: looking at a pair again every quarter, with one chance of a false alarm over all looks."""
