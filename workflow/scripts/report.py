"""Write the report."""

from pathlib import Path

from reanalysis.jobs import logged
from reanalysis.provenance import files
from reanalysis.report import build_report

with logged(snakemake.log[0]):
    target, config = Path(snakemake.output[0]), Path(snakemake.input.config)
    made, inputs = files(map(Path, snakemake.input.made)), [*map(Path, snakemake.input.raw), config]
    target.write_text(build_report(target.parent, config, made, inputs), encoding="utf-8")
