"""The orchard plot: every effect of an outcome with enough of them, nothing covered, numbers as stored."""

import math
from itertools import combinations

import pytest
from matplotlib.patches import Circle
from tests.cells import samples
from tests.drawing import gids, unreadable
from tests.project import NAMES
from tests.unit.test_figures_cells import outlying

from reanalysis.figures.orchard import draw_orchard
from reanalysis.figures.orchard_table import orchard_table
from reanalysis.figures.style import TALLEST
from reanalysis.models.pooling import pool

OTHER = {"outcome_group": "oxt-daily-variation"}


@pytest.fixture(scope="module")
def pooled(config):
    effects = [*outlying(40), *outlying(6, **OTHER), *outlying(4, outcome_group="oxt-reactivity-stress")]
    return pool(sorted(effects, key=lambda effect: effect.outcome_group), config.models)


@pytest.fixture(scope="module")
def rows(pooled):
    return orchard_table(pooled.models, pooled.units, NAMES)


def test_outcomes_of_five_samples_or_more_are_shown_with_all_their_effects(rows, pooled):
    models = [model for model in pooled.models if model.headline and model.k >= 5]
    assert len(models) == 2
    shown = {row.cell: row for row in rows if row.kind == "model"}
    assert shown.keys() == {model.cell for model in models}
    for model in models:
        row = shown[model.cell]
        assert (row.estimate, row.lower, row.upper) == (model.est, model.ci_lb, model.ci_ub)
        assert (row.pi_lower, row.pi_upper, row.k) == (model.pi_lb, model.pi_ub, model.k)
        effects = {
            (row.sample_id, row.estimate, row.se) for row in rows if row.kind == "sample" and row.cell == model.cell
        }
        assert effects == {(unit.sample_id, unit.yi, unit.sei) for unit in pooled.units if unit.cell == model.cell}


def test_without_enough_samples_there_is_no_figure(config):
    few = pool(samples(4), config.models)
    assert orchard_table(few.models, few.units, NAMES) == []


@pytest.mark.parametrize("width", [170, 180, 400])
def test_text_can_be_read_and_every_mark_is_a_row(rows, width):
    figure = draw_orchard(rows, width)
    assert unreadable(figure) == []
    assert sorted(gids(figure)) == sorted(row.mark_id for row in rows if row.mark_id)
    assert figure.get_size_inches()[1] * 25.4 <= TALLEST


def test_effects_cover_neither_one_another_nor_the_middle_and_their_area_is_their_precision(rows):
    (ax,) = draw_orchard(rows, 180).axes
    circles = {patch.get_gid(): patch for patch in ax.patches if isinstance(patch, Circle) and patch.get_gid()}
    for cell in {row.cell for row in rows if row.kind == "model"}:
        own = [row for row in rows if row.kind == "sample" and row.cell == cell]
        marks = [circles[row.mark_id] for row in own]
        for one, other in combinations(marks, 2):
            assert math.dist(one.center, other.center) >= one.radius + other.radius
        middle = next(circles[row.mark_id] for row in rows if row.kind == "model" and row.cell == cell).center[1]
        assert all(abs(mark.center[1] - middle) > mark.radius for mark in marks)
        area = {row.se * circles[row.mark_id].radius ** 2 for row in own if circles[row.mark_id].radius > 0.36}
        assert max(area) == pytest.approx(min(area))


def test_places_are_the_same_every_time(rows):
    first, second = (
        [
            (patch.get_gid(), patch.center)
            for patch in draw_orchard(rows, 180).axes[0].patches
            if isinstance(patch, Circle)
        ]
        for _ in range(2)
    )
    assert first == second
