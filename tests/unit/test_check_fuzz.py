"""Damaged input of every kind: the check answers with problems that have a place, and neither raises nor hangs.

`python -m benchmarks.bad_inputs` tries many more, and follows what is accepted through all stages.
"""

import shutil
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from tests.damage import CONFIG, DAMAGES, GOOD, place

from reanalysis.builds import examine
from reanalysis.check import BadInput, errors, listed, load_evidence, summary
from reanalysis.new import SKELETON
from reanalysis.stages import RAW

TRIALS, SECONDS = 4, 10


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_answered_with_problems_that_have_a_place(tmp_path, monkeypatch, damage):
    for trial in range(TRIALS):
        review = shutil.copytree(SKELETON, tmp_path / f"{trial}")
        names = damage(review, Random(f"{damage.__name__} {trial}"))
        monkeypatch.chdir(review)
        start = time.monotonic()
        problems = examine(Path())
        assert time.monotonic() - start < SECONDS
        wrong = errors(problems)
        assert not wrong or place(wrong, names) in GOOD, (trial, names, list(map(str, wrong)))
        of_data = [problem for problem in problems if problem.file != CONFIG]
        assert len(listed(of_data)) == len(of_data), "each is of a check that the report knows"
        summary(problems).encode()  # as logs are written
        with suppress(BadInput):  # what stages call is as calm
            load_evidence(RAW)
