"""Place the findings of one domain on the evidence ladder."""

from pathlib import Path

from reanalysis.check import load_domain
from reanalysis.jobs import logged
from reanalysis.ladder import domain_effects
from reanalysis.schema.config import Effects
from reanalysis.schema.results import Effect
from reanalysis.tables import write_table

with logged(snakemake.log[0]):
    domain = snakemake.wildcards.domain
    evidence = load_domain(Path(snakemake.params.raw), domain)
    write_table(snakemake.output[0], Effect, domain_effects(evidence, domain, Effects(**snakemake.params.effects)))
