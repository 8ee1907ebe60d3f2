# Made r_*.csv with R 4.2.2 and Bioconductor GSVA 1.46.0: Rscript make_gsva.R
suppressMessages(library(GSVA))
X <- as.matrix(read.csv("expression.csv", row.names = 1))
table <- read.csv("sets.csv")
sets <- split(table$gene, factor(table$set, unique(table$set)))
write <- function(scores, file) write.csv(format(scores[names(sets), ], digits = 17, trim = TRUE), file, quote = FALSE)
one <- function(method, ...) gsva(X, sets, method = method, verbose = FALSE, ...)
write(one("gsva", kcdf = "Gaussian", mx.diff = TRUE), "r_gsva.csv")
write(one("gsva", kcdf = "Gaussian", mx.diff = FALSE), "r_gsva_max.csv")
write(one("ssgsea", ssgsea.norm = FALSE), "r_ssgsea.csv")
write(one("zscore"), "r_z_score.csv")
write(one("plage"), "r_plage.csv")

# GSVA looks the kernel up in a table of steps of 0.001. The same estimate without it, from pnorm:
exact <- t(apply(X, 1, function(x) sapply(x, function(q) mean(pnorm((q - x) / (sd(x) / 4))))))
colnames(exact) <- colnames(X)
write.csv(format(exact, digits = 17, trim = TRUE), "r_kernel_distribution.csv", quote = FALSE)
