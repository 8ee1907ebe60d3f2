"""Patients simulated one by one in continuous time, with irAEs as events of their lives.

* `clocks`: a `Hazard` (family, natural parameters per draw and per patient, clock) or `Background` (life table) says by
  what something happens; `median_of` makes one from a published median.
* `semi_markov.semi_markov` walks patients through any states.
* `treated.simulate` lives the lives of treated patients: a `treatment.Disease`, a `treatment.Treatment` (doses,
  two-year stop, discontinuation, rechallenge), `treatment.Values`, and `iraes.Irae` with onset, grade, duration,
  persistence, admission, death; a `treated.Setting` is shared by strategies. `treated.histories` tells single lives.
* `result.difference` compares two strategies patient by patient: luck belongs to (seed, draw, patient, event), so
  that strategies share it and the number of threads changes nothing.
* `iraes.known_iraes` has published figures of irAEs.

Times are in years; means over patients are (D,).
"""
