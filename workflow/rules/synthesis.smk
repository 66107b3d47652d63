"""Stage 4: what does the evidence add up to, and what is missing?

NEEDS  results/2_effects/ladder.csv, data/raw/
MAKES  results/4_synthesis/: ladder.csv (findings per rung), worklist.csv (what would lift them)
"""


rule synthesis:
    """Count the rungs of every domain and list the work that would raise them."""
    input:
        ladder="results/2_effects/ladder.csv",
        domains="results/1_checked/domains.csv",
        reports="results/1_checked/reports.csv",
        code=code("schema", "tables", "synthesis"),
    output:
        ladder="results/4_synthesis/ladder.csv",
        worklist="results/4_synthesis/worklist.csv",
    log:
        "results/logs/synthesis.log",
    message:
        "Counting the evidence"
    script:
        "../scripts/synthesis.py"
