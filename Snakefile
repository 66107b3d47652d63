"""The map of the reanalysis: raw -> checked -> effects -> models -> synthesis -> figures -> report."""

from pathlib import Path

from snakemake.exceptions import WorkflowError

from reanalysis.check import BadInput, read_domains
from reanalysis.schema.config import BadConfig, parse_config

configfile: "config/config.yaml"

RAW = Path("data/raw")
try:
    FORMATS = parse_config(config).figures.formats
    # A domain without its file is reported by the check, together with all other problems.
    DOMAINS = [name for name in read_domains(RAW) if (RAW / f"findings/{name}.csv").exists()]
except (BadConfig, BadInput) as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    domain="[a-z0-9-]+",


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


rule all:
    """Everything, ending with the manifest that names each file by its hash."""
    default_target: True
    input:
        "results/manifest.json",
