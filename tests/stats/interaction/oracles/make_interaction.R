# Writes the oracle values beside this file. R 4.2.2, survival 3.5-3:
#   cd tests/stats/interaction/oracles && R --vanilla --file=make_interaction.R
library(survival)
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
v <- veteran; v$arm <- v$trt - 1; v$y <- as.integer(v$time > 120)
write(v[c("arm", "celltype", "time", "status", "karno", "age", "prior", "y")], "veteran.csv",
  "survival::veteran; arm = trt - 1; y = time > 120")

one <- function(name, full, less, a, m, am) {
  b <- coef(full); V <- vcov(full); s <- 10  # per ten points of the marker
  effect <- function(x) { e <- b[a] + x * b[am]; se <- sqrt(V[a, a] + 2 * x * V[a, am] + x^2 * V[am, am]); c(e, e - 1.959963984540054 * se, e + 1.959963984540054 * se) }
  own <- b[m] + b[am]; own_se <- sqrt(V[m, m] + 2 * V[m, am] + V[am, am])
  lr <- if (is.null(less)) NA else 2 * as.numeric(logLik(full) - logLik(less))
  e30 <- exp(effect(30)); e80 <- exp(effect(80))
  data.frame(case = name, ratio = exp(s * b[am]), low = exp(s * (b[am] - 1.959963984540054 * sqrt(V[am, am]))),
    high = exp(s * (b[am] + 1.959963984540054 * sqrt(V[am, am]))), lr = lr, wald = b[am]^2 / V[am, am],
    others = exp(s * b[m]), treated = exp(s * own), treated_high = exp(s * (own + 1.959963984540054 * own_se)),
    at30 = e30[1], at30_low = e30[2], at30_high = e30[3], at80 = e80[1], at80_low = e80[2], at80_high = e80[3], row.names = NULL)
}
tight <- coxph.control(eps = 1e-13, iter.max = 100)
ps <- glm(arm ~ karno + age + prior, binomial, v, control = list(epsilon = 1e-14))$fitted
w <- ifelse(v$arm == 1, mean(v$arm) / ps, mean(1 - v$arm) / (1 - ps))
cut <- quantile(w, c(0.01, 0.99)); w <- pmin(pmax(w, cut[1]), cut[2])
cx <- function(formula) do.call(coxph, list(formula, data = v, control = tight))
weighted <- coxph(Surv(time, status) ~ arm * karno, v, weights = w, robust = TRUE, control = tight)
write(rbind(
  one("plain", cx(Surv(time, status) ~ arm * karno), cx(Surv(time, status) ~ arm + karno), "arm", "karno", "arm:karno"),
  one("adjusted", cx(Surv(time, status) ~ arm * karno + age + prior + strata(celltype)),
    cx(Surv(time, status) ~ arm + karno + age + prior + strata(celltype)), "arm", "karno", "arm:karno"),
  one("weighted", weighted, NULL, "arm", "karno", "arm:karno"),
  one("logistic", glm(y ~ arm * karno, binomial, v, control = list(epsilon = 1e-14)),
    glm(y ~ arm + karno, binomial, v, control = list(epsilon = 1e-14)), "arm", "karno", "arm:karno")),
  "interaction.csv", "coxph(Surv(time, status) ~ arm * karno ...) and glm(y ~ arm * karno, binomial); per 10 of karno; effects at 30 and 80")

# a spline with knots given: the basis of Harrell 2015, eq. 2.25, written out
knots <- c(30, 50, 70, 90); t <- knots; k <- 4
h <- function(x, j) (pmax(x - t[j], 0)^3 - pmax(x - t[3], 0)^3 * (t[4] - t[j]) / (t[4] - t[3]) + pmax(x - t[4], 0)^3 * (t[3] - t[j]) / (t[4] - t[3])) / (t[4] - t[1])^2
v$b2 <- h(v$karno, 1); v$b3 <- h(v$karno, 2)
full <- cx(Surv(time, status) ~ arm * (karno + b2 + b3)); none <- cx(Surv(time, status) ~ arm + karno + b2 + b3)
line <- cx(Surv(time, status) ~ arm * karno + b2 + b3)
p <- function(x) { d <- data.frame(arm = c(1, 0), karno = x, b2 = h(x, 1), b3 = h(x, 2)); diff(rev(predict(full, d, reference = "zero"))) }
write(data.frame(interaction = 2 * (full$loglik[2] - none$loglik[2]), nonlinearity = 2 * (full$loglik[2] - line$loglik[2]),
  at40 = exp(p(40)), at75 = exp(p(75))), "curved.csv", "coxph(Surv(time, status) ~ arm * spline(karno, knots = 30, 50, 70, 90))")

# survival at a time with and without treatment, from the model
fit <- cx(Surv(time, status) ~ arm * karno)
s <- function(arm, karno) summary(survfit(fit, data.frame(arm = arm, karno = karno)), times = 100)$surv
write(data.frame(karno = c(40, 60, 80), difference = s(1, c(40, 60, 80))[1, ] - s(0, c(40, 60, 80))[1, ]),
  "effect_curve.csv", "survfit(coxph(Surv(time, status) ~ arm * karno), newdata), times = 100")
