"""Stage 3, beside the models: would the answer be another if a choice had been another?

NEEDS  data/raw/, config: sensitivity
MAKES  results/3_models/sensitivity.csv (the main models of every cell under one alternative at a time)
"""


rule sensitivity:
    """Every declared alternative, each by the whole pipeline; the first variant is the main analysis."""
    input:
        checked=rules.checked_tables.output,
        code=code("sensitivity", "effects", "ladder", "pooling", "meta", "numeric"),
    output:
        "results/3_models/sensitivity.csv",
    log:
        "results/logs/sensitivity.log",
    params:
        config=config,
    message:
        "Trying the alternatives"
    script:
        "../scripts/sensitivity.py"
