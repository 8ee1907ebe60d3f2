# Writes general_gamma_*.csv beside this file. R 4.2.2, pvEBayes 0.3.0:
#   cd tests/stats/disproportionality/oracles && R --vanilla --file=make_general_gamma.R
suppressPackageStartupMessages(library(pvEBayes))
number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
write <- function(frame, file, call) {
  for (name in names(frame)) if (is.numeric(frame[[name]])) frame[[name]] <- number(frame[[name]])
  out <- file(file, "w"); writeLines(paste("#", call), out)
  write.table(frame, out, sep = ",", quote = FALSE, row.names = FALSE); close(out)
}
fits <- priors <- NULL
for (name in c("statin2025_44", "gbca2025_69")) for (alpha in c(0, .1, .3, .5, .7, .9)) {
  set.seed(1)
  fit <- pvEBayes(get(name), model = "general-gamma", alpha = alpha, message = FALSE, n_posterior_draws = 1000)
  prior <- summary(fit, return = "prior parameters")
  fits <- rbind(fits, data.frame(table = name, alpha = alpha, components = length(prior$omega),
    loglik = summary(fit, return = "likelihood"), aic = AIC(fit), bic = BIC(fit)))
  priors <- rbind(priors, data.frame(table = name, alpha = alpha, weight = as.vector(prior$omega),
    shape = as.vector(prior$r), scale = as.vector(prior$h)))
}
write(fits, "general_gamma_fits.csv", "pvEBayes::pvEBayes(table, model = 'general-gamma', alpha = alpha), logLik, AIC, BIC")
write(priors, "general_gamma_priors.csv", "summary(fit, return = 'prior parameters') of the same fits")
