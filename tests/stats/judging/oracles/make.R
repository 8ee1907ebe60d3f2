# Writes the oracle values beside this file. R 4.2.2, survival 3.5-3, pROC 1.18.0, riskRegression 2022.11.28,
# rms 6.5-0, Hmisc 4.8-0:
#   cd tests/stats/judging/oracles && R --vanilla --file=make.R
suppressMessages({library(survival); library(pROC); library(riskRegression); library(rms); library(Hmisc)})
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}

# the data: two markers with ties, a binary outcome, and survival with ties and censoring
set.seed(20240601, kind = "Mersenne-Twister")
n <- 160
z <- rnorm(n)
d <- data.frame(a = round(z + rnorm(n, sd = 0.8), 1), b = round(0.5 * z + rnorm(n), 1), age = round(rnorm(n, 62, 9)))
d$y <- rbinom(n, 1, plogis(-0.9 + z))
d$p <- plogis(-0.5 + 1.3 * d$a)
event <- rexp(n, 0.08 * exp(0.7 * z)); stop <- runif(n, 2, 36)
d$time <- ceiling(pmin(event, stop)); d$status <- as.integer(event <= stop)
write(d, "judged.csv", "made up in make.R: markers a and b, age, response y, probability p, time and status")

rows <- list()
add <- function(case, value, se = NA, low = NA, high = NA, p = NA)
  rows[[length(rows) + 1]] <<- data.frame(case = case, value = value, se = se, low = low, high = high, p = p)
r <- function(x) roc(d$y, d[[x]], direction = "<", quiet = TRUE)
for (x in c("a", "b")) { i <- ci.auc(r(x)); add(paste0("auc_", x), i[2], sqrt(var(r(x))), i[1], i[3],
  wilcox.test(d[[x]][d$y == 1], d[[x]][d$y == 0], exact = FALSE, correct = FALSE)$p.value) }
t <- roc.test(r("a"), r("b"), method = "delong", paired = TRUE)
gap <- as.numeric(t$estimate[1] - t$estimate[2])
add("auc_difference", gap, gap / as.numeric(t$statistic), t$conf.int[1], t$conf.int[2], t$p.value)
write(do.call(rbind, rows), "auc.csv", "pROC: ci.auc, var, roc.test(method = 'delong', paired = TRUE); p of one: wilcox.test(exact = FALSE, correct = FALSE)")

rows <- list()
for (x in c("a", "b")) for (w in c("n", "n/G2")) for (tau in c(9, 40)) {
  f <- concordance(Surv(time, status) ~ d[[x]], d, timewt = w, ymax = tau, reverse = TRUE)
  rows[[length(rows) + 1]] <- data.frame(marker = x, timewt = w, tau = tau, value = coef(f), se = sqrt(vcov(f)),
    concordant = f$count[["concordant"]], discordant = f$count[["discordant"]], tied = f$count[["tied.x"]]) }
write(do.call(rbind, rows), "concordance.csv", "survival::concordance(Surv(time, status) ~ marker, timewt = timewt, ymax = tau, reverse = TRUE)")
f <- concordance(coxph(Surv(time, status) ~ a, d), coxph(Surv(time, status) ~ b, d))
k <- c(1, -1)
write(data.frame(value = sum(k * coef(f)), se = sqrt(drop(k %*% vcov(f) %*% k))), "concordance_difference.csv",
  "concordance(coxph(Surv(time, status) ~ a), coxph(Surv(time, status) ~ b)): contrast 1, -1")

e <- d; e$time <- e$time + ifelse(e$status == 1, 0, 0.5)  # censored half a month after the events of that month
s <- Score(list(a = e$a, b = e$b), formula = Surv(time, status) ~ 1, data = e, times = c(6, 12, 20), metrics = "auc",
  cens.model = "km", se.fit = TRUE, conf.int = 0.95, contrasts = FALSE, null.model = FALSE)
write(as.data.frame(s$AUC$score)[c("model", "times", "AUC", "se", "lower", "upper")], "time_dependent_auc.csv",
  "riskRegression::Score(Surv(time + 0.5 where censored, status) ~ 1, times, metrics = 'auc', cens.model = 'km')")

v <- val.prob(d$p, d$y, pl = FALSE)
l <- glm(y ~ offset(qlogis(p)), binomial, d, epsilon = 1e-14); m <- glm(y ~ qlogis(p), binomial, d, epsilon = 1e-14)
i0 <- confint.default(l); i1 <- confint.default(m)
write(data.frame(case = c("brier", "slope", "intercept", "recalibration_intercept"),
  value = c(v[["Brier"]], v[["Slope"]], coef(l), coef(m)[[1]]), low = c(NA, i1[2, 1], i0[1], i1[1, 1]),
  high = c(NA, i1[2, 2], i0[2], i1[1, 2])), "calibration.csv",
  "rms::val.prob(p, y); glm(y ~ offset(qlogis(p)), binomial) and glm(y ~ qlogis(p), binomial) with confint.default")

for (k in 3:5) { B <- rcspline.eval(d$age, nk = k, inclx = TRUE)
  write(data.frame(knots = k, knot = attr(B, "knots")), sprintf("knots_%d.csv", k), "attr(Hmisc::rcspline.eval(age, nk = knots), 'knots')")
  colnames(B) <- paste0("x", seq_len(ncol(B)))
  write(as.data.frame(B), sprintf("spline_%d.csv", k), "Hmisc::rcspline.eval(age, nk = k, inclx = TRUE)") }

options(datadist = "dd"); dd <- datadist(d); dd$limits["Adjust to", "a"] <- median(d$a)
lr <- function(small, large) 2 * as.numeric(logLik(large) - logLik(small))
at <- quantile(d$a, c(0.05, 0.25, 0.75, 0.95))
form <- function(kind, none, linear, spline, one) {
  c1 <- contrast(spline, list(a = as.numeric(at), age = 60), list(a = median(d$a), age = 60), conf.type = "individual")
  se <- sqrt(vcov(linear)["a", "a"]) * sd(d$a)
  data.frame(kind = kind, linear = coef(linear)[["a"]] * sd(d$a), se = se, lr_linear = lr(none, linear), lr_nonlinear = lr(linear, one),
    at = as.numeric(at), value = c1$Contrast, low = c1$Lower, high = c1$Upper) }
write(rbind(
  form("cox", coxph(Surv(time, status) ~ age, d), coxph(Surv(time, status) ~ a + age, d),
    cph(Surv(time, status) ~ rcs(a, 4) + age, d, method = "efron", eps = 1e-10), coxph(Surv(time, status) ~ rcs(a, 4) + age, d)),
  form("logistic", glm(y ~ age, binomial, d, epsilon = 1e-14), glm(y ~ a + age, binomial, d, epsilon = 1e-14),
    lrm(y ~ rcs(a, 4) + age, d, eps = 1e-12), glm(y ~ rcs(a, 4) + age, binomial, d))),
  "functional_form.csv", "coxph / glm for tests; rms::contrast of cph / lrm(~ rcs(a, 4) + age) against the median of a; per SD of a")
