"""What the rules share: the code that a stage rests on, and the raw tables that every domain needs."""


def code(*parts):
    """Files of the library that a script imports: editing one of them reruns the rule.

    What every script imports need not be named. A test compares these lists with what the scripts really read.
    """
    library = Path("src/reanalysis")
    modules = ("__init__", "jobs", "check", "schema", "tables", *parts)
    patterns = [name + ending for name in modules for ending in (".py", "/**/*.py")]
    return sorted({str(path) for pattern in patterns for path in library.glob(pattern)})


CORRECTIONS = [str(path) for path in [RAW / "corrections.yaml"] if path.exists()]
SHARED = [str(RAW / name) for name in ("domains.csv", "reports.csv", "samples.csv")] + CORRECTIONS
