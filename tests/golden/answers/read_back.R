# What other packages read from the exports of a review: Rscript read_back.R FOLDER answers.csv
# FOLDER holds the exports cochrane, metapsy, robvis and prisma, as `reanalysis export` writes them.
packages <- c("meta", "metapsyTools", "robvis", "PRISMA2020")
suppressPackageStartupMessages(lapply(packages, library, character.only = TRUE))
arguments <- commandArgs(trailingOnly = TRUE)
answers <- data.frame()
say <- function(program, of, quantity, value) {
  if (is.numeric(value)) value <- ifelse(is.na(value), "", sprintf("%.12g", value))
  rows <- data.frame(program = program, of = of, quantity = quantity, value = as.character(value))
  answers <<- rbind(answers, rows[!is.na(rows$value) & rows$value != "", ])
}
exported <- function(...) file.path(arguments[[1]], ...)

# meta: the rows of each analysis, and its own pooled estimate where it has the same model
package <- exported("cochrane", "reanalysis.zip")
if (file.exists(package)) {
  read <- read.cdir(package, exdir = tempfile())$data
  of <- paste(read$comp.no, read$outcome.no, read$studlab)
  for (quantity in c("TE", "seTE", "n.e", "n.c", "mean.e", "sd.e", "mean.c", "sd.c", "weight", "model", "sm", "level.ma")) {
    say("meta", of, quantity, read[[quantity]])
  }
}

# metapsyTools: no conflict of format, and Hedges' g from the raw data
data <- exported("metapsy", "data.csv")
if (file.exists(data)) {
  read <- checkConflicts(checkDataFormat(read.csv2(data, encoding = "UTF-8", check.names = FALSE)))
  computed <- calculateEffectSizes(as.data.frame(read))
  say("metapsyTools", computed$finding_id, "id", computed$.id)
  say("metapsyTools", computed$finding_id, "g", computed$.g)
  say("metapsyTools", computed$finding_id, "g_se", computed$.g_se)
}

# robvis: the judgements that it draws
for (file in list.files(exported("robvis"), pattern = "[.]csv$")) {
  tool <- if (startsWith(file, "generic-")) "Generic" else sub("[.]csv$", "", file)
  read <- read.csv(exported("robvis", file), encoding = "UTF-8", check.names = FALSE, colClasses = "character")
  drawn <- rob_traffic_light(read, tool = tool)$data
  say("robvis", paste(file, drawn$Study), as.character(drawn$domain), as.character(drawn$judgement))
}

# PRISMA2020: the counts of the diagram
flow <- exported("prisma", "PRISMA.csv")
if (file.exists(flow)) {
  read <- PRISMA_data(read.csv(flow, encoding = "UTF-8"))
  counts <- read[vapply(read, function(value) is.character(value) && length(value) == 1 && grepl("^[0-9]", value), NA)]
  say("PRISMA2020", names(counts), "n", unlist(counts))
  databases <- read$database_specific_results
  say("PRISMA2020", databases$reason, "n", databases$n)
  say("PRISMA2020", "dbr_excluded", "n", read$dbr_excluded$n)
}

write.csv(answers, arguments[[2]], row.names = FALSE, fileEncoding = "UTF-8")
