"""Immunotherapy's own questions of value, as pure functions on draws or on patients.

`increment` is what a strategy adds, with the part that one drug's price moves. `price`, `indications`, `paid_back`,
`refund` and `payers_risk` set that price; `budget` spreads it over years. `assay` and `biomarker_guided` treat by a
test of known accuracy, `marker_guided` and `score_guided` by a marker of patients, whose `gains` come from randomised
arms or `by_response`; `landmark` says what patients with a response lived longer, and `marker_draws` leads from a
trial to `biomarker_guided`. `dosing_rules` stops treatment early or gives it less often, `rechallenge` gives it again.
`equity`, `end_of_life` and `distributional` weigh health by who gains it.
"""
