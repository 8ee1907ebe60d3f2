"""An economic model worked out: curves fitted and projected, courses followed, costs and effects of every draw.

`fitted.fit_curves` fits what comes from patients; `inputs` makes the base case, the draws and the one-way rows from
the same numbers; `evaluate.evaluate` runs any of them through a structure. Draws lead in every array.
`individuals.live` has single patients live the same model, with irAEs as events; `plans` makes their moves, doses and
irAEs of it.
"""
