# Writes mgps_*.csv beside this file. R 4.2.2, openEBGM 0.9.1, PhViD 1.0.8, data.table 1.14.8:
#   cd tests/stats/disproportionality/oracles && DATA=<folder of the real tables> R --vanilla --file=make_mgps.R
# caers is the table of openEBGM (FDA, public domain), whose vignettes and paper (Canida and Ihrie 2017) print its fit.
suppressPackageStartupMessages({library(openEBGM); library(PhViD); library(data.table)})
DATA <- Sys.getenv("DATA")
number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
pairs <- function(file) {
  counts <- as.matrix(read.csv(file.path(DATA, file), row.names = NULL, check.names = FALSE)[, -1])
  data.frame(N = as.vector(counts), E = as.vector(outer(rowSums(counts), colSums(counts)) / sum(counts)))
}
phvid <- fread(cmd = paste("gzip -dc", file.path(DATA, "phvid_example/phvid_pairs.csv.gz")))
names(phvid) <- c("drug", "event", "N")
phvid[, E := as.numeric(ave(N, drug, FUN = sum)) * ave(N, event, FUN = sum) / sum(N)]
data(caers)
tables <- list(
  caers = processRaw(caers)[, c("N", "E")], phvid = as.data.frame(phvid[, .(N, E)]),
  statin49 = pairs("mddc_contingency_tables/statin49.csv"),
  sedative1000 = pairs("mddc_contingency_tables/sedative1000.csv"),
  statin46 = pairs("pvlrt_contingency_tables/statin46.csv"),
  gbca = pairs("pvlrt_contingency_tables/gbca.csv.gz")
)
starts <- list(c(.2, .1, 2, 4, 1/3), c(.2, .06, 1.4, 1.8, .1), c(1, 1, 5, 5, .5))
inward <- function(t) c(log(t[1:4]), qlogis(t[5])); outward <- function(u) c(exp(u[1:4]), plogis(u[5]))

# the likelihoods of openEBGM, maximised by nlminb from three starts on the scale of logarithms
fits <- rbindlist(lapply(names(tables), function(name) {
  t <- tables[[name]]
  found <- lapply(starts, function(s) nlminb(inward(s), function(u) {
    value <- suppressWarnings(if (any(t$N == 0)) negLLzero(outward(u), t$N, t$E) else negLL(outward(u), t$N, t$E, N_star = 1))
    if (is.finite(value)) value else 1e10
  }, control = list(eval.max = 5000, iter.max = 2000, rel.tol = 1e-13)))
  best <- found[[which.min(sapply(found, `[[`, "objective"))]]
  data.frame(table = name, least = if (any(t$N == 0)) 0 else 1, pairs = nrow(t),
    t(setNames(outward(best$par), c("alpha1", "beta1", "alpha2", "beta2", "p"))), loglik = -best$objective)
}))
write(fits, "mgps_fits.csv", "nlminb of openEBGM::negLL (least = 1) and negLLzero (least = 0)")

# scores at those fits, of pairs spread over each table in order of N and E; openEBGM's quantiles are bisected to `digits`
scores <- rbindlist(lapply(names(tables), function(name) {
  t <- unique(tables[[name]]); t <- t[order(t$N, t$E), ]
  t <- t[unique(round(seq(1, nrow(t), length.out = 60))), ]
  theta <- unlist(fits[table == name, .(alpha1, beta1, alpha2, beta2, p)])
  q <- Qn(theta, N = t$N, E = t$E)
  bisect <- function(percent) quantBisect(percent, theta, N = t$N, E = t$E, qn = q, digits = 9)
  data.frame(table = name, n = t$N, e = t$E, weight = q, ebgm = ebgm(theta, N = t$N, E = t$E, qn = q, digits = 15),
    eb05 = bisect(5), eb95 = bisect(95))
}))
write(scores, "mgps_scores.csv", "openEBGM::Qn, ebgm(digits = 15), quantBisect(digits = 9) at mgps_fits.csv")

counted <- as.data.table(tables$caers)[, .(pairs = .N), by = .(N, E)][order(N, E)]
write(counted, "mgps_caers.csv", "unique(openEBGM::processRaw(caers)[c('N', 'E')]) and how many pairs share each")

# PhViD fits its own likelihood: without truncation to the listed pairs, and truncated to N >= 1
database <- as.PhViD(as.data.frame(phvid[, .(drug, event, N)]))
own <- rbindlist(lapply(c(FALSE, TRUE), function(cut) {
  fit <- suppressWarnings(GPS(database, DECISION = 3, DECISION.THRES = 2, RANKSTAT = 2, TRONC = cut))
  data.frame(truncated = as.integer(cut), t(setNames(fit$PARAM$PRIOR.PARAM, c("alpha1", "beta1", "alpha2", "beta2", "p"))),
    signals = fit$NB.SIGNALS)
}))
write(own, "mgps_phvid.csv", "PhViD::GPS(as.PhViD(phvid), DECISION = 3, DECISION.THRES = 2, RANKSTAT = 2, TRONC = truncated)")
