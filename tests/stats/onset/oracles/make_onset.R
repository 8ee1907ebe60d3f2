# Writes the oracle values beside this file. R 4.2.2, survival 3.5-3:
#   cd tests/stats/onset/oracles && R --vanilla --file=make_onset.R
library(survival)
set.seed(20260101)
cases <- list(early = floor(60 * rweibull(80, 0.6)), wearing = floor(40 * rweibull(50, 2.2)),
  constant = floor(25 * rweibull(300, 1)), few = c(0, 0, 1, 4, 11, 30))
values <- do.call(rbind, lapply(names(cases), function(case) {
  days <- cases[[case]]
  # an onset on day d lies in [d, d + 1); left-censored at 1 on day 0
  fit <- survreg(Surv(ifelse(days == 0, NA, days), days + 1, type = "interval2") ~ 1, dist = "weibull",
    control = survreg.control(rel.tolerance = 1e-14, maxiter = 200))
  median <- predict(fit, newdata = data.frame(x = 1), type = "quantile", p = 0.5, se.fit = TRUE)
  data.frame(case = case, log_scale = unname(coef(fit)), log_scale_se = sqrt(vcov(fit)[1, 1]),
    log_shape = -log(fit$scale), log_shape_se = sqrt(vcov(fit)[2, 2]), loglik = fit$loglik[1],
    median = unname(median$fit)[1], median_se = unname(median$se.fit)[1])
}))
write <- function(frame, file, call) {
  out <- file(file, "w"); writeLines(paste("#", call), out)
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- formatC(frame[[name]], digits = 15, format = "g", width = 1)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
write(values, "survreg.csv", "survreg(Surv(d, d + 1, type = 'interval2') ~ 1, dist = 'weibull'); predict(type = 'quantile', p = .5)")
write(data.frame(case = rep(names(cases), lengths(cases)), day = unlist(cases)), "days.csv", "floor(rweibull()), and one case by hand")
