"""Judge the claims of the review on the recomputed evidence."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.claims import Material, claim_verdicts, conclusions, omissions
from reanalysis.jobs import job
from reanalysis.schema.results import ClaimVerdict, Conclusion, Effect, Model, Omission, Variant, WorkItem
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    material = Material(
        evidence=evidence,
        effects=read_table(snakemake.input.ladder, Effect),
        models=[row for path in snakemake.input.models for row in read_table(path, Model)],
        variants=read_table(snakemake.input.variants, Variant),
        work=read_table(snakemake.input.worklist, WorkItem),
        level=config.models.level,
    )
    verdicts = claim_verdicts(material, config.claims)
    write_table(snakemake.output.claims, ClaimVerdict, verdicts)
    write_table(snakemake.output.omissions, Omission, omissions(material))
    write_table(snakemake.output.conclusions, Conclusion, conclusions(verdicts, evidence.domains.values()))
