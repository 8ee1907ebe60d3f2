"""Screens: one model or test for each of thousands of columns, and what the best of them are worth."""
