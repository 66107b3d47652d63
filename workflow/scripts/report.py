"""Write the report."""

from pathlib import Path

from reanalysis.jobs import job
from reanalysis.provenance import files
from reanalysis.report import build_report

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    target, inputs = Path(snakemake.output[0]), [*snakemake.input.raw, snakemake.input.config]
    made = files(map(Path, snakemake.input.made))
    target.write_text(build_report(target.parent, config, made, map(Path, inputs)), encoding="utf-8")
