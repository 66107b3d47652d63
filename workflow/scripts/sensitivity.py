"""Pool every domain under every alternative."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.jobs import logged
from reanalysis.schema.config import Config, Effects, Models, Sensitivity
from reanalysis.schema.results import Variant
from reanalysis.sensitivity import domain_variants
from reanalysis.tables import write_table

with logged(snakemake.log[0]):
    types = {"effects": Effects, "models": Models, "sensitivity": Sensitivity}
    parts = {part: types[part](**values) for part, values in snakemake.params.config.items()}
    config = Config.model_construct(**parts)  # the other choices are not of this job and must not rerun it
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    rows = [row for domain in evidence.domains for row in domain_variants(evidence, domain, config)]
    write_table(snakemake.output[0], Variant, rows)
