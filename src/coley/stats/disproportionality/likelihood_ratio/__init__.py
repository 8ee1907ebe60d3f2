"""Likelihood-ratio tests of tables of counts: which cells hold too much, with the chance of any false claim held."""
