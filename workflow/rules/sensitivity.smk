"""Stage 3, beside the models: would the answer be another without a sample, or if a choice had been another?

NEEDS  results/1_checked/, results/3_models/units/<domain>.csv
MAKES  results/3_models/: sensitivity.csv (the main models of every cell under one alternative at a time), leave_one_out.csv,
       cumulative.csv (samples added by year), influence.csv, subsets.csv, asymmetry.csv (test of the funnel), each as far as
       the number of samples of a cell allows
"""


rule sensitivity:
    """Every declared alternative, each by the whole pipeline; the first variant is the main analysis."""
    input:
        checked=rules.checked_tables.output,
        stamp=stamp("results/3_models/sensitivity.csv"),
        code=code("sensitivity", "effects", "ladder", "pooling", "meta", "numeric"),
    output:
        "results/3_models/sensitivity.csv",
    log:
        "results/logs/sensitivity.log",
    params:
        choices=choices("effects", "models", "sensitivity"),
    message:
        "Trying the alternatives"
    script:
        "../scripts/sensitivity.py"


rule robustness:
    """What rests on each sample of a cell."""
    input:
        units=expand("results/3_models/units/{domain}.csv", domain=DOMAINS),
        stamp=stamp("results/3_models/leave_one_out.csv"),
        code=code("robustness", "pooling", "ladder", "effects", "meta", "numeric"),
    output:
        left_out="results/3_models/leave_one_out.csv",
        cumulative="results/3_models/cumulative.csv",
        influence="results/3_models/influence.csv",
        subsets="results/3_models/subsets.csv",
        asymmetry="results/3_models/asymmetry.csv",
    log:
        "results/logs/robustness.log",
    params:
        choices=choices("models", "robustness"),
    message:
        "What rests on each sample"
    script:
        "../scripts/robustness.py"
