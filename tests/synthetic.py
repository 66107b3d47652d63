"""A made-up review of any size, through the stages of the pipeline without Snakemake: to test and time the report."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

from reanalysis.check import Evidence, Problem, write_checked, write_problems
from reanalysis.figures.forest import draw_forest
from reanalysis.figures.forest_table import ForestRow, forest_table
from reanalysis.figures.style import save
from reanalysis.ladder import domain_effects
from reanalysis.models.pooling import pool_domain
from reanalysis.models.robustness import robustness
from reanalysis.report import build_report
from reanalysis.results.rows import Effect, LadderCount, Model, PooledUnit, Refit, Variant, WorkItem
from reanalysis.results.table import write_table
from reanalysis.schema.config import parse_config
from reanalysis.schema.raw import Claim, Domain, Finding, Report, Sample
from reanalysis.synthesis.ladder import count_rungs
from reanalysis.synthesis.worklist import list_work
from tests.project import ROOT

HOSTILE = (
    "<script>document.title = 'run'</script>",
    '"><img src=x onerror="document.title=1">',
    "</script><b>bold</b> & 'quoted' -- dashed",
    "-2+3",
)


def synthetic_evidence(domains: int, findings: int, seed: int, texts: tuple[str, ...] = ()) -> Evidence:
    """Evidence with so many domains and findings; `texts` stand in titles, names and notes of its reports, in turn."""
    draw = random.Random(seed)
    names = [f"domain-{i:02d}" for i in range(domains)]
    reports, samples, rows = {}, {}, {name: [] for name in names}
    for i in range(findings):
        name = names[i % domains]
        text = texts[i % len(texts)] if texts else f"Study {i}"
        report, contrast = f"report-{i:04d}", "bpd_vs_control" if i % 3 else "oxt_vs_placebo_bpd"
        reports[report] = Report(
            report_id=report, label=f"{text} {1990 + i % 30}", authors=text, year=1990 + i % 30, title=f"{text} on it",
            kind="primary", country=("Germany", "Japan", "Brazil")[i % 3], doi=f"10.1000/{i}",
        )  # fmt: skip
        samples[report] = Sample(sample_id=report, report_ids=report, cohort_id=report, overlap=None)
        n1, n2 = draw.randint(12, 60), draw.randint(12, 60)
        effect = draw.gauss(-0.4, 0.3)
        cells = {"n1i": str(n1), "n2i": str(n2), "direction": "group_2_higher" if effect < 0 else "group_1_higher"}
        match i % 4:
            case 0 | 1:
                means = {"m1i": f"{50 + 10 * effect:.2f}", "sd1i": "10.2", "m2i": "50.0", "sd2i": "9.8"}
                cells |= {"stat_type": "means"} | means
            case 2:
                cells |= {"stat_type": "significance", "p_relation": "sig"}
            case _:
                cells |= {"stat_type": "direction"}
        rows[name].append(
            Finding(
                finding_id=f"finding-{i:04d}",
                coding="primary",
                report_id=report,
                sample_id=report,
                contrast=contrast,
                outcome_group="level",
                population="adults",
                outcome=f"{text}, outcome {i}",
                group_1="one",
                group_2="two",
                design="observational",
                higher_is_better="unclear",
                locator=f"table {i}",
                source_kind="abstract",
                coder="nobody",
                note=text,
                **cells,
            )  # fmt: skip
        )
    claims = {
        f"C{i:03d}": Claim(
            claim_id=f"C{i:03d}",
            section="1",
            domain=names[i % domains],
            topic="level",
            claim=f"claim {i}",
            claim_type="empirical",
            expected_direction="lower_in_bpd",
            cited_basis="none",
            core="no",
            lines="1",
            **_untested(),
        )  # fmt: skip
        for i in range(min(3 * domains, 300))
    }
    known = {name: Domain(domain=name, section=f"3.{i}", title=f"Domain {i}") for i, name in enumerate(names)}
    return Evidence(known, reports, samples, claims, {}, {name: tuple(own) for name, own in rows.items()})


def _untested() -> dict[str, str]:
    """What a claim needs beside its words, if anything."""
    required = {name for name, field in Claim.model_fields.items() if field.is_required()}
    return {"tested_by": "background"} if "tested_by" in required else {}


def synthetic_report(target: Path, evidence: Evidence, problems: Iterable[Problem] = ()) -> Path:
    """Run the stages on the evidence below `target` and write its report, with these problems; returns the page."""
    results, config = target / "results", target / "config.yaml"
    shutil.rmtree(results, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "config/config.yaml", config)
    choices = parse_config(yaml.safe_load(config.read_text(encoding="utf-8")))
    write_checked(evidence, results / "1_checked")
    write_problems(results / "1_checked/problems.csv", problems)
    effects, models, units = [], [], []
    for name, domain in evidence.domains.items():
        own = domain_effects(evidence, name, choices.effects)
        pooled = pool_domain(own, choices.models)
        rows = forest_table(own, pooled.models, pooled.units, choices.models.level)
        write_table(results / f"3_models/{name}.csv", Model, pooled.models)
        write_table(results / f"3_models/units/{name}.csv", PooledUnit, pooled.units)
        write_table(results / f"5_figures/forest/{name}.csv", ForestRow, rows)
        save(draw_forest(rows, domain, choices.figures.width_mm), results / f"5_figures/forest/{name}", ["svg"])
        effects += own
        models += pooled.models
        units += pooled.units
    write_table(results / "2_effects/ladder.csv", Effect, effects)
    few = choices.robustness.model_copy(update={"subsets": 1})  # the report shows none of them here
    found = robustness(units, choices.models, few)
    write_table(results / "3_models/leave_one_out.csv", Refit, found.left_out)
    write_table(results / "3_models/sensitivity.csv", Variant, [])
    write_table(results / "4_synthesis/ladder.csv", LadderCount, count_rungs(evidence, effects))
    write_table(results / "4_synthesis/worklist.csv", WorkItem, list_work(evidence, effects, units, choices.models))
    made = [path for path in results.glob("**/*") if path.is_file()]
    page = results / "report.html"
    page.write_text(build_report(results, choices, made, [config]), encoding="utf-8")
    return page
