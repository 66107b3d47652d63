# Recomputes effects from the statistics of their sources, as far as metafor's escalc has the formula.
# Run it in this folder: Rscript effects.R
source("compare.R")

effects <- read.csv("effects.csv", encoding = "UTF-8", na.strings = "")
effects <- effects[effects$rung == "exact", ]

# Compares effects with those that a call of escalc gives for them.
compare_effects <- function(which, recompute) {
  own <- effects[which & !is.na(which), ]
  if (nrow(own) == 0) return(invisible())
  found <- recompute(own)
  for (quantity in c("yi", "vi")) {
    beside("effects", "escalc", quantity, own[[quantity]], found[[quantity]], of = paste(own$finding_id, own$coding))
  }
}

means <- effects$measure == "SMD" & effects$comparison == "difference" & effects$stat_type %in% c("means", "means_se")
for (vtype in unique(na.omit(effects$vtype))) {
  compare_effects(means & effects$vtype == vtype, function(own) escalc("SMD",
    m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = own, vtype = vtype
  ))
}
compare_effects(effects$stat_type == "change" & !is.na(effects$ri), function(own) escalc("SMCC",
  m1i = m1i, sd1i = sd1i, m2i = m2i, sd2i = sd2i, ni = ni, ri = ri, data = own
))
compare_effects(effects$stat_type == "counts", function(own) escalc("OR2DL",
  ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = own
))
compare_effects(effects$measure == "ZCOR" & effects$r_kind == "pearson" & !is.na(effects$ni), function(own) escalc("ZCOR",
  ri = ri, ni = ni, data = own
))

finish()
