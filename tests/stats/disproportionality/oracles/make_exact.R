# Writes exact.csv beside this file. R 4.2.2, stats alone:
#   cd tests/stats/disproportionality/oracles && R --vanilla --file=make_exact.R
# p by fisher.test; estimate and limits by uniroot on the noncentral hypergeometric written out, for fisher.test
# solves to few digits only (it is asked as well, and must agree to those).
set.seed(4)
number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
# log weights of all tables with these margins, the odds ratio being exp(theta)
weights <- function(t, theta) {
  k <- max(0, t[1] + t[3] - (t[3] + t[4])):min(t[1] + t[2], t[1] + t[3])
  w <- dhyper(k, t[1] + t[2], t[3] + t[4], t[1] + t[3], log = TRUE) + k * theta
  w <- exp(w - max(w))
  list(k = k, p = w / sum(w))
}
tail_p <- function(t, theta, above, share) {
  w <- weights(t, theta)
  sum(w$p[if (above) w$k > t[1] else w$k < t[1]]) + w$p[w$k == t[1]] * share
}
root <- function(t, f) {
  exp(uniroot(f, c(-25, 25), tol = 1e-13)$root)
}
limit <- function(t, above, share) {
  w <- weights(t, 0)
  if (above && t[1] == min(w$k)) return(0)
  if (!above && t[1] == max(w$k)) return(Inf)
  root(t, function(theta) tail_p(t, theta, above, share) - 0.025)
}
estimate <- function(t) {
  w <- weights(t, 0)
  if (t[1] == min(w$k)) return(0)
  if (t[1] == max(w$k)) return(Inf)
  root(t, function(theta) { w <- weights(t, theta); sum(w$k * w$p) - t[1] })
}
tables <- rbind(
  c(2, 49, 24, 925), c(3, 97, 47, 19853), c(8, 2404, 87, 28822), c(1, 2411, 17, 28892), c(32, 2380, 90, 28819),
  c(122, 31199, 4332, 12419748), c(16, 31305, 1238, 12422842), c(0, 31321, 40, 12424040), c(5, 0, 3, 7), c(4, 6, 0, 9),
  c(0, 5, 3, 7), c(1, 1, 1, 1), c(900, 90000, 20000, 3000000), c(1, 500000, 3000, 9000000),
  t(replicate(40, sapply(c(3, 30, 30, 300), function(m) rpois(1, m)))),
  t(replicate(40, sapply(c(10, 6, 8, 12), function(m) rpois(1, m))))
)
rows <- apply(tables, 1, function(t) {
  found <- fisher.test(matrix(t, 2, byrow = TRUE))
  more <- fisher.test(matrix(t, 2, byrow = TRUE), alternative = "greater")$p.value
  fewer <- fisher.test(matrix(t, 2, byrow = TRUE), alternative = "less")$p.value
  central <- c(estimate(t), limit(t, TRUE, 1), limit(t, FALSE, 1))
  theirs <- c(found$estimate, found$conf.int)  # fisher.test solves for the ratio or its inverse, to 1.2e-4
  stopifnot(theirs == central | pmin(abs(theirs - central), abs(1 / theirs - 1 / central)) < 2.5e-4)
  number(c(t, central, found$p.value, more, fewer, limit(t, TRUE, 1 / 2), limit(t, FALSE, 1 / 2),
           tail_p(t, 0, TRUE, 1 / 2), tail_p(t, 0, FALSE, 1 / 2)))
})
file <- file("exact.csv", "w")
writeLines(c("# fisher.test(table), also with alternative = 'greater' and 'less'; limits by uniroot, see make_exact.R",
             "a,b,c,d,estimate,low,high,p,more,fewer,mid_low,mid_high,mid_more,mid_fewer",
             apply(rows, 2, paste, collapse = ",")), file)
close(file)
