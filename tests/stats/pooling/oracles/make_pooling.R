# Writes the oracle values beside this file. R 4.2.2, metafor 3.8-1:
#   cd tests/stats/pooling/oracles && R --vanilla --file=make_pooling.R
suppressMessages(library(metafor))
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
tight <- list(threshold = 1e-13, maxiter = 100000, tol = 1e-12, tau2.max = 1e5)

# the data: dat.bcg (Colditz 1994) as log risk ratios; the others made here by a formula, so that no seed matters
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
made <- function(k, spread, shift) { i <- seq_len(k); se <- 0.08 + 0.35 * ((i * 7) %% 11) / 11
  list(yi = shift + spread * sin(2.3 * i) + se * cos(5.1 * i), vi = se^2) }
sets <- list(bcg = list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi)),
  alike = made(6, 0, 0.2), apart = made(16, 0.6, -0.3), few = made(3, 0.4, 0.5), two = made(2, 0.5, 0.1))
data <- do.call(rbind, Map(function(s, name) data.frame(set = name, y = s$yi, v = s$vi), sets, names(sets)))
write(data, "studies.csv", "bcg: escalc('RR', dat.bcg); the others: made() in make_pooling.R")

rows <- list()
for (name in names(sets)) for (method in c("REML", "PM", "DL")) {
  s <- sets[[name]]; k <- length(s$yi)
  wald <- rma(s$yi, s$vi, method = method, control = tight)
  t2 <- wald$tau2  # all fits at one tau2, so that they differ in the interval alone
  plain <- rma(s$yi, s$vi, tau2 = t2, test = "knha"); guarded <- rma(s$yi, s$vi, tau2 = t2, test = "adhoc")
  fixed <- rma(s$yi, s$vi, method = "FE"); profile <- confint(wald, control = tight)$random
  half <- if (k > 2) qt(0.975, k - 2) * sqrt(t2 + guarded$se^2) else NA
  rows[[length(rows) + 1]] <- data.frame(set = name, method = method, mean = as.numeric(wald$beta), tau2 = t2,
    tau2_low = profile["tau^2", 2], tau2_high = profile["tau^2", 3], i2 = wald$I2 / 100,
    i2_low = profile["I^2(%)", 2] / 100, i2_high = profile["I^2(%)", 3] / 100, q = wald$QE, q_p = wald$QEp,
    wald_low = wald$ci.lb, wald_high = wald$ci.ub, plain_low = plain$ci.lb, plain_high = plain$ci.ub,
    plain_p = plain$pval, low = guarded$ci.lb, high = guarded$ci.ub, p = guarded$pval,
    fixed = as.numeric(fixed$beta), fixed_low = fixed$ci.lb, fixed_high = fixed$ci.ub, fixed_p = fixed$pval,
    prediction_low = as.numeric(wald$beta) - half, prediction_high = as.numeric(wald$beta) + half)
}
write(do.call(rbind, rows), "pooled.csv",
  "rma(y, v, method); confint(); test = 'knha' (plain) and 'adhoc' (guarded); prediction: qt(.975, k - 2) sqrt(tau2 + se^2)")

out <- do.call(rbind, lapply(seq_along(sets$bcg$yi), function(i) {
  f <- rma(sets$bcg$yi[-i], sets$bcg$vi[-i], control = tight); g <- rma(sets$bcg$yi[-i], sets$bcg$vi[-i], tau2 = f$tau2, test = "adhoc")
  data.frame(left_out = i, mean = as.numeric(g$beta), low = g$ci.lb, high = g$ci.ub, tau2 = f$tau2) }))
write(out, "leave_one_out.csv", "rma(y[-i], v[-i], method = 'REML', test = 'adhoc') of bcg")

regression <- function(name, fit) { s <- summary(fit)$coefficients; ci <- confint(fit)
  data.frame(method = name, slope = s[2, 1], slope_low = ci[2, 1], slope_high = ci[2, 2], t = s[2, 3], p = s[2, 4],
    limit = s[1, 1], limit_low = ci[1, 1], limit_high = ci[1, 2]) }
events <- dat.bcg$tpos + dat.bcg$cpos; none <- dat.bcg$tneg + dat.bcg$cneg
ess <- 4 * events * none / (events + none)
write(data.frame(events = events, none = none), "counts.csv", "dat.bcg: tpos + cpos, tneg + cneg")
egger <- regtest(bcg$yi, bcg$vi, model = "lm")
stopifnot(abs(egger$zval - summary(lm(yi ~ sqrt(vi), bcg, weights = 1 / vi))$coefficients[2, 3]) < 1e-9)
write(rbind(
  regression("egger", lm(yi ~ sqrt(vi), bcg, weights = 1 / vi)),
  regression("peters", lm(bcg$yi ~ I(1 / (events + none)), weights = 1 / (1 / events + 1 / none))),
  regression("deeks", lm(bcg$yi ~ I(1 / sqrt(ess)), weights = ess))), "small_study.csv",
  "lm(y ~ x, weights) with x and weights of each test; egger equals regtest(model = 'lm')")
