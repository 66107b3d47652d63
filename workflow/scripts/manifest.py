"""Write the manifest and name the files that no rule makes any more."""

import sys
from pathlib import Path

from reanalysis.jobs import logged
from reanalysis.provenance import build_manifest, files, write_manifest

with logged(snakemake.log[0]):
    made = list(map(Path, snakemake.input.made))
    target = Path(snakemake.output[0])
    inputs = set(map(Path, snakemake.input)) - set(made)
    manifest = build_manifest(inputs, files(made), target.parent)
    write_manifest(target, manifest)
    if manifest["orphans"]:
        files = "\n".join(f"  {path}" for path in manifest["orphans"])
        print(f"warning: no rule makes these files any more; `make tidy` removes them:\n{files}", file=sys.stderr)
