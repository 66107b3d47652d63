"""The map of the reanalysis: raw -> checked -> effects -> models -> synthesis -> figures -> report.

What a stage reads and makes, and which choices it takes, stands in `src/reanalysis/pipeline.py`; here each becomes a rule.
"""


include: "workflow/start.smk"


for stage in STAGES.values():

    rule:
        name: stage.name
        input:
            **told(stage),
            stamp=stamp(stage),
        output:
            *map(made, outputs(stage)),
        log:
            f"results/logs/{stage.name}.log",
        benchmark:
            f"results/logs/{stage.name}.tsv"
        threads: workflow.cores if stage.alone else 1
        priority: 1 if stage.name == "check" else 0
        message:
            stage.purpose
        shell:
            "{PYTHON} {SCRIPT} {rule} {threads}"


rule all:
    """Everything: what is missing is made, whether or not another result needs it."""
    default_target: True
    input:
        EVERYTHING,
