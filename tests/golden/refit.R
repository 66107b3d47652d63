# The models of notebooks/2_refit.ipynb by metafor: Rscript refit.R effects.csv > refit.json, in this folder. The notebook
# writes the table: effects yi with vi, of the samples of a cell (part "samples") and of one sample (part "outcomes").
source("lib.R")
d <- rd(commandArgs(TRUE)[1]); samples <- subset(d, part == "samples"); outcomes <- subset(d, part == "outcomes")
refits <- list()
for (method in c("REML", "DL", "PM")) for (test in c("z", "knha")) {
  f <- rma(yi, vi, data=samples, method=method, test=test, control=con)
  refits[[paste(method, test)]] <- list(est=c(f$beta), ci_lb=f$ci.lb, ci_ub=f$ci.ub, tau2=f$tau2, I2=f$I2)
}
means <- list()
for (rho in c(0, 0.3, 0.6, 0.9)) {
  one <- escalc(measure="GEN", yi=yi, vi=vi, data=cbind(outcomes, sample=1))
  a <- aggregate(one, cluster=sample, struct="CS", rho=rho, weighted=FALSE)
  means[[sprintf("%.1f", rho)]] <- list(est=c(a$yi), se=sqrt(a$vi))
}
software <- list(R=as.character(getRversion()), metafor=.mfver)
cat(tojson(list(software=software, yi=vec(d$yi), vi=vec(d$vi), refits=refits, means=means)), "\n", sep="")
