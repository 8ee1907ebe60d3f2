"""Disproportionality: how much more often two things are reported together than apart; arrays in, numbers out."""
