"""The map of the reanalysis: raw -> checked -> effects -> models -> synthesis -> figures -> report."""


include: "workflow/rules/start.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/effects.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/sensitivity.smk"
include: "workflow/rules/second_opinion.smk"
include: "workflow/rules/synthesis.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/narrative.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/freshness.smk"


rule all:
    """Everything: what is missing is made, whether or not another result needs it."""
    default_target: True
    input:
        EVERYTHING,
