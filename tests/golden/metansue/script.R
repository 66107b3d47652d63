# Ask MetaNSUE (Albajes-Eizagirre, Solanes & Radua 2019) what it makes of data whose non-significant effects are hidden.
# Rscript script.R, in this folder, with the R packages metansue and jsonlite installed; rewrites expected.json.
library(metansue)
set.seed(2019)

hide <- function(y, critical) ifelse(abs(y) > critical, y, NA)

# MetaNSUE draws imputations, so each answer is the mean over several runs, with its Monte Carlo error; `outside` is the
# share of imputed effects that lie outside the bounds of non-significance
outside <- function(m) {
  i <- m$unknown$i
  mean(m$unknown$y < m$y_lo[i] | m$unknown$y > m$y_up[i])
}
answer <- function(data, runs = 20) {
  fits <- replicate(runs, {
    m <- meta(data, n.imp = 500)
    m$y_lo <- data$y_lo
    m$y_up <- data$y_up
    c(est = unname(m$model$coef), se = unname(m$model$se), tau2 = unname(m$heterogeneity$tau2), outside = outside(m))
  })
  list(mean = as.list(rowMeans(fits)), mc_se = as.list(apply(fits, 1, sd) / sqrt(runs)),
       hidden = sum(is.na(data$y)), k = length(data$y))
}

expectancy <- read.csv("../cases/18_rma_raudenbush1985/input.csv")
normand <- read.csv("../cases/03_es_two_group_means_normand1999/input.csv")
personality <- read.csv("../cases/05_es_correlations/input.csv")
personality <- personality[seq(1, nrow(personality), by = 8), ]

t_smd <- function(d) with(d, yi / sqrt(1 / n1i + 1 / n2i) / exp(lgamma((n1i + n2i - 2) / 2) -
  log((n1i + n2i - 2) / 2) / 2 - lgamma((n1i + n2i - 3) / 2)))
t_means <- function(d) with(d, (m1i - m2i) / sqrt(((n1i - 1) * sd1i^2 + (n2i - 1) * sd2i^2) / (n1i + n2i - 2)) /
  sqrt(1 / n1i + 1 / n2i))
two_groups <- function(d, t) smd_from_t(hide(t, qt(0.975, d$n1i + d$n2i - 2)), d$n1i, d$n2i)
r_critical <- with(personality, { t <- qt(0.975, ni - 2); t / sqrt(ni - 2 + t^2) })

correlations <- zcor_from_r(hide(personality$ri, r_critical), personality$ni)
# metansue 2.6 draws hidden correlations without regard to the bounds (see `outside`); its own draws for mean differences
# keep them, and work for any effect size
within_bounds <- correlations
within_bounds$mi <- metansue:::.mi_g

results <- list(
  expectancy = answer(two_groups(expectancy, t_smd(expectancy))),
  normand = answer(two_groups(normand, t_means(normand))),
  personality = answer(correlations),
  personality_within_bounds = answer(within_bounds)
)
out <- list(software = list(R = as.character(getRversion()), metansue = as.character(packageVersion("metansue"))),
            results = results)
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 8, pretty = TRUE), "expected.json")
