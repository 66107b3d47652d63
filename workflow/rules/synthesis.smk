"""Stage 4: what does the evidence add up to, and what is missing?

NEEDS  results/2_effects/ladder.csv, results/3_models/<domain>.csv, results/1_checked/
MAKES  results/4_synthesis/: ladder.csv (findings per rung), worklist.csv (what would lift them), directions.csv (votes and
       sign tests), combined_p.csv (Stouffer, Fisher), swim.csv (the nine SWiM items of each domain)
"""


rule synthesis:
    """Count the rungs of every domain, list the work that would raise them, and add up what no model can."""
    input:
        ladder="results/2_effects/ladder.csv",
        models=expand("results/3_models/{domain}.csv", domain=DOMAINS),
        units=expand("results/3_models/units/{domain}.csv", domain=DOMAINS),
        checked=rules.checked_tables.output,
        stamp=stamp("results/4_synthesis/ladder.csv"),
        code=code("synthesis", "effects", "ladder", "meta", "numeric", "pooling"),
    output:
        ladder="results/4_synthesis/ladder.csv",
        worklist="results/4_synthesis/worklist.csv",
        directions="results/4_synthesis/directions.csv",
        combined="results/4_synthesis/combined_p.csv",
        swim="results/4_synthesis/swim.csv",
    log:
        "results/logs/synthesis.log",
    params:
        choices=choices("models"),
    message:
        "Counting the evidence"
    script:
        "../scripts/synthesis.py"
