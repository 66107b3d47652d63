"""Stage 1: is what people wrote sound?

NEEDS  data/raw/
MAKES  results/1_checked/: problems.csv (warnings), and the tables as they are used, corrections applied
"""


rule check:
    """Find every problem of the raw data at once; refuse to go on when a row is wrong.

    It takes all cores and the highest priority, so that nothing else starts on data that are not sound.
    """
    input:
        raw=RAW_FILES,
        stamp=stamp("results/1_checked/problems.csv"),
        code=code("check", "effects", "ladder", "numeric"),
    output:
        "results/1_checked/problems.csv",
    log:
        "results/logs/check.log",
    params:
        raw=str(RAW),
        # Through a function, since Snakemake would take braces in a name for a wildcard.
        strangers=lambda wildcards: [problem.file for problem in strangers(RAW)],
    threads: workflow.cores
    priority: 100
    message:
        "Checking the raw data"
    script:
        "../scripts/check.py"


rule checked_tables:
    """The raw tables as the analysis uses them: corrections applied, findings of all domains in one table."""
    input:
        raw=RAW_FILES,
        passed=rules.check.output,
        stamp=stamp("results/1_checked/domains.csv"),
        code=code("checked_tables", "effects", "ladder", "numeric"),
    output:
        expand(
            "results/1_checked/{table}.csv",
            table=["domains", "reports", "samples", "findings", "claims", "flow", "retractions"],
        ),
    log:
        "results/logs/checked_tables.log",
    params:
        raw=str(RAW),
    message:
        "Writing the checked tables"
    script:
        "../scripts/checked_tables.py"
