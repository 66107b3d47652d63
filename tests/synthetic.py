"""A made-up review of any size, through the stages of the pipeline without Snakemake: to test and time the report."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

from reanalysis.check import Problem, listed
from reanalysis.files.config_file import read_config
from reanalysis.jobs import write
from reanalysis.models.robustness import robustness
from reanalysis.pipeline import STAGES, given
from reanalysis.report import build_report
from reanalysis.results.checked import checked_tables
from reanalysis.results.rows import TABLES
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim, Domain, Finding, Outcome, Report, Sample
from reanalysis.schema.review import Review
from reanalysis.store import Store
from tests.project import CONTRASTS, ROOT

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
                comparison="difference",
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
            expected_direction="lower",
            cited_basis="none",
            core="no",
            lines="1",
            **_untested(),
        )  # fmt: skip
        for i in range(min(3 * domains, 300))
    }
    known = {name: Domain(domain=name, section=f"3.{i}", title=f"Domain {i}") for i, name in enumerate(names)}
    return Evidence(
        domains=known,
        reports=reports,
        samples=samples,
        findings={name: tuple(own) for name, own in rows.items()},
        contrasts=CONTRASTS,
        outcomes={"level": Outcome(outcome_group="level", label="level", higher_is_better="unclear")},
        claims=claims,
        review=Review(title="A made-up review"),
    )


def _untested() -> dict[str, str]:
    """What a claim needs beside its words, if anything."""
    required = {name for name, field in Claim.model_fields.items() if field.is_required()}
    return {"tested_by": "background"} if "tested_by" in required else {}


def synthetic_report(
    target: Path, evidence: Evidence, problems: Iterable[Problem] = (), *, divided: bool = False
) -> Path:
    """Run the stages on the evidence below `target` and write its report, with these problems; returns the page.

    `divided`: with a page for each topic.
    Of the figures only forest plots are drawn, and the sensitivity analysis is left out: it takes longest.
    """
    results, config = target / "results", target / "config.yaml"
    shutil.rmtree(results, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "config/config.yaml", config)
    choices = read_config(config, {"figures": {"formats": ["svg"]}, "robustness": {"subsets": 1}})
    tables, recall = dict.fromkeys(TABLES, []), Store().recall
    tables["1_checked/problems.csv"] = listed(problems)
    for name in ("effects", "models", "synthesis", "forests"):
        stage = STAGES[name]
        tables = tables | stage.function(given(stage, evidence, tables, choices, recall))
    units = tables["3_models/units.csv"]
    tables["3_models/leave_one_out.csv"] = robustness(units, choices.models, choices.robustness).left_out
    for file, content in (checked_tables(evidence) | tables).items():
        write(results, file, content, choices, recall)
    made = [path for path in results.glob("**/*") if path.is_file()]
    return write_report(results, choices, made, [config], divided=divided)


def write_report(
    results: Path, choices: Config, made: Iterable[Path], inputs: Iterable[Path], *, divided: bool
) -> Path:
    """Write the report on results that are there; returns its page."""
    for file, content in build_report(results, choices, made, inputs, divided=divided).items():
        write(results, file, content, choices, Store().recall)
    return results / "report.html"
