"""The course of a disease through states, and what it costs and yields; arrays of draws in and out.

* `grid`: a `Grid` says at which times (years) a course is followed and by which rule it is added up: `cycles`,
  `at_times`, or `exact` (the nodes of a quadrature). `corrections.CORRECTIONS` holds the rules.
* Courses on a grid: `partitioned.partitioned_survival` from survival curves, `cohort.markov_cohort` from
  probabilities (`matrices`, `tunnels`), `three_state.clock_forward` and `clock_reset` from hazards out of each state.
* `rewards`: a `Reward` (per year in a state, at a move, at the start, per year on treatment) or `Charges` (a calendar
  of doses); `discounting.Discount`.
* `outcome.evaluate` puts them on a course and returns an `Outcome`; `strategies.side_by_side` joins strategies that
  were run on the same draws; `blocks.in_blocks` runs many draws a block at a time.
* `structures.compare_structures` runs one disease through three structures, and `likelihood` says how well each fits
  the patients; `time_to_death` has utilities by time to death.

Draws lead: a curve is (D, T), an occupancy (D, T, S), a total (D,).
"""
