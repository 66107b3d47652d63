"""What a job asks of a cluster: memory and time, from the number of findings in it; more of both when it is tried again.

The numbers are generous upper bounds of what was measured (docs/cluster.md). A run on one machine asks for nothing.

NEEDS  mem_mb of every process that draws (Snakemake runs one for each thread), runtime in minutes
"""

BASE_MB, MB_OF_A_THREAD, MB_OF_A_FINDING = 300, 200, 0.1
MINUTES, SECONDS_OF_A_FINDING = 10, {True: 1.0, False: 0.1}  # of a stage that works domain by domain, and of others


def needs(stage, findings):
    """The resources of a job of a stage that concerns so many findings."""

    def mem_mb(wildcards, threads, attempt):
        return round(attempt * (BASE_MB + MB_OF_A_THREAD * threads + MB_OF_A_FINDING * findings))

    def runtime(wildcards, attempt):
        return round(attempt * (MINUTES + SECONDS_OF_A_FINDING[bool(stage.by_domain)] * findings / 60))

    return {"mem_mb": mem_mb, "runtime": runtime}
