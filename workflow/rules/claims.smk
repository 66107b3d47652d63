"""Stage 4, the claims: which sentences of the review does the evidence support?

NEEDS  results/1_checked/, results/2_effects/ladder.csv, results/3_models/, results/4_synthesis/worklist.csv
MAKES  results/4_synthesis/: claims.csv (a verdict on every claim), omissions.csv (reports of Table 1 that no claim of a
       domain cites), conclusions.csv (sentences made from the verdicts)
"""


rule claims:
    """Judge every claim of the review."""
    input:
        ladder="results/2_effects/ladder.csv",
        models=expand("results/3_models/{domain}.csv", domain=DOMAINS),
        variants="results/3_models/sensitivity.csv",
        worklist="results/4_synthesis/worklist.csv",
        checked=rules.checked_tables.output,
        stamp=stamp("results/4_synthesis/claims.csv"),
        code=code("claims", "effects", "ladder", "numeric", "synthesis"),
    output:
        claims="results/4_synthesis/claims.csv",
        omissions="results/4_synthesis/omissions.csv",
        conclusions="results/4_synthesis/conclusions.csv",
    log:
        "results/logs/claims.log",
    params:
        choices=choices("claims", "models"),
    message:
        "Judging the claims"
    script:
        "../scripts/claims.py"
