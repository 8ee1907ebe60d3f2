"""Parametric survival: distributions that carry a curve beyond the follow-up, fitted by maximum likelihood.

The nouns and who makes them:

* a **family** (`family.Family`) is a value: named parameters with their links, and functions of the natural
  parameters and time, in logarithms. `families.FAMILIES` holds those that need no further choice;
  `spline.royston_parmar`, `piecewise.piecewise_exponential`, `cure.mixture_cure` and `cure.non_mixture_cure`
  make others; `families.candidates(data)` is the set that is compared side by side.
* `data.survival_data(time, event, *, entry, upper, weights, background, background_between)` is the follow-up,
  examined; `background` is the hazard of the general population at each patient's time, per unit of time.
  `external.add_counts` adds what a registry counted.
* `fitting.fit(family, data, *, covariates, level)` gives a `fitted.Fit`: estimates with intervals, covariance,
  what was seen of convergence (`.search`, `.notes`), `.draws(n, seed=)` (n, B) on the working scale,
  `.parameters(draws, at=)` (n, P) on the natural. `fitting.fit_each(families, data)` gives fits and refusals by name.
* `curves` evaluates any family for natural parameters (D, P) at times (T,): `survival`, `log_survival`, `hazard`,
  `cumulative_hazard`, `quantile`, `mean`, `restricted_mean`, `random_times`; the results are (D, T) or (D,).
* `average.model_weights` weighs fits, `joint.joint_draws` draws endpoints of the same patients together,
  `hazards.smoothed_hazard` and `hazards.occurrence_exposure` show the hazard that no model has shaped.

Natural parameters are in the order of `family.parameters`. Time is in whatever unit the data have; a rate is per
that unit. With a background, curves are of net survival: times that of the general population, it is all-cause.
"""
