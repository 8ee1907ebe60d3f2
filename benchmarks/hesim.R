# Costs and QALYs of hesim (Incerti and Jansen, arXiv 2102.09437; on CRAN), and the seconds they took by R's own clock:
#   Rscript hesim.R psm|cohort|individuals GIVEN FOUND
# GIVEN holds doubles: the sizes of a model, and its draws. FOUND holds the seconds, then costs and QALYs.
# What is set up once (parameters, values of states) is not timed; simulation and the sums over states are.
suppressPackageStartupMessages({library(hesim); library(data.table)})
arguments <- commandArgs(trailingOnly = TRUE)
given <- readBin(arguments[2], "double", file.size(arguments[2]) / 8)
taken <- 0
take <- function(n) { taken <<- taken + n; given[(taken - n + 1):taken] }

values <- function(per_year, dat, n) {
  table <- stateval_tbl(data.table(state_id = seq_along(per_year), est = per_year), dist = "fixed")
  create_StateVals(table, hesim_data = dat, n = n)
}
model_data <- function(strategies, patients, states) {
  hesim_data(strategies = data.table(strategy_id = seq_len(strategies)), patients = data.table(patient_id = seq_len(patients)),
             states = data.table(state_id = seq_len(states)))
}
sums <- function(table, column) table[order(strategy_id, sample), .(x = sum(get(column))), by = .(strategy_id, sample)]$x
totals <- function(model) c(sums(model$costs_, "costs"), sums(model$qalys_, "qalys"))

psm <- function() {  # log-normal curves of two arms: draws of the mean of each arm and curve, and of the deviation
  n <- take(1); cycles <- take(1); step <- take(1); rate <- take(1)
  means <- array(take(4 * n), c(n, 2, 2)); sds <- matrix(take(2 * n), n)
  curve <- function(k) params_surv(dist = "lnorm", coefs = list(
    meanlog = cbind(first = means[, 1, k], second = means[, 2, k]), sdlog = cbind(all = log(sds[, k]))))
  dat <- model_data(2, 1, 2)
  input <- expand(dat, by = c("strategies", "patients"))
  input[, `:=`(first = as.numeric(strategy_id == 1), second = as.numeric(strategy_id == 2), all = 1)]
  utilities <- values(take(2), dat, n)
  costs <- values(take(2), dat, n)
  model <- Psm$new(survival_models = create_PsmCurves(params_surv_list(pfs = curve(1), os = curve(2)), input_data = input),
                   utility_model = utilities, cost_models = list(all = costs))
  list(model, function() {
    model$sim_survival(t = (0:cycles) * step)
    model$sim_stateprobs()
    model$sim_costs(dr = rate)
    model$sim_qalys(dr = rate)
  })
}

cohort <- function() {  # transition probabilities of two arms
  n <- take(1); cycles <- take(1); rate <- take(1)
  P <- array(take(n * 2 * 16), c(n, 2, 1, 1, 4, 4))
  dat <- model_data(2, 1, 3)
  utilities <- values(take(3), dat, n)
  costs <- values(take(3), dat, n)
  model <- CohortDtstm$new(trans_model = CohortDtstmTrans$new(params = tparams_transprobs(P)), utility_model = utilities, cost_models = list(all = costs))
  list(model, function() {
    model$sim_stateprobs(n_cycles = cycles)
    model$sim_costs(dr = rate)
    model$sim_qalys(dr = rate)
  })
}

individuals <- function() {  # Weibull moves between three states, each on a clock that starts with the state
  n <- take(1); patients <- take(1); strategies <- take(1); horizon <- take(1); rate <- take(1)
  ratios <- take(strategies); shapes <- take(3); scales <- matrix(take(3 * n), n)
  dat <- model_data(strategies, patients, 2)
  input <- expand(dat, by = c("strategies", "patients"))
  for (s in seq_len(strategies)) input[, paste0("s", s) := as.numeric(strategy_id == s)]
  input[, all := 1]
  move <- function(k) {
    scale <- log(scales[, k])
    by_strategy <- sapply(ratios, function(ratio) scale - log(ratio) / shapes[k])
    colnames(by_strategy) <- paste0("s", seq_len(strategies))
    params_surv(dist = "weibull", coefs = list(shape = cbind(all = rep(log(shapes[k]), n)),
                                               scale = if (k == 1) by_strategy else cbind(all = scale)))
  }
  moves <- create_IndivCtstmTrans(params_surv_list(move(1), move(2), move(3)), input_data = input, clock = "reset",
                                  trans_mat = rbind(c(NA, 1, 2), c(NA, NA, 3), c(NA, NA, NA)), start_age = 0)
  utilities <- values(take(2), dat, n)
  costs <- values(take(2), dat, n)
  model <- IndivCtstm$new(trans_model = moves, utility_model = utilities, cost_models = list(all = costs))
  list(model, function() {
    model$sim_disease(max_t = horizon, max_age = horizon + 1)
    model$sim_costs(dr = rate)
    model$sim_qalys(dr = rate)
  })
}

prepared <- get(arguments[1])()
seconds <- system.time(prepared[[2]]())[["elapsed"]]
writeBin(c(seconds, totals(prepared[[1]])), arguments[3])
