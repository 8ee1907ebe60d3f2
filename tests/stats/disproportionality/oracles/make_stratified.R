# Writes stratified.csv and stratified_tests.csv beside this file. R 4.2.2, stats alone:
#   cd tests/stats/disproportionality/oracles && R --vanilla --file=make_stratified.R
set.seed(9)
number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
write <- function(rows, header, file, call) {
  out <- file(file, "w")
  writeLines(c(paste("#", call), header, apply(rows, 1, paste, collapse = ",")), out)
  close(out)
}
draw <- function(i) {
  strata <- 2 + i %% 4
  mean <- switch(1 + i %% 3, c(4, 30, 40, 600), c(25, 60, 90, 400), c(2, 8, 9, 30))
  sapply(seq_len(strata), function(k) 1 + rpois(4, mean * exp(rnorm(4, 0, 0.4))))
}
pairs <- lapply(1:24, draw)
cells <- do.call(rbind, lapply(seq_along(pairs), function(i) cbind(i, seq_len(ncol(pairs[[i]])), t(pairs[[i]]))))
tests <- t(sapply(seq_along(pairs), function(i) {
  x <- array(pairs[[i]], c(2, 2, ncol(pairs[[i]])))
  with <- mantelhaen.test(x, correct = TRUE)
  without <- mantelhaen.test(x, correct = FALSE)
  c(i, number(c(with$estimate, with$conf.int, with$statistic, with$p.value, without$statistic)))
}))
write(cells, "pair,stratum,a,b,c,d", "stratified.csv", "set.seed(9), see make_stratified.R")
write(tests, "pair,ratio,low,high,corrected,corrected_p,plain", "stratified_tests.csv",
      "mantelhaen.test(tables, correct = TRUE), and correct = FALSE for the last column")
