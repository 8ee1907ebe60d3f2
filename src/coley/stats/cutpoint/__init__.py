"""Cut-points of a marker: published ones taken as they are, and the best one with what its choice costs."""
