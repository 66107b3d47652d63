# The R side of benchmarks/peers.py: reads one request a line, answers it in one line.
#
#   data <file>      reads a CSV file as `d`
#   prepare <code>   makes `f`, on which the task rests; not timed
#   once <code>      seconds of one call, whose result is `r`
#   times <n> <code> seconds of n calls
#   numbers <code>   what is compared with the other sides
#   keep <name>      keeps `r` under a name for `kept`
#
# A warning is no reason to stop; an error is answered as "error: ...".

suppressPackageStartupMessages(library(metafor))
has_bayesmeta <- suppressPackageStartupMessages(requireNamespace("bayesmeta", quietly = TRUE))

store <- new.env()
kept <- function(name, otherwise) if (exists(name, store, inherits = FALSE)) store[[name]] else otherwise

seconds <- function(call, n) {
  start <- Sys.time()
  for (i in seq_len(n)) r <<- eval(call, globalenv())
  as.numeric(Sys.time() - start, units = "secs")
}

answer <- function(request, rest) {
  code <- function() parse(text = rest)[[1]]
  switch(request,
    data = { d <<- read.csv(rest); nrow(d) },
    prepare = { f <<- eval(code(), globalenv()); 0 },
    once = seconds(code(), 1),
    times = {
      n <- as.integer(sub(" .*", "", rest))
      rest <- sub("^[0-9]+ ", "", rest)
      seconds(code(), n)
    },
    numbers = as.numeric(unlist(eval(code(), globalenv()))),
    keep = { assign(rest, r, store); 0 },
    stop("unknown request ", request)
  )
}

cat("R", paste(R.version$major, R.version$minor, sep = "."), "metafor", as.character(packageVersion("metafor")),
    if (has_bayesmeta) c("bayesmeta", as.character(packageVersion("bayesmeta"))), "\n")
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  said <- tryCatch(
    sprintf("%.17g", suppressWarnings(answer(sub(" .*", "", line), sub("^[a-z]+ ", "", line)))),
    error = function(e) paste("error:", gsub("\n", " ", conditionMessage(e)))
  )
  cat(said, "\n")
  flush(stdout())
}
