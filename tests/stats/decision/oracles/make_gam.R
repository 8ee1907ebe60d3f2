# Smooth functions by mgcv (R 4.2.2, mgcv 1.8-41), whose REML and bases ours must repeat.
# Rscript make_gam.R [FOLDER with chemo_psa.csv]: writes gam.csv and chemo_gam.csv beside this file.
suppressMessages(library(mgcv))
n <- 240
i <- seq_len(n)
x1 <- (i * 0.618034) %% 1
x2 <- (i * 0.754878) %% 1
noise <- sqrt(-2 * log((i * 0.569840 + 0.001) %% 1)) * cos(2 * pi * ((i * 0.362346) %% 1))
y <- round(sin(5 * x1) + x1 * x2^2 * 3 + 0.3 * noise, 6)
x1 <- round(x1, 6); x2 <- round(x2, 6)
one <- gam(y ~ s(x1, bs = "cr", k = 10), method = "REML")
two <- gam(y ~ te(x1, x2, bs = "cr", k = 7, np = FALSE), method = "REML")
out <- data.frame(x1, x2, y, one = fitted(one), two = fitted(two))
new <- data.frame(x1 = c(-0.2, 0.5, 1.3), x2 = c(0.1, 0.5, 1.2))
beyond <- data.frame(new, one = predict(one, new), two = predict(two, new))
write_ <- function(d, name, what) {
  con <- file(name, "w"); writeLines(paste("#", what), con)
  write.csv(format(d, digits = 12, trim = TRUE), con, row.names = FALSE, quote = FALSE); close(con)
}
write_(out, "gam.csv", "make_gam.R: gam(y ~ s(x1, bs='cr', k=10)) and te(x1, x2, k=7, np=FALSE), REML")
write_(beyond, "gam_beyond.csv", "make_gam.R: the same fits at points beyond the data")

folder <- commandArgs(TRUE)[1]
if (!is.na(folder)) {
  d <- read.csv(file.path(folder, "chemo_psa.csv"))
  inb <- 20000 * (d$e_Novel - d$e_SoC) - (d$c_Novel - d$c_SoC)
  gain <- function(f) mean(pmax(f, 0)) - max(mean(f), 0)
  names <- names(d)[1:14]
  value <- sapply(names, function(v) {
    x <- d[[v]]
    gain(fitted(gam(inb ~ s(x, bs = "cr", k = 10), method = "REML")))
  })
  pair <- gain(fitted(gam(inb ~ te(logor_side_effects, p_side_effects_t1, bs = "cr", k = 7, np = FALSE),
                          data = d, method = "REML")))
  write_(data.frame(group = c(names, "pair"), evppi = c(value, pair)), "chemo_gam.csv",
         "make_gam.R: EVPPI at 20,000 by gam(INB ~ s(x, bs='cr', k=10)), REML, on the voi package's chemotherapy draws")
}
