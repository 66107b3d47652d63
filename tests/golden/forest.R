# One meta-analysis drawn by metafor and by meta, and its numbers: see docs/forest.md.
# In this folder: Rscript forest.R (with metafor 5 and meta 8; METAFOR_LIB may name the library that holds them).
source("lib.R"); suppressPackageStartupMessages(library(meta))
d <- rd("cases/18_rma_raudenbush1985/input.csv"); d$label <- paste(d$author, d$year)
images <- "../../docs/images/"
page <- function(name, height) png(paste0(images, "forest-", name, ".png"), width=180, height=height, units="mm", res=150, pointsize=7.5)

# As its help page recommends: header, columns of sizes, weights, prediction interval, the model with its heterogeneity.
f <- rma(yi, vi, data=d, test="knha", slab=label, control=con)
page("metafor", 135); par(mar=c(4, 0, 0, 0), cex=1)
model <- list(bquote(paste("Random effects (REML, Knapp-Hartung): ", tau^2 == .(fmtx(f$tau2, 3)), "; ", I^2 == .(fmtx(f$I2, 0)), "%; Q = ", .(fmtx(f$QE, 2)), ", df = ", .(f$k - 1), ", ", .(fmtp2(f$QEp)))))
forest(f, xlim=c(-6.2, 3.6), at=seq(-1, 2, 0.5), ilab=cbind(n1i, n2i), ilab.lab=c("Bloomers", "Others"), ilab.xpos=c(-3.3, -2.4), header=c("Study", "Weight   g [95% CI]"), showweights=TRUE, addpred=TRUE, mlab=model, xlab="Hedges' g")
invisible(dev.off())

# Its default layout, with the columns that the others have.
m <- metagen(yi, sqrt(vi), studlab=label, data=d, sm="SMD", method.tau="REML", method.random.ci="HK", common=FALSE, prediction=TRUE, n.e=n1i, n.c=n2i, control=con)
page("meta", 96)
forest(m, leftcols=c("studlab", "n.e", "n.c"), leftlabs=c("Study", "Bloomers", "Others"), rightcols=c("effect", "ci", "w.random"), label.left="lower if expected", label.right="higher if expected", smlab="Hedges' g", fontsize=7.5, squaresize=0.7)
invisible(dev.off())

p <- predict(f); ci <- confint(f, control=conf)$random
cat(tojson(list(
  software=list(R=as.character(getRversion()), metafor=as.character(packageVersion("metafor")), meta=as.character(packageVersion("meta"))),
  metafor=list(est=p$pred, ci_lb=p$ci.lb, ci_ub=p$ci.ub, pi_lb=p$pi.lb, pi_ub=p$pi.ub, tau2=f$tau2, tau2_lb=ci[1, 2], tau2_ub=ci[1, 3], I2=f$I2, QE=f$QE, QEp=f$QEp, weights=vec(weights(f))),
  meta=list(est=m$TE.random, ci_lb=m$lower.random, ci_ub=m$upper.random, pi_lb=m$lower.predict, pi_ub=m$upper.predict, tau2=m$tau2, tau2_lb=m$lower.tau2, tau2_ub=m$upper.tau2, I2=100*m$I2, QE=m$Q, QEp=m$pval.Q, weights=vec(100 * m$w.random / sum(m$w.random)))
)), "\n", file="forest.json", sep="")
