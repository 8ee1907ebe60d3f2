# Scores of openEBGM (Canida and Ihrie, R J 2017;9:499-519; on CRAN), and the seconds that they took by R's own clock:
#   Rscript open_ebgm.R given|fitted GIVEN FOUND
# GIVEN holds doubles: alpha1, beta1, alpha2, beta2 and p, then counts and then expected counts; FOUND the seconds, then
# EBGM, EB05 and EB95 of every pair. With the prior given, limits are wanted to eight decimals; where it is fitted, its
# five numbers are not looked at, and the rest is left as it comes.
suppressPackageStartupMessages(library(openEBGM))
arguments <- commandArgs(trailingOnly = TRUE)
fitted <- arguments[1] == "fitted"
given <- readBin(arguments[2], "double", file.size(arguments[2]) / 8)
values <- matrix(given[-(1:5)], ncol = 2)
pairs <- data.frame(N = as.integer(values[, 1]), E = values[, 2])
starts <- data.frame(alpha1 = c(0.2, 0.2), beta1 = c(0.1, 0.06), alpha2 = c(2, 1.4), beta2 = c(4, 1.8), p = c(1 / 3, 0.1))

scores <- function() {
  theta <- if (fitted) suppressWarnings(autoHyper(autoSquash(pairs), starts))$estimates else given[1:5]
  share <- Qn(theta, N = pairs$N, E = pairs$E)
  limit <- function(percent) {
    quantBisect(percent, theta, N = pairs$N, E = pairs$E, qn = share, digits = if (fitted) 2 else 8)
  }
  c(ebgm(theta, N = pairs$N, E = pairs$E, qn = share, digits = 12), limit(5), limit(95))
}

seconds <- system.time(found <- scores())[["elapsed"]]
writeBin(c(seconds, found), arguments[3])
