# Writes the oracle values beside this file. R 4.2.2, survival 3.5-3, cmprsk 2.2-11, mvtnorm 1.1-3:
#   cd tests/stats/oracles && R --vanilla --file=make.R
library(survival); library(cmprsk); library(mvtnorm)
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}

# the data: veteran (Kalbfleisch and Prentice 1980) and aml (Miller 1981), with entry times made up for truncation
veteran$entry <- ifelse(seq_len(nrow(veteran)) %% 3 == 0, pmin(veteran$time / 2, 20), 0)
write(veteran[c("trt", "celltype", "time", "status", "entry")], "veteran.csv", "survival::veteran; entry made up")
write(data.frame(group = aml$x, time = aml$time, status = aml$status), "aml.csv", "survival::aml")

curve <- function(fit, case) data.frame(case = case, time = fit$time, n = fit$n.risk, events = fit$n.event,
  survival = fit$surv, se = fit$surv * fit$std.err, low = fit$lower, high = fit$upper)
one <- function(data, ...) survfit(..., data = data, conf.type = "log-log")
fits <- list(
  aml_maintained = one(aml[aml$x == "Maintained", ], Surv(time, status) ~ 1),
  aml_nonmaintained = one(aml[aml$x == "Nonmaintained", ], Surv(time, status) ~ 1),
  veteran_90 = one(veteran, Surv(time, status) ~ 1, conf.int = 0.9),
  veteran_entry = one(veteran, Surv(entry, time, status) ~ 1))
write(do.call(rbind, Map(curve, fits, names(fits))), "survfit.csv",
  "survfit(Surv(time, status) ~ 1, conf.type = 'log-log'); veteran_90: conf.int = .9; veteran_entry: Surv(entry, time, status)")

shares <- c(0.1, 0.25, 0.5, 0.75, 0.9)
quantiles <- function(fit, case) { q <- quantile(fit, shares)
  data.frame(case = case, share = shares, value = q$quantile, low = q$lower, high = q$upper) }
steps <- list(  # curves that stand exactly on a quartile, in the middle and at the end
  flat = survfit(Surv(1:8, rep(1, 8)) ~ 1, conf.type = "log-log"),
  last = survfit(Surv(1:4, c(1, 1, 0, 0)) ~ 1, conf.type = "log-log"),
  reverse = one(aml, Surv(time, 1 - status) ~ 1))  # follow-up
write(do.call(rbind, c(Map(quantiles, fits, names(fits)), Map(quantiles, steps, names(steps)))), "quantile.csv",
  "quantile(survfit(...)); flat: times 1 to 8, all events; last: times 1 to 4, status 1 1 0 0; reverse: aml with events and censorings exchanged")

test <- function(case, d) data.frame(case = case, statistic = d$chisq, df = length(d$n) - 1)
strata_test <- function(case, d, df) data.frame(case = case, statistic = d$chisq, df = df)
write(rbind(
  test("aml", survdiff(Surv(time, status) ~ x, aml)),
  test("aml_rho1", survdiff(Surv(time, status) ~ x, aml, rho = 1)),
  test("cells", survdiff(Surv(time, status) ~ celltype, veteran)),
  test("cells_rho1", survdiff(Surv(time, status) ~ celltype, veteran, rho = 1)),
  strata_test("trt_strata", survdiff(Surv(time, status) ~ trt + strata(celltype), veteran), 1),
  strata_test("cells_strata_rho1", survdiff(Surv(time, status) ~ celltype + strata(trt), veteran, rho = 1), 3)),
  "survdiff.csv", "survdiff(Surv(time, status) ~ group + strata(s), rho = 0 or 1)")

mean_of <- function(data, tau) summary(one(data, Surv(time, status) ~ 1), rmean = tau)$table[c("rmean", "se(rmean)")]
rows <- list()
for (tau in c(20, 31, 45)) for (g in levels(aml$x)) {
  m <- mean_of(aml[aml$x == g, ], tau)
  rows[[length(rows) + 1]] <- data.frame(data = "aml", group = g, tau = tau, rmean = m[1], se = m[2]) }
for (tau in c(100, 365)) for (g in 1:2) {
  m <- mean_of(veteran[veteran$trt == g, ], tau)
  rows[[length(rows) + 1]] <- data.frame(data = "veteran", group = g, tau = tau, rmean = m[1], se = m[2]) }
write(do.call(rbind, rows), "rmean.csv", "summary(survfit(...), rmean = tau)$table")

# competing risks: made-up times with many ties
set.seed(20240101, kind = "Mersenne-Twister")
n <- 150
risks <- data.frame(time = ceiling(rexp(n, 0.08)), cause = sample(0:2, n, TRUE, c(0.3, 0.4, 0.3)),
  group = rep(c("a", "b", "c"), each = 50), stratum = rep(1:2, 75))
risks$time[risks$group == "c" & risks$cause == 1] <- ceiling(risks$time[risks$group == "c" & risks$cause == 1] * 1.8)
write(risks, "risks.csv", "made up; set.seed(20240101), see make.R")
at <- c(2, 5, 10, 20, 30)
rows <- list()
for (g in c("all", "a", "b", "c")) {
  chosen <- if (g == "all") risks else risks[risks$group == g, ]
  found <- timepoints(cuminc(chosen$time, chosen$cause), at)
  for (cause in 1:2) rows[[length(rows) + 1]] <- data.frame(group = g, cause = cause, time = at,
    incidence = found$est[cause, ], variance = found$var[cause, ]) }
write(do.call(rbind, rows), "cuminc.csv", "timepoints(cuminc(time, cause), times)")
gray <- function(case, found) data.frame(case = case, cause = 1:2, statistic = found$Tests[, "stat"],
  df = found$Tests[, "df"], p = found$Tests[, "pv"])
two <- risks[risks$group != "b", ]
write(rbind(gray("three", cuminc(risks$time, risks$cause, risks$group)),
  gray("two", cuminc(two$time, two$cause, two$group)),
  gray("strata", cuminc(risks$time, risks$cause, risks$group, strata = risks$stratum))),
  "gray.csv", "cuminc(time, cause, group, strata)$Tests; two: groups a and c")

# tails of correlated normals: exchangeable; Fleming-Harrington tests when everybody dies, whose correlations are
# ratios of beta functions, once as the max-combo takes them (singular: weight 1 is S plus 1 - S) and once regular
beta_correlation <- function(r, g) { b <- function(i, j) beta(1 + r[i] + r[j], 1 + g[i] + g[j])
  m <- outer(seq_along(r), seq_along(r), b); m / sqrt(outer(diag(m), diag(m))) }
cases <- list(exchangeable = 0.5 * diag(3) + 0.5, combo = beta_correlation(c(0, 1, 0, 1), c(0, 0, 1, 1)),
  regular = beta_correlation(c(0, 1, 0, 1), c(0, 0, 2, 1)))
rows <- list()
for (limit in c(1, 2, 2.2, 3)) for (case in names(cases)) {
  r <- cases[[case]]; k <- nrow(r); fine <- GenzBretz(maxpts = 2e7, abseps = 1e-8)
  both <- 1 - pmvnorm(rep(-limit, k), rep(limit, k), corr = r, algorithm = fine)
  above <- 1 - pmvnorm(rep(-Inf, k), rep(limit, k), corr = r, algorithm = fine)
  rows[[length(rows) + 1]] <- data.frame(case = case, limit = limit, two_sided = both, one_sided = above) }
write(do.call(rbind, rows), "pmvnorm.csv", "1 - pmvnorm(-limit, limit, corr), GenzBretz(maxpts = 2e7, abseps = 1e-8)")
