# Compares what metafor finds with the numbers that the last run stored. The other scripts of this folder source it.

suppressPackageStartupMessages(library(metafor))
options(width = 160)

tolerance <- 1e-7 # of a difference, relative to the number where that is above 1
precise <- list(threshold = 1e-13, maxiter = 10000) # by default metafor stops iterating after five to eight digits

compared <- data.frame() # every number so far: of which cell and what in it, as stored and by metafor

# The rows of a table that belong to a cell, and to a model where one is named.
in_cell <- function(file, cell, model = NULL) {
  table <- read.csv(file, encoding = "UTF-8", na.strings = "")
  for (column in names(cell)) table <- table[table[[column]] == cell[[column]], ]
  if (!is.null(model)) table <- table[table$model == model, ]
  table
}

# Notes numbers beside those of R; where nothing is stored there is nothing to compare. `of` says whose numbers they are.
beside <- function(cell, what, quantity, stored, found, of = "") {
  rows <- data.frame(
    cell = paste(cell, collapse = "/"), what = what, of = of, quantity = quantity,
    stored = as.numeric(unlist(stored)), metafor = as.numeric(unlist(found))
  )
  rows <- rows[!is.na(rows$stored), ]
  rows$agrees <- is.finite(rows$metafor) & abs(rows$stored - rows$metafor) <= tolerance * pmax(1, abs(rows$stored))
  compared <<- rbind(compared, rows)
}

# A model with its heterogeneity, and its prediction interval with k - 1 degrees of freedom.
compare_model <- function(cell, model, fit) {
  stored <- in_cell("models.csv", cell, model)
  found <- list(
    k = fit$k, est = c(fit$beta), se = fit$se, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub, zval = fit$zval, pval = fit$pval,
    ddf = fit$ddf, QE = fit$QE, QEp = fit$QEp, I2 = fit$I2, H2 = fit$H2
  )
  if (!is.na(stored$tau2)) {
    interval <- confint(fit, control = list(tol = 1e-13, maxiter = 10000))$random["tau^2", ]
    found <- c(found, tau2 = fit$tau2, tau2_lb = interval[["ci.lb"]], tau2_ub = interval[["ci.ub"]])
  }
  if (!is.na(stored$pi_lb)) {
    half <- qt(0.5 + stored$level / 2, fit$k - 1) * sqrt(c(fit$vb) + fit$tau2)
    found <- c(found, pi_lb = c(fit$beta) - half, pi_ub = c(fit$beta) + half)
  }
  beside(cell, model, names(found), stored[names(found)], found)
}

# The same model without each of its samples.
compare_leave_one_out <- function(cell, model, fit) {
  stored <- in_cell("leave_one_out.csv", cell, model)
  if (nrow(stored) == 0) return(invisible())
  found <- as.data.frame(leave1out(fit))[match(stored$study, fit$slab), ]
  names_here <- c(estimate = "est", ci.lb = "ci_lb", ci.ub = "ci_ub", tau2 = "tau2")
  for (name in names(names_here)) {
    quantity <- names_here[[name]]
    beside(cell, paste0(model, ", leave-one-out"), quantity, stored[[quantity]], found[[name]], of = stored$study)
  }
}

# The regression test of asymmetry: weighted least squares on 1 over the root of the size, or on the standard error.
compare_asymmetry <- function(cell, fit) {
  stored <- in_cell("asymmetry.csv", cell)
  if (nrow(stored) == 0) return(invisible())
  found <- regtest(fit, model = "lm", predictor = stored$predictor)
  quantities <- c("stat", "ddf", "pval", "est", "ci_lb", "ci_ub")
  beside(cell, "asymmetry", quantities, stored[quantities], found[c("zval", "ddf", "pval", "est", "ci.lb", "ci.ub")])
}

# Prints what was compared, and ends a script that runs alone: with an error where a number differs.
finish <- function() {
  if (exists("running_all")) return(invisible())
  print(compared[c("what", "of", "quantity", "stored", "metafor", "agrees")], digits = 10, row.names = FALSE)
  differ <- sum(!compared$agrees)
  cat(sprintf("\n%d numbers compared, %d differ.\n", nrow(compared), differ))
  if (differ > 0) quit(status = 1)
}
