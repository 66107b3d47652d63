"""Draw the narrative synthesis: claims, evidence, estimates, treatment, levels and genes."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.figures.evidence_map import draw_evidence_map
from reanalysis.figures.evidence_map_table import EvidenceCell, evidence_map_table
from reanalysis.figures.genes import draw_genes
from reanalysis.figures.genes_table import GeneMark, genes_table
from reanalysis.figures.ledger import draw_ledger
from reanalysis.figures.ledger_table import LedgerMark, ledger_table
from reanalysis.figures.levels import draw_levels
from reanalysis.figures.levels_table import LevelRow, levels_table
from reanalysis.figures.style import save
from reanalysis.figures.summary_forest import draw_summary_forest
from reanalysis.figures.summary_forest_table import SummaryRow, summary_forest_table
from reanalysis.figures.treatment import draw_treatment
from reanalysis.figures.treatment_table import TreatmentMark, treatment_table
from reanalysis.jobs import job
from reanalysis.schema.results import ClaimVerdict, Effect, Model, PooledUnit
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    domains = read_checked(Path(snakemake.input.checked[0]).parent).domains.values()
    effects = read_table(snakemake.input.ladder, Effect)
    models = [row for path in snakemake.input.models for row in read_table(path, Model)]
    units = [row for path in snakemake.input.units for row in read_table(path, PooledUnit)]
    claims = read_table(snakemake.input.claims, ClaimVerdict)
    for name, row_type, rows, draw in (
        ("ledger", LedgerMark, ledger_table(claims, domains), draw_ledger),
        ("evidence_map", EvidenceCell, evidence_map_table(effects, domains), draw_evidence_map),
        ("summary_forest", SummaryRow, summary_forest_table(models, units, domains), draw_summary_forest),
        ("treatment", TreatmentMark, treatment_table(effects, domains), draw_treatment),
        ("levels", LevelRow, levels_table(effects, models, config.models.level), draw_levels),
        ("genes", GeneMark, genes_table(effects), draw_genes),
    ):
        stem = Path(snakemake.output.tables[0]).parent / name
        write_table(stem.with_suffix(".csv"), row_type, rows)
        save(draw(rows, config.figures.width_mm), stem, config.figures.formats)
