# Writes likelihood_ratio_*.csv beside this file. R 4.2.2, pvLRT 0.5.1:
#   cd tests/stats/disproportionality/oracles && R --vanilla --file=make_likelihood_ratio.R
suppressPackageStartupMessages(library(pvLRT))
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
data(statin46); data(rv); data(lovastatin)
tables <- list(statin46 = statin46, rv = rv, lovastatin = lovastatin)
keep <- list(statin46 = 1:47, rv = order(-rv[, 1])[1:60], lovastatin = 1:47)
cells <- chances <- NULL
for (name in names(tables)) {
  table <- tables[[name]]; rows <- keep[[name]]
  set.seed(1); plain <- lrt_poisson(table, nsim = 20000)
  set.seed(1); rate <- lrt_poisson(table, nsim = 2, parametrization = "p-q")
  set.seed(1); inflated <- lrt_zi_poisson(table, nsim = 20000)
  for (j in seq_len(ncol(table) - 1)) cells <- rbind(cells, data.frame(table = name, row = rows - 1, column = j - 1,
    n = table[rows, j], poisson = extract_lrstat_matrix(plain)[rows, j], multinomial = extract_lrstat_matrix(rate)[rows, j],
    p = extract_p_value_matrix(plain)[rows, j], p_inflated = extract_p_value_matrix(inflated)[rows, j]))
  chances <- rbind(chances, data.frame(table = name, column = seq_len(ncol(table)) - 1, zero = unname(extract_zi_probability(inflated))))
}
write(cells, "likelihood_ratio_cells.csv", "pvLRT::lrt_poisson (rrr and p-q) and lrt_zi_poisson, nsim = 20000, all but the last column")
write(chances, "likelihood_ratio_zeros.csv", "pvLRT::extract_zi_probability(lrt_zi_poisson(table))")
