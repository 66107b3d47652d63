"""The report: one HTML page with nothing outside itself, built from the result tables and figures alone."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reanalysis.check import Evidence, read_checked
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Claim, Domain
from reanalysis.schema.results import Effect, LadderCount, Model, WorkItem
from reanalysis.tables import read_table

HERE = Path(__file__).parent


@dataclass(frozen=True)
class DomainPage:
    """What the report shows of one domain."""

    domain: Domain
    effects: list[Effect]
    models: list[Model]
    claims: list[Claim]
    figure: str

    @property
    def main(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.use == "main"]

    def on_rung(self, rung: str) -> int:
        """How many findings of the main analysis stand on a rung."""
        return sum(effect.rung == rung for effect in self.main)

    @property
    def in_words(self) -> str:
        """The figure in one sentence, for those who cannot see it."""
        if not self.effects:
            return f"{self.domain.title}: no finding of any kind is known."
        counts = ", ".join(f"{self.on_rung(rung)} {rung}" for rung in v.RUNGS if self.on_rung(rung))
        pooled = [model for model in self.models if model.headline == "yes"]
        models = "; ".join(
            f"{v.CONTRASTS[model.contrast].label}, {v.in_words(model.outcome_group)}: "
            f"{model.est:.2f}, {model.ci_lb:.2f} to {model.ci_ub:.2f}"
            for model in pooled
        )
        return f"Forest plot of {self.domain.title}: {counts}." + (f" Models: {models}." if models else "")


def build_report(results: Path, config: Path) -> str:
    """The report as HTML, from the tables and figures under `results`."""
    evidence = read_checked(results / "1_checked")
    pages = [_page(results, evidence, domain) for domain in evidence.domains.values()]
    ladder = read_table(results / "4_synthesis/ladder.csv", LadderCount)
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("template.html.j2").render(
        style=(HERE / "style.css").read_text(encoding="utf-8"),
        version=version("reanalysis"),
        evidence=evidence,
        pages=pages,
        ladder=ladder,
        totals={rung: sum(getattr(row, rung) for row in ladder) for rung in ("codings", *v.RUNGS, "excluded")},
        worklist=read_table(results / "4_synthesis/worklist.csv", WorkItem),
        figures={name: _image(results / f"5_figures/{name}.svg") for name in ("flow", "table1")},
        choices=yaml.safe_load(config.read_text(encoding="utf-8")),
        words=v,
        core=sum(claim.core == "yes" for claim in evidence.claims.values()),
        number=lambda value: "" if value is None else f"{value:.3f}".replace("-", "\N{MINUS SIGN}"),
    )


def _page(results: Path, evidence: Evidence, domain: Domain) -> DomainPage:
    return DomainPage(
        domain=domain,
        effects=read_table(results / f"2_effects/{domain.domain}.csv", Effect),
        models=read_table(results / f"3_models/{domain.domain}.csv", Model),
        claims=[claim for claim in evidence.claims.values() if claim.domain == domain.domain],
        figure=_image(results / f"5_figures/forest/{domain.domain}.svg"),
    )


def _image(path: Path) -> str:
    """A figure as a data URI, so that the page needs nothing else."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
