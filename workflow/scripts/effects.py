"""Place the findings of one domain on the evidence ladder."""

from pathlib import Path

from reanalysis.check import load_domain
from reanalysis.jobs import job
from reanalysis.ladder import domain_effects
from reanalysis.schema.results import Effect
from reanalysis.tables import write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    domain = snakemake.wildcards.domain
    evidence = load_domain(Path(snakemake.params.raw), domain)
    write_table(snakemake.output[0], Effect, domain_effects(evidence, domain, config.effects))
