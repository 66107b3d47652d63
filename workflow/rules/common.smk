"""What the rules share: the code and the choices that a stage rests on, and the raw tables that every domain needs."""


def code(script, *parts):
    """A script and the files of the library that it imports: editing one of them reruns the rule.

    What every script imports need not be named, nor the module that is called like the script. A test compares these
    lists with what the scripts really read.
    """
    library = Path("src/reanalysis")
    modules = ("__init__", "jobs", "problems", "provenance", "check", "schema", "tables", "text_file", script, *parts)
    patterns = [name + ending for name in modules for ending in (".py", "/**/*.py")]
    patterns += ["fonts/*.*"]  # the check knows their letters
    return [f"workflow/scripts/{script}.py"] + sorted(
        {str(path) for pattern in patterns for path in library.glob(pattern)}
    )


def choices(*sections):
    """Sections of the configuration that a script is given: another value in one of them reruns the rule."""
    return {section: CHOICES[section] for section in sections}


OUTDATED = set()  # outputs to be made again, known when all rules are (freshness.smk)


def stamp(output):
    """The stamp of the job whose first output this is: rewritten, and so newer, when that must be made again.

    This is how a result that is not what its record says reaches Snakemake, which looks at time stamps.
    """

    def path(wildcards):
        file = record_path(Path(output.format(**wildcards))).with_suffix(".stamp")
        made = output.format(**wildcards) not in OUTDATED
        if not file.exists() or not (made or file.read_text() == RUN):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(RUN)
        return str(file)

    return path


CORRECTIONS = [str(path) for path in [RAW / "corrections.yaml"] if path.exists()]
SHARED = [str(RAW / name) for name in ("domains.csv", "reports.csv", "samples.csv")] + CORRECTIONS
