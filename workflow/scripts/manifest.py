"""Write the manifest and name the files that no rule makes any more."""

import sys
from pathlib import Path

from reanalysis.jobs import job
from reanalysis.provenance import build_manifest, files, hashes, read_records, write_record

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices):
    target, made = Path(snakemake.output[0]), list(snakemake.input.made)
    others = hashes(files(map(Path, set(snakemake.input) - set(made))))
    records = read_records(target.parent)
    records.pop(target.as_posix(), None)  # of this job, which is at work
    choices = snakemake.params.choices
    manifest = build_manifest(records, made, snakemake.params.started, others, choices, Path())
    write_record(target, manifest)
    if manifest.orphans:
        names = "\n".join(f"  {path}" for path in manifest.orphans)
        print(f"These files of earlier runs are made no more; `make tidy` removes them:\n{names}", file=sys.stderr)
