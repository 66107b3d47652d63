"""The map of the reanalysis: raw -> checked -> effects -> models -> synthesis -> figures -> report.

What a stage reads and makes, and which choices it takes, stands in `src/reanalysis/pipeline.py`; here each becomes a rule.
In a large review, a stage that works domain by domain is divided: a second rule does its parts, each a job of its own.
"""


include: "workflow/start.smk"
include: "workflow/resources.smk"


for stage in STAGES.values():
    of = DIVIDED_INTO[stage.name]

    if of > 1:

        rule:
            name: f"{stage.name}_part"
            input:
                **told(stage),
                stamp=stamp(stage),
            output:
                temp(directory(part_folder(stage, "{part}"))),
            log:
                f"results/logs/parts/{stage.name}-{{part}}.log",
            benchmark:
                f"results/logs/parts/{stage.name}-{{part}}.tsv"
            params:
                work=f"{stage.name} 1 {of}",
            resources:
                **needs(stage, FINDINGS / of),
            message:
                f"{stage.purpose}, part {{wildcards.part}} of {of}"
            shell:
                "{PYTHON} {SCRIPT} {params.work} {wildcards.part}"

    rule:
        name: stage.name
        input:
            **told(stage),
            stamp=stamp(stage),
            parts=[part_folder(stage, part) for part in range(1, of + 1) if of > 1],
        output:
            *map(made, outputs(stage)),
        log:
            f"results/logs/{stage.name}.log",
        benchmark:
            f"results/logs/{stage.name}.tsv"
        params:
            of=of,
        resources:
            **needs(stage, FINDINGS),
        threads: workflow.cores if stage.alone and of == 1 else 1
        priority: 1 if stage.name == "check" else 0
        retries: 0 if stage.name == "check" else None
        message:
            stage.purpose if of == 1 else f"{stage.purpose}, all {of} parts"
        shell:
            "{PYTHON} {SCRIPT} {rule} {threads} {params.of}"


rule all:
    """Everything: what is missing is made, whether or not another result needs it."""
    default_target: True
    input:
        EVERYTHING,
