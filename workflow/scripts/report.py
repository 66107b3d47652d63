"""Write the report."""

from pathlib import Path

from reanalysis.jobs import logged
from reanalysis.report import build_report

with logged(snakemake.log[0]):
    target = Path(snakemake.output[0])
    target.write_text(build_report(target.parent, Path(snakemake.input.config)), encoding="utf-8")
