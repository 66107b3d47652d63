"""Stage 5: what does it look like?

NEEDS  results/1_checked/, results/2_effects/<domain>.csv, results/3_models/<domain>.csv
MAKES  results/5_figures/: forest/<domain>, flow, table1, each in every format, with the table of what is drawn
"""


rule forest:
    """The forest plot of a domain, with the table of everything drawn in it."""
    input:
        effects="results/2_effects/{domain}.csv",
        models="results/3_models/{domain}.csv",
        units="results/3_models/units/{domain}.csv",
        domains=str(RAW / "domains.csv"),
        corrections=CORRECTIONS,
        code=code("figures", "numeric"),
    output:
        table="results/5_figures/forest/{domain}.csv",
        figures=expand("results/5_figures/forest/{{domain}}.{form}", form=FORMATS),
    log:
        "results/logs/forest/{domain}.log",
    params:
        figures=config["figures"],
        level=config["models"]["level"],
        raw=str(RAW),
    message:
        "Forest plot of {wildcards.domain}"
    script:
        "../scripts/forest.py"


rule overview:
    """The PRISMA flow and the overview of Table 1."""
    input:
        checked=rules.checked_tables.output,
        code=code("figures"),
    output:
        table="results/5_figures/table1.csv",
        flow=expand("results/5_figures/flow.{form}", form=FORMATS),
        table1=expand("results/5_figures/table1.{form}", form=FORMATS),
    log:
        "results/logs/overview.log",
    params:
        figures=config["figures"],
    message:
        "Flow and overview of the reports"
    script:
        "../scripts/overview.py"
