"""docs/performance.md says what was measured."""

from benchmarks import document
from benchmarks.compare import slower


def test_the_document_is_what_the_tables_say():
    for path, content in document.made().items():
        assert path.read_bytes() == content, f"{path.name} is stale: python -m benchmarks.document"


def _ratio(ratio, best):
    return {"task": "REML", "tool": "metafor", "version": "1", "ratio": ratio, "best": best}


def test_slower_is_what_the_spread_of_both_sides_does_not_explain():
    baseline = [{**_ratio("10", "12")}]
    assert slower(baseline, [_ratio(5.0, 7.9)])
    assert not slower(baseline, [_ratio(5.0, 8.1)])
    assert not slower(baseline, [_ratio(20.0, 21.0)])
