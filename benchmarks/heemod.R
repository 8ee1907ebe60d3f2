# Costs and QALYs of heemod (Filipovic-Pierucci et al., arXiv 1702.03252; on CRAN), and the seconds they took by R's clock:
#   Rscript heemod.R hiv GIVEN FOUND
# GIVEN holds doubles: the number of draws, then a row of nine probabilities and three costs for each. The draws are run
# by `update`, which is what `run_psa` runs on draws of its own.
suppressPackageStartupMessages(library(heemod))
arguments <- commandArgs(trailingOnly = TRUE)
given <- readBin(arguments[2], "double", file.size(arguments[2]) / 8)
draws <- as.data.frame(matrix(given[-1], given[1], byrow = TRUE))
names(draws) <- c("aa", "ab", "ac", "ad", "bb", "bc", "bd", "cc", "cd", "cost_a", "cost_b", "cost_c")

strategy <- function(drug, risk) {
  moves <- eval(substitute(define_transition(
    state_names = c("A", "B", "C", "D"),
    C, ab * risk, ac * risk, ad * risk, 0, C, bc * risk, bd * risk, 0, 0, C, cd * risk, 0, 0, 0, 1), list(risk = risk)))
  eval(substitute(define_strategy(
    transition = moves,
    A = define_state(cost = discount(cost_a + drug, .03), qalys = discount(1, .03)),
    B = define_state(cost = discount(cost_b + drug, .03), qalys = discount(.75, .03)),
    C = define_state(cost = discount(cost_c + drug, .03), qalys = discount(.5, .03)),
    D = define_state(cost = 0, qalys = 0)), list(drug = drug)))
}
model <- suppressMessages(run_model(
  parameters = do.call(define_parameters, as.list(draws[1, ])), mono = strategy(2278, 1), comb = strategy(4364, .509),
  cycles = 20, cost = cost, effect = qalys, method = "life-table", init = c(1, 0, 0, 0)))
seconds <- system.time(found <- suppressMessages(update(model, newdata = draws)))[["elapsed"]]
table <- as.data.frame(found$updated_model)
arm <- function(name) table[table$.strategy_names == name, ]
writeBin(c(seconds, arm("mono")$cost, arm("comb")$cost, arm("mono")$qalys, arm("comb")$qalys), arguments[3])
