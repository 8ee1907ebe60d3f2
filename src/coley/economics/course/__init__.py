"""The course of a disease through states, and what it costs and yields; arrays of draws in and out.

A `Grid` says at which times (years) the course is followed and how it is added up. A course is made on it by
`partitioned_survival` (curves), `markov_cohort` (probabilities of transition), `clock_forward` or `clock_reset`
(hazards out of each state). `evaluate` puts `Reward` and `Charges` on a course and returns an `Outcome`;
`side_by_side` joins outcomes of strategies that were run on the same draws.

Draws lead: a curve is (D, T), an occupancy (D, T, S), a total (D,).
"""
