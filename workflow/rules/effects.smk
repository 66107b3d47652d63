"""Stage 2: what does each finding tell?

NEEDS  data/raw/findings/<domain>.csv, data/raw/{domains,reports,samples}.csv
MAKES  results/2_effects/<domain>.csv (each coding on its rung, with yi and vi or bounds), ladder.csv (all of them)

Every domain starts from its own raw file, so that editing one finding reruns one domain.
"""


rule effects:
    """Place the findings of a domain on the evidence ladder."""
    input:
        findings=str(RAW / "findings/{domain}.csv"),
        shared=SHARED,
        stamp=stamp("results/2_effects/{domain}.csv"),
        code=code("effects", "ladder", "numeric"),
    output:
        "results/2_effects/{domain}.csv",
    log:
        "results/logs/effects/{domain}.log",
    params:
        raw=str(RAW),
        choices=choices("effects"),
    message:
        "Effects of {wildcards.domain}"
    script:
        "../scripts/effects.py"


rule ladder:
    """All findings of all domains in one table: none is lost."""
    input:
        tables=expand("results/2_effects/{domain}.csv", domain=DOMAINS),
        stamp=stamp("results/2_effects/ladder.csv"),
        code=code("ladder"),
    output:
        "results/2_effects/ladder.csv",
    log:
        "results/logs/ladder.log",
    message:
        "Joining the evidence ladder"
    script:
        "../scripts/ladder.py"
