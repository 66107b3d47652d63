"""Stage 3: what do the exact effects of a domain amount to?

NEEDS  results/2_effects/<domain>.csv
MAKES  results/3_models/<domain>.csv (models by the rule on k), units/<domain>.csv (the independent
       units in them)
"""


rule models:
    """Pool each cell of a domain as far as its number of samples allows."""
    input:
        effects="results/2_effects/{domain}.csv",
        stamp=stamp("results/3_models/{domain}.csv"),
        code=code("models", "pooling", "ladder", "meta", "effects", "numeric"),
    output:
        models="results/3_models/{domain}.csv",
        units="results/3_models/units/{domain}.csv",
    log:
        "results/logs/models/{domain}.log",
    params:
        choices=choices("models"),
    message:
        "Models of {wildcards.domain}"
    script:
        "../scripts/models.py"
