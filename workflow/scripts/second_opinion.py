"""Compare effects and pools with pingouin and statsmodels."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.jobs import job
from reanalysis.schema.results import Effect, Model, PooledUnit, SecondOpinion
from reanalysis.second_opinion import cells_opinions, explained, findings_opinions, samples_opinions
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    findings = {(row.finding_id, row.coding): row for rows in evidence.findings.values() for row in rows}
    effects = read_table(snakemake.input.effects, Effect)
    units = [unit for path in snakemake.input.units for unit in read_table(path, PooledUnit)]
    models = [model for path in snakemake.input.models for model in read_table(path, Model)]
    rows = [
        *findings_opinions(effects, findings, config.effects.smd_variance),
        *samples_opinions(effects, units),
        *cells_opinions(units, models),
    ]
    write_table(snakemake.output[0], SecondOpinion, explained(rows))
