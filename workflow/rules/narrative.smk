"""Stage 5, the story of the review: what does the evidence say where the review tells?

NEEDS  results/1_checked/, results/2_effects/ladder.csv, results/3_models/, results/4_synthesis/claims.csv
MAKES  results/5_figures/: ledger (claims by section and verdict), evidence_map (domains by contrasts), summary_forest
       (every estimate), treatment (what oxytocin does), levels (oxytocin in blood and saliva), genes, each in every
       format, with the table of what is drawn
"""

NARRATIVE = ["ledger", "evidence_map", "summary_forest", "treatment", "levels", "genes"]


rule narrative:
    """The narrative synthesis of the review, redrawn from the data."""
    input:
        ladder="results/2_effects/ladder.csv",
        models=expand("results/3_models/{domain}.csv", domain=DOMAINS),
        units=expand("results/3_models/units/{domain}.csv", domain=DOMAINS),
        claims="results/4_synthesis/claims.csv",
        checked=rules.checked_tables.output,
        stamp=stamp("results/5_figures/ledger.csv"),
        code=code("narrative", "figures", "claims", "effects", "ladder", "numeric", "synthesis"),
    output:
        tables=expand("results/5_figures/{figure}.csv", figure=NARRATIVE),
        figures=expand("results/5_figures/{figure}.{form}", figure=NARRATIVE, form=FORMATS),
    log:
        "results/logs/narrative.log",
    params:
        choices=choices("figures", "models"),
    message:
        "The review's story, redrawn"
    script:
        "../scripts/narrative.py"
