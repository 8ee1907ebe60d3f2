# Writes the oracle values beside this file, with the package Sequential 4.5.1 of CRAN run as it is:
#   cd tests/stats/disproportionality/watching/oracles && R --vanilla --file=make_maxsprt.R
library(Sequential)
write <- function(frame, file, call) {
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(format(frame, digits = 12, trim = TRUE), out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
grid <- rbind(expand.grid(end = c(1, 2, 5, 10, 20, 50, 100), alpha = c(0.05, 0.01), least = 1),
  data.frame(end = 10, alpha = 0.05, least = c(2, 4)))
grid$value <- mapply(function(end, alpha, least) CV.Poisson(SampleSize = end, alpha = alpha, M = least),
  grid$end, grid$alpha, grid$least)
write(grid, "maxsprt_poisson.csv", "CV.Poisson(SampleSize = end, alpha = alpha, M = least)")
grid <- expand.grid(end = c(20, 50), p = c(0.5, 0.2, 0.05))
grid$error <- mapply(function(end, p) CV.Binomial(N = end, alpha = 0.05, p = p)$Type_I_Error, grid$end, grid$p)
write(grid, "maxsprt_binomial.csv", "CV.Binomial(N = end, alpha = 0.05, p = p)$Type_I_Error")
