"""Every example of the documentation runs and prints what the document says."""

import pytest
from tests.examples import ROOT, examples, run

EXAMPLES = [(path, example) for path in sorted((ROOT / "docs").glob("*.md")) for example in examples(path)]


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[f"{path.name}:{e.line}" for path, e in EXAMPLES])
def test_an_example_prints_what_stands_below_it(path, example):
    assert run(example) == example.output, f"if the new output is right: python -m tests.examples docs/{path.name}"


def test_the_engine_is_documented():
    sections = {example.section for path, example in EXAMPLES if path.name == "engine.md"}
    assert len(sections) >= 10
