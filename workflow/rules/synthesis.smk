"""Stage 4: what does the evidence add up to, and what is missing?

NEEDS  results/2_effects/ladder.csv, results/1_checked/
MAKES  results/4_synthesis/: ladder.csv (findings per rung), worklist.csv (what would lift them)
"""


rule synthesis:
    """Count the rungs of every domain and list the work that would raise them."""
    input:
        ladder="results/2_effects/ladder.csv",
        checked=rules.checked_tables.output,
        code=code("synthesis"),
    output:
        ladder="results/4_synthesis/ladder.csv",
        worklist="results/4_synthesis/worklist.csv",
    log:
        "results/logs/synthesis.log",
    message:
        "Counting the evidence"
    script:
        "../scripts/synthesis.py"
