"""Stage 5: what does it look like?

NEEDS  results/1_checked/, results/2_effects/, results/3_models/
MAKES  results/5_figures/: forest/<domain>, effect_direction, albatross, flow, table1, multiverse, each in every
       format, with the table of what is drawn; cells/ (what the answer of a cell rests on, as far as its number of samples
       allows) with cells.csv, the list of these
"""


rule forest:
    """The forest plot of a domain, with the table of everything drawn in it."""
    input:
        effects="results/2_effects/{domain}.csv",
        models="results/3_models/{domain}.csv",
        units="results/3_models/units/{domain}.csv",
        domains=str(RAW / "domains.csv"),
        corrections=CORRECTIONS,
        stamp=stamp("results/5_figures/forest/{domain}.csv"),
        code=code("forest", "figures", "numeric"),
    output:
        table="results/5_figures/forest/{domain}.csv",
        figures=expand("results/5_figures/forest/{{domain}}.{form}", form=FORMATS),
    log:
        "results/logs/forest/{domain}.log",
    params:
        raw=str(RAW),
        choices=choices("figures", "models"),
    message:
        "Forest plot of {wildcards.domain}"
    script:
        "../scripts/forest.py"


rule synthesis_figures:
    """The plots that need no effect sizes, over all domains: effect direction and albatross."""
    input:
        ladder="results/2_effects/ladder.csv",
        checked=rules.checked_tables.output,
        stamp=stamp("results/5_figures/effect_direction.csv"),
        code=code("synthesis_figures", "figures", "synthesis", "effects", "ladder", "numeric"),
    output:
        tables=expand("results/5_figures/{plot}.csv", plot=["effect_direction", "albatross"]),
        figures=expand(
            "results/5_figures/{plot}.{form}", plot=["effect_direction", "albatross"], form=FORMATS
        ),
    log:
        "results/logs/synthesis_figures.log",
    params:
        choices=choices("figures"),
    message:
        "Plots of directions and p"
    script:
        "../scripts/synthesis_figures.py"


rule overview:
    """The PRISMA flow and the overview of Table 1."""
    input:
        checked=rules.checked_tables.output,
        stamp=stamp("results/5_figures/table1.csv"),
        code=code("overview", "figures"),
    output:
        table="results/5_figures/table1.csv",
        flow=expand("results/5_figures/flow.{form}", form=FORMATS),
        table1=expand("results/5_figures/table1.{form}", form=FORMATS),
    log:
        "results/logs/overview.log",
    params:
        choices=choices("figures"),
    message:
        "Flow and overview of the reports"
    script:
        "../scripts/overview.py"


rule robustness_figures:
    """What rests on each sample and each choice: the multiverse, and for each cell leave-one-out, GOSH and their like."""
    input:
        models=expand("results/3_models/{domain}.csv", domain=DOMAINS),
        units=expand("results/3_models/units/{domain}.csv", domain=DOMAINS),
        sensitivity=rules.sensitivity.output[0],
        robustness=rules.robustness.output,
        checked=rules.checked_tables.output,
        stamp=stamp("results/5_figures/cells.csv"),
        code=code("robustness_figures", "figures", "pooling", "ladder", "meta", "effects", "numeric"),
    output:
        index="results/5_figures/cells.csv",
        cells=directory("results/5_figures/cells"),
        table="results/5_figures/multiverse.csv",
        multiverse=expand("results/5_figures/multiverse.{form}", form=FORMATS),
    log:
        "results/logs/robustness_figures.log",
    params:
        choices=choices("figures"),
    message:
        "Plots of what the answers rest on"
    script:
        "../scripts/robustness_figures.py"
