"""After all rules: which results are not what their record says; and the last words of a run.

NEEDS  results/.record/ (what each job read, made and chose, by content)
"""

import atexit

from reanalysis.provenance import explain, outdated, read_records

if workflow.is_main_process:
    outdated_outputs, differing = outdated(read_records(RESULTS), EVERYTHING, RAW_FILES, CHOICES, Path())
    OUTDATED.update(outdated_outputs)
    for line in explain(differing):
        print(line, file=sys.stderr)


def last_words(text):
    """Printed when the process ends, so that what matters stands at the end of the screen."""
    atexit.register(print, text, file=sys.stderr, flush=True)


onsuccess:
    if Path("results/manifest.json").exists() and Path("results/manifest.json").stat().st_mtime_ns >= int(RUN):
        last_words("Done. The report is results/report.html: open it in a browser.")


onerror:
    logs = [path for path in sorted(Path("results/logs").rglob("*.log")) if path.stat().st_mtime_ns >= int(RUN)]
    last_words("\n".join(["", *filter(None, (path.read_text(encoding="utf-8").strip() for path in logs))]))
