"""Beside stages 2 and 3: do other packages find the same numbers?

NEEDS  results/1_checked/, results/2_effects/ladder.csv, results/3_models/
MAKES  results/2_effects/second_opinion.csv (our effects and pools beside those of pingouin and statsmodels)
"""


rule second_opinion:
    """Recompute effects and pools with other packages; fail on a difference that no named cause explains."""
    input:
        checked=rules.checked_tables.output,
        effects="results/2_effects/ladder.csv",
        models=expand("results/3_models/{domain}.csv", domain=DOMAINS),
        units=expand("results/3_models/units/{domain}.csv", domain=DOMAINS),
        stamp=stamp("results/2_effects/second_opinion.csv"),
        code=code("second_opinion", "ladder", "meta", "effects", "numeric"),
    output:
        "results/2_effects/second_opinion.csv",
    log:
        "results/logs/second_opinion.log",
    params:
        choices=choices("effects"),
    message:
        "Second opinion on effects and pools"
    script:
        "../scripts/second_opinion.py"
