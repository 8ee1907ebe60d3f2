"""Patients simulated one by one in continuous time, with irAEs as events of their lives.

* `clocks`: a `Hazard` (family, natural parameters per draw and per patient, clock) or `Background` (life table) says by
  what something happens; `fitted_hazard` makes one from a fit, `median_of` from a published median.
* `semi_markov.semi_markov` walks patients through any states.
* `treated.simulate` lives the lives of treated patients: a `treatment.Disease`, a `treatment.Treatment` (doses,
  two-year stop, discontinuation, rechallenge), `treatment.Values`, and `iraes.Irae` with onset, grade, duration,
  persistence, admission, death; a `treated.Setting` is shared by strategies. `treated.histories` tells single lives.
* `result.difference` compares two strategies patient by patient: luck belongs to (seed, draw, patient, event), so
  that strategies share it and the number of threads changes nothing.
* `iraes.published_iraes` has published figures of irAEs; `incidence.with_observed_incidence` turns an incidence of all
  who began treatment into the chance of those who stay on it.
* `nested.without_noise` takes the luck of the patients within draws off the spread between them.
* `tabulated` follows hazards along a grid, and finds the moves that give back two curves of survival.
* `work` cuts draws and patients into blocks for threads; the kernels (numba) are imported only when something runs.

Times are in years; means over patients are (D,).
"""
