"""Stage 6: one page to read, and the proof of what made it.

NEEDS  everything above
MAKES  results/report.html (opens from disk, network off), results/manifest.json (hashes of all inputs and outputs)
"""

FIGURES = expand("results/5_figures/forest/{domain}.{form}", domain=DOMAINS, form=FORMATS)
MADE = (
    list(rules.check.output)
    + list(rules.checked_tables.output)
    + expand("results/2_effects/{domain}.csv", domain=DOMAINS)
    + list(rules.ladder.output)
    + expand("results/3_models/{domain}.csv", domain=DOMAINS)
    + expand("results/3_models/units/{domain}.csv", domain=DOMAINS)
    + list(rules.second_opinion.output)
    + list(rules.sensitivity.output)
    + list(rules.robustness.output)
    + list(rules.synthesis.output)
    + list(rules.claims.output)
    + expand("results/5_figures/forest/{domain}.csv", domain=DOMAINS)
    + FIGURES
    + list(rules.synthesis_figures.output)
    + list(rules.overview.output)
    + list(rules.robustness_figures.output)
    + list(rules.narrative.output)
)


rule report:
    """The whole reanalysis as one HTML page."""
    input:
        made=MADE,
        raw=RAW_FILES,
        config=str(CONFIG),
        stamp=stamp("results/report.html"),
        code=code("report", "claims", "effects", "figures", "ladder", "numeric", "synthesis"),
        page=sorted(str(path) for path in Path("src/reanalysis/report").glob("*.*") if path.suffix != ".py"),
    output:
        "results/report.html",
    log:
        "results/logs/report.log",
    params:
        choices=CHOICES,
    message:
        "Writing the report"
    script:
        "../scripts/report.py"


rule manifest:
    """Hashes of all inputs and outputs; names files in results/ that no rule makes any more."""
    input:
        made=[*MADE, "results/report.html"],
        raw=RAW_FILES,
        config=str(CONFIG),
        stamp=stamp("results/manifest.json"),
        code=["Snakefile"] + sorted(
            str(path)
            for folder in ("src", "workflow")
            for path in Path(folder).glob("**/*.*")
            if path.is_file() and path.suffix != ".pyc"
        ),
        lock="requirements/lock.txt",
    output:
        "results/manifest.json",
    log:
        "results/logs/manifest.log",
    params:
        choices=CHOICES,
        started=STARTED,
    message:
        "Writing the manifest"
    script:
        "../scripts/manifest.py"


EVERYTHING = [*MADE, "results/report.html", "results/manifest.json"]
