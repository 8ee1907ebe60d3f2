"""MGPS: the two-gamma Poisson shrinker, from counts of pairs to its prior, and from the prior to EBGM and EB05."""
