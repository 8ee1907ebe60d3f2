# Writes the oracle values beside this file. R 4.2.2, maxstat 0.7-25, exactRankTests 0.8-35, survival 3.5-3:
#   cd tests/stats/cutpoint/oracles && R --vanilla --file=make_maxstat.R
library(survival); library(maxstat); library(exactRankTests)
set.seed(1)
n <- 60
marker <- round(rnorm(n), 1)                        # with ties
plain <- rexp(n, exp(0.9 * (marker > 0.4)))         # times without ties
cohort <- data.frame(marker = marker, time = plain, months = ceiling(12 * plain),
                     event = as.integer(runif(n) < 0.75), responded = as.integer(runif(n) < 0.2 + 0.3 * (marker > 0.4)))
cohort$score <- as.numeric(cscores(Surv(cohort$time, cohort$event), type = "LogRank"))
number <- function(x) formatC(x, digits = 15, format = "g", width = 1)
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
write(cohort, "maxstat_cohort.csv", "simulated; score: exactRankTests::cscores(Surv(time, event), type = 'LogRank')")
row <- function(case, formula, smethod, minprop) {
  test <- function(...) maxstat.test(formula, data = cohort, smethod = smethod, minprop = minprop, maxprop = 1 - minprop, ...)
  fit <- test(pmethod = "none")
  data.frame(case = case, min_share = minprop, estimate = fit$estimate, statistic = fit$statistic,
    lau92 = test(pmethod = "Lau92")$p.value, lau94 = test(pmethod = "Lau94")$p.value,
    sampled = test(pmethod = "condMC", B = 200000)$p.value)
}
write(rbind(
  row("survival", Surv(time, event) ~ marker, "LogRank", 0.1),
  row("survival", Surv(time, event) ~ marker, "LogRank", 0.25),
  row("response", responded ~ marker, "Data", 0.1),
  row("response", responded ~ marker, "Data", 0.25)), "maxstat.csv",
  "maxstat.test(..., smethod = LogRank or Data, minprop = min_share, maxprop = 1 - min_share); sampled: condMC, B = 200000")
