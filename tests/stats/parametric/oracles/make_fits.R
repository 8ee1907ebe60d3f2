# Writes follow_up.csv and fits.csv beside this file. R 4.2.2, survival 3.5-3, numDeriv 2016.8-1.1:
#   cd tests/stats/parametric/oracles && R --vanilla --file=make_fits.R
# survreg where it has the model; else the likelihood written out in R's own distribution functions and climbed by optim.
library(survival); library(numDeriv)
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 15, format = "g", width = 1))
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}

set.seed(5); n <- 240
x <- rbinom(n, 1, 0.5)
t <- ifelse(runif(n) < 0.3, Inf, rlnorm(n, 2.2 + 0.5 * x, 0.9))
c <- runif(n, 10, 60)
d <- data.frame(time = round(pmax(pmin(t, c), 0.05), 3), event = as.integer(t <= c), x = x,
                entry = round(ifelse(seq_len(n) %% 4 == 0, pmin(t, c) / 3, 0), 3),
                weight = rep(c(1, 0.5, 2), length.out = n), background = round(0.002 + 0.0001 * pmin(t, c), 6))
d$upper <- ifelse(d$event == 1 & seq_len(n) %% 5 == 0, d$time + 2, NA)
d$between <- ifelse(is.na(d$upper), 0, 2 * d$background)
write(d, "follow_up.csv", "made up: log-normal with 30 % cured, uniform censoring")

rows <- list()
keep <- function(case, names, est, se, loglik)
  rows[[length(rows) + 1]] <<- data.frame(case = case, coefficient = names, estimate = est, se = se, loglik = loglik)

# accelerated failure times by survreg: location log-linear, weights, intervals
interval <- with(d, Surv(time, ifelse(is.na(upper), ifelse(event == 1, time, NA), upper), type = "interval2"))
for (dist in c("exponential", "weibull", "lognormal", "loglogistic")) {
  plain <- survreg(Surv(time, event) ~ 1, d, dist = dist, weights = weight, control = list(rel.tolerance = 1e-12))
  se <- sqrt(diag(vcov(plain)))
  keep(paste0(dist, "_weights"), c("location", "log_scale")[seq_along(se)],
       c(coef(plain), if (length(se) > 1) log(plain$scale)), se, plain$loglik[2])
  found <- survreg(interval ~ x, d, dist = dist, control = list(rel.tolerance = 1e-12))
  se <- sqrt(diag(vcov(found)))
  keep(paste0(dist, "_interval_x"), c("location", "x", "log_scale")[seq_along(se)],
       c(coef(found), if (length(se) > 2) log(found$scale)), se, found$loglik[2])
}

# the rest: log hazard and log survival as functions of working parameters
gengamma <- function(p, t) { q <- p[3]; a <- q^-2; w <- (log(t) - p[1]) / exp(p[2]); y <- a * exp(q * w)
  ls <- pgamma(y, a, lower.tail = q < 0, log.p = TRUE)
  list(lh = dgamma(y, a, log = TRUE) + log(y) + log(abs(q)) - p[2] - log(t) - ls, ls = ls) }
families <- list(
  gompertz = list(p = c(-0.02, -3), f = function(p, t) list(lh = p[2] + p[1] * t, ls = -exp(p[2]) * (exp(p[1] * t) - 1) / p[1])),
  gamma = list(p = c(0, -3), f = function(p, t) { ls <- pgamma(t, exp(p[1]), exp(p[2]), lower.tail = FALSE, log.p = TRUE)
    list(lh = dgamma(t, exp(p[1]), exp(p[2]), log = TRUE) - ls, ls = ls) }),
  generalised_gamma = list(p = c(2.5, 0.2, -0.5), f = gengamma),
  generalised_f = list(p = c(2.1, 0, -1.8, 0.6), f = function(p, t) { q <- p[3]; P <- exp(p[4]); del <- sqrt(q^2 + 2 * P)
    s1 <- 2 / (q^2 + 2 * P + q * del); s2 <- 2 / (q^2 + 2 * P - q * del); y <- exp(del * (log(t) - p[1]) / exp(p[2]))
    ls <- pf(y, 2 * s1, 2 * s2, lower.tail = FALSE, log.p = TRUE)
    list(lh = df(y, 2 * s1, 2 * s2, log = TRUE) + log(y) + log(del) - p[2] - log(t) - ls, ls = ls) }),
  mixture_weibull = list(p = c(-0.5, 0, 2.5), f = function(p, t) { u <- plogis(p[1])
    s <- u + (1 - u) * pweibull(t, exp(p[2]), exp(p[3]), lower.tail = FALSE)
    list(lh = log(1 - u) + dweibull(t, exp(p[2]), exp(p[3]), log = TRUE) - log(s), ls = log(s)) }),
  non_mixture_log_normal = list(p = c(0, 2.2, 0), f = function(p, t) { u <- exp(-exp(p[1]))
    list(lh = p[1] + dlnorm(t, p[2], exp(p[3]), log = TRUE), ls = log(u) * plnorm(t, p[2], exp(p[3]))) }))

climb <- function(case, p, f, background = TRUE) {
  minus <- function(p) suppressWarnings({ a <- f(p, d$time); b <- f(p, ifelse(d$entry > 0, d$entry, 1))
    h <- if (background) log(d$background + exp(a$lh)) else a$lh
    l <- a$ls + ifelse(d$event == 1, h, 0) - ifelse(d$entry > 0, b$ls, 0)
    if (background) { e <- f(p, ifelse(is.na(d$upper), d$time, d$upper))$ls
      l <- ifelse(is.na(d$upper), l, log(exp(a$ls) - exp(e - d$between)) - ifelse(d$entry > 0, b$ls, 0)) }
    total <- -sum(l); if (is.finite(total)) total else 1e10 })
  for (again in 1:8) p <- optim(p, minus, method = if (again %% 2) "BFGS" else "Nelder-Mead",
                                control = list(maxit = 5000, reltol = 1e-15))$par
  for (again in 1:6) { better <- p - solve(hessian(minus, p), grad(minus, p)); if (minus(better) < minus(p)) p <- better }
  if (any(abs(grad(minus, p)) > 1e-4)) stop(paste(case, paste(grad(minus, p), collapse = " "), paste(p, collapse=" "), minus(p)))
  keep(case, paste0("p", seq_along(p)), p, sqrt(diag(solve(hessian(minus, p)))), -minus(p))
}
for (name in names(families)) with(families[[name]], {
  climb(paste0(name, "_entry"), p, f, background = FALSE)
  climb(paste0(name, "_background"), p, f) })
write(do.call(rbind, rows), "fits.csv", "make_fits.R: coefficients on the working scale")
