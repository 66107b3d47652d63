# Runs all scripts of this folder, and counts how many numbers of metafor agree with the stored ones.
# Run it in this folder: Rscript all.R
# With the name of a file it also writes every number there: Rscript all.R numbers.csv
scripts <- SCRIPTS

running_all <- TRUE
all_compared <- data.frame()
for (script in scripts) {
  sink(nullfile()) # what a script prints of its models
  source(script)
  sink()
  all_compared <- rbind(all_compared, compared)
}

counted <- aggregate(cbind(numbers = 1, agree = agrees) ~ what + cell, all_compared, sum)
counted <- counted[order(match(counted$cell, all_compared$cell)), c("cell", "what", "numbers", "agree")]
print(counted, row.names = FALSE, right = FALSE)
differ <- all_compared[!all_compared$agrees, ]
if (nrow(differ) > 0) print(differ, digits = 10, row.names = FALSE)
cat(sprintf("\n%d numbers compared, %d differ.\n", nrow(all_compared), nrow(differ)))

to <- commandArgs(trailingOnly = TRUE)
if (length(to) == 1) {
  for (column in c("stored", "metafor")) all_compared[[column]] <- sprintf("%.15g", all_compared[[column]])
  write.csv(all_compared, to, row.names = FALSE, fileEncoding = "UTF-8")
}
if (nrow(differ) > 0) quit(status = 1)
