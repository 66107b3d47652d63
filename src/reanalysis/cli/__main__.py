"""`python -m reanalysis.cli`: the command line without its console script."""

from reanalysis.cli import main

main()
