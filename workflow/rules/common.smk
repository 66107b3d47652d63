"""What the rules share: the code that a stage rests on, and the raw tables that every domain needs."""


def code(*parts):
    """Files of the library that a script imports: editing one of them reruns the rule.

    A test compares these lists with what the scripts really import.
    """
    library = Path("src/reanalysis")
    paths = [path for part in parts for path in ((library / part).glob("**/*.py") if (library / part).is_dir() else [library / f"{part}.py"])]
    return sorted(map(str, paths))


CORRECTIONS = [str(path) for path in [RAW / "corrections.yaml"] if path.exists()]
SHARED = [str(RAW / name) for name in ("domains.csv", "reports.csv", "samples.csv")] + CORRECTIONS
READING = ("check", "schema", "tables")
