"""What a job asks of a cluster: memory and minutes, by the number of its findings; more of both when it is tried again.

The numbers are generous upper bounds of what was measured (docs/cluster.md). A stage that draws is copied for each thread.
A run on one machine asks for nothing.
"""

BASE_MB, MB_OF_A_THREAD, MINUTES = 300, 200, 10
OF_A_FINDING = {True: (0.5, 3.0), False: (0.1, 0.1)}  # MB and seconds, of a stage with much work on each or little


def needs(stage, findings):
    """The resources of a job of a stage that concerns so many findings."""
    megabytes, seconds = OF_A_FINDING[bool(stage.by_domain) and stage.at_once == HEAVY]

    def mem_mb(wildcards, threads, attempt):
        return round(attempt * (BASE_MB + MB_OF_A_THREAD * threads + megabytes * findings))

    def runtime(wildcards, attempt):
        return round(attempt * (MINUTES + seconds * findings / 60))

    return {"mem_mb": mem_mb, "runtime": runtime}
