"""Pool every domain under every alternative."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.jobs import job
from reanalysis.schema.results import Variant
from reanalysis.sensitivity import domain_variants
from reanalysis.tables import write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    rows = [row for domain in evidence.domains for row in domain_variants(evidence, domain, config)]
    write_table(snakemake.output[0], Variant, rows)
