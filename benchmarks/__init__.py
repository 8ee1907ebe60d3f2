"""Speed, as ratios against named peers in the same run; each result is checked to be equal before it counts."""
