# The same analysis as a script of R with metafor: what a careful analyst would write for this review.
#
#   Rscript benchmarks/end_to_end/analysis.R REVIEW RESULTS
#
# Reads data/raw of the folder REVIEW. Effects by escalc from all findings with exact numbers, samples with several
# findings averaged, a random-effects model of every cell (REML, Knapp-Hartung; a single study stands alone), leave-one-out
# from five samples on, a forest plot of every domain as PDF and PNG, and a page of HTML. benchmarks/end_to_end/README.md
# says what it leaves out.

suppressPackageStartupMessages(library(metafor))
arguments <- commandArgs(trailingOnly = TRUE)
raw <- file.path(arguments[1], "data", "raw")
results <- arguments[2]
RHO <- 0.6 # correlation of several effects of one sample
dir.create(file.path(results, "forest"), recursive = TRUE, showWarnings = FALSE)

table_of <- function(path) {
  found <- read.csv(path, na.strings = "", colClasses = "character", check.names = FALSE, encoding = "UTF-8")
  found$domain <- rep(sub("\\.csv$", "", basename(path)), nrow(found))
  found
}
number <- function(column) suppressWarnings(as.numeric(column))

# ---- findings, all files one below the other
tables <- lapply(list.files(file.path(raw, "findings"), full.names = TRUE), table_of)
columns <- unique(unlist(lapply(tables, names)))
columns <- union(columns, c("m1i", "sd1i", "m2i", "sd2i", "yi", "ci_lb", "ci_ub", "ci_level", "sei", "di", "ri", "pi",
                            "p_relation", "test_of", "n1i", "n2i", "ni", "doubt", "composite_of", "timepoint", "group_1", "group_2"))
fill <- function(one) {
  for (name in setdiff(columns, names(one))) one[[name]] <- rep(NA_character_, nrow(one))
  one[columns]
}
d <- do.call(rbind, lapply(tables, fill))
for (name in c("m1i", "sd1i", "m2i", "sd2i", "yi", "ci_lb", "ci_ub", "ci_level", "sei", "di", "ri", "pi", "n1i", "n2i", "ni")) {
  d[[name]] <- number(d[[name]])
}
d <- d[d$coding == "primary" & is.na(d$doubt) & is.na(d$composite_of), ]
domains <- read.csv(file.path(raw, "domains.csv"), colClasses = "character", encoding = "UTF-8")

# ---- effect sizes
direction <- function(d) ifelse(d$direction %in% c("group_2_higher", "negative"), -1, 1)
plain <- function(found, metric, yi, vi) {
  if (nrow(found) == 0) return(NULL)
  found$yi <- yi
  found$vi <- vi
  found$metric <- metric
  found[c(columns, "metric", "vi")]
}
with_means <- d[d$stat_type == "means" & !is.na(d$m1i) & !is.na(d$sd1i) & !is.na(d$m2i) & !is.na(d$sd2i), ]
means <- escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = with_means,
                replace = TRUE)
means <- plain(means, "SMD", as.numeric(means$yi), means$vi)
by_ci <- d[d$stat_type == "g_ci", ]
by_ci <- plain(by_ci, "SMD", by_ci$yi, ((by_ci$ci_ub - by_ci$ci_lb) / (2 * qnorm(0.5 + by_ci$ci_level / 2)))^2)
of_contrast <- is.na(d$test_of) | d$test_of == "contrast"
by_p <- d[d$stat_type == "p" & d$p_relation %in% "=" & of_contrast & !is.na(d$n1i) & !is.na(d$n2i), ]
if (nrow(by_p) > 0) {
  by_p$ti <- direction(by_p) * qt(1 - by_p$pi / 2, by_p$n1i + by_p$n2i - 2)
  by_p <- escalc("SMD", ti = ti, n1i = n1i, n2i = n2i, data = by_p, replace = TRUE)
  by_p <- plain(by_p, "SMD", as.numeric(by_p$yi), by_p$vi)
}
by_r <- d[d$stat_type == "r" & !is.na(d$ri) & d$p_relation %in% "=", ]
by_r <- plain(by_r, "ZCOR", atanh(by_r$ri), (atanh(by_r$ri) / qnorm(1 - by_r$pi / 2))^2)
d <- rbind(means, by_ci, if (nrow(by_p) > 0) by_p, by_r)
d <- d[!is.na(d$yi) & !is.na(d$vi), ]
write.csv(d[c("domain", "contrast", "outcome_group", "metric", "finding_id", "sample_id", "yi", "vi")],
          file.path(results, "effects.csv"), row.names = FALSE)

# ---- one effect of each sample, one model of each cell
averaged <- function(cell) {
  cell <- as.data.frame(cell)
  cell$measured <- paste(cell$outcome, cell$timepoint)
  one <- function(own) {
    if (nrow(own) == 1) return(own)
    # arms against one control: by their participants, whose errors share those of the control
    arms <- length(unique(own$group_2)) == 1 && length(unique(own$group_1)) > 1
    weights <- if (arms) own$n1i / sum(own$n1i) else rep(1 / nrow(own), nrow(own))
    error <- 1 / own$n1i + 1 / own$n2i
    R <- if (arms) outer(1 / own$n2i, 1 / own$n2i, pmin) / sqrt(outer(error, error)) else matrix(RHO, nrow(own), nrow(own))
    diag(R) <- 1
    weighted <- weights * sqrt(own$vi)
    mean_of <- own[1, ]
    mean_of$yi <- sum(weights * own$yi)
    mean_of$vi <- c(weighted %*% R %*% weighted)
    mean_of
  }
  do.call(rbind, lapply(split(cell, cell$sample_id), one))
}
cells <- split(d, paste(d$domain, d$contrast, d$outcome_group, d$metric, sep = " | "))
fits <- lapply(cells, function(cell) {
  own <- averaged(cell)
  method <- if (nrow(own) == 1) "EE" else "REML"
  list(units = own, fit = rma(yi, vi, data = own, method = method, test = if (nrow(own) == 1) "z" else "knha"))
})
summarized <- do.call(rbind, lapply(names(fits), function(name) {
  f <- fits[[name]]$fit
  predicted <- if (f$k > 2) predict(f) else list(pi.lb = NA, pi.ub = NA)
  interval <- if (f$k > 2) confint(f)$random["tau^2", ] else c(NA, NA, NA)
  data.frame(cell = name, k = f$k, est = c(f$beta), se = f$se, ci_lb = f$ci.lb, ci_ub = f$ci.ub, pval = f$pval,
             tau2 = f$tau2, tau2_lb = interval[2], tau2_ub = interval[3], I2 = f$I2, QE = f$QE, QEp = f$QEp,
             pi_lb = predicted$pi.lb, pi_ub = predicted$pi.ub)
}))
write.csv(summarized, file.path(results, "models.csv"), row.names = FALSE)
without <- do.call(rbind, lapply(names(fits), function(name) {
  f <- fits[[name]]$fit
  if (f$k < 5) return(NULL)
  found <- leave1out(f)
  data.frame(cell = name, left_out = fits[[name]]$units$sample_id, est = found$estimate, se = found$se, tau2 = found$tau2)
}))
write.csv(if (is.null(without)) data.frame() else without, file.path(results, "leave_one_out.csv"), row.names = FALSE)

# ---- a forest plot of every domain with an effect
draw <- function(domain) {
  own <- Filter(function(one) one$units$domain[1] == domain, fits)
  heights <- sapply(own, function(one) nrow(one$units))
  total <- sum(heights) + 3 * length(own)
  par(mar = c(4, 1, 1, 1))
  yi <- unlist(lapply(own, function(one) one$units$yi))
  vi <- unlist(lapply(own, function(one) one$units$vi))
  labels <- unlist(lapply(own, function(one) one$units$sample_id))
  ends <- total - cumsum(heights + 3)
  at <- unlist(Map(function(end, height) seq(end + height + 1, end + 2), ends, heights))
  forest(yi, vi, slab = labels, rows = at, ylim = c(-1, total + 3), xlab = "Effect", header = TRUE, cex = 0.8)
  for (i in seq_along(own)) {
    text(par("usr")[1], ends[i] + heights[i] + 2, names(own)[i], pos = 4, font = 2, cex = 0.7)
    if (heights[i] > 1) addpoly(own[[i]]$fit, row = ends[i] + 1, mlab = "Random effects", cex = 0.8)
  }
}
drawn <- unique(d$domain)
for (domain in drawn) {
  height <- 2 + 0.25 * sum(d$domain == domain)
  path <- file.path(results, "forest", domain)
  pdf(paste0(path, ".pdf"), width = 7.1, height = height)
  draw(domain)
  invisible(dev.off())
  png(paste0(path, ".png"), width = 7.1, height = height, units = "in", res = 300, type = "cairo")
  draw(domain)
  invisible(dev.off())
}

# ---- the page
escape <- function(text) gsub("<", "&lt;", gsub("&", "&amp;", text, fixed = TRUE), fixed = TRUE)
html_table <- function(rows) {
  cells <- function(values, tag) paste0("<", tag, ">", escape(values), "</", tag, ">", collapse = "")
  shown <- as.data.frame(lapply(rows, function(x) if (is.numeric(x)) formatC(x, digits = 3, format = "g") else x))
  lines <- apply(shown, 1, function(row) paste0("<tr>", cells(row, "td"), "</tr>"))
  paste0("<table><tr>", cells(names(shown), "th"), "</tr>", paste(lines, collapse = "\n"), "</table>")
}
titles <- setNames(domains$title, domains$domain)
sections <- sapply(drawn, function(domain) {
  own <- summarized[startsWith(summarized$cell, paste0(domain, " | ")), ]
  paste0("<h2>", escape(titles[domain]), "</h2>", html_table(own), "<img src=\"forest/", domain, ".png\" width=\"700\">")
})
writeLines(c("<!doctype html><meta charset=\"utf-8\"><title>Meta-analysis</title>", sections, "<h2>Left out in turn</h2>",
             if (!is.null(without)) html_table(without)), file.path(results, "report.html"))
