"""Stage 1: is what people wrote sound?

NEEDS  data/raw/
MAKES  results/1_checked/: problems.csv (warnings), and the tables as they are used, corrections applied
"""


rule check:
    """Find every problem of the raw data at once; refuse to go on when a row is wrong.

    It takes all cores and the highest priority, so that nothing else starts on data that are not sound.
    """
    input:
        raw=sorted(str(path) for path in RAW.glob("**/*") if path.is_file()),
        code=code(),
    output:
        "results/1_checked/problems.csv",
    log:
        "results/logs/check.log",
    params:
        raw=str(RAW),
    threads: workflow.cores
    priority: 100
    message:
        "Checking the raw data"
    script:
        "../scripts/check.py"


rule checked_tables:
    """The raw tables as the analysis uses them: corrections applied, findings of all domains in one table."""
    input:
        raw=rules.check.input.raw,
        passed=rules.check.output,
        code=code(),
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
