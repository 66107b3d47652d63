"""The configuration is strict: every key known, every value in range, all problems at once."""

import copy

import pytest
import yaml
from tests.project import ROOT

from reanalysis.schema.config import BadConfig, parse_config

VALUES = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))


def problems(**changes):
    """What is said of the configuration of the project after changing `section__key`; None removes a key."""
    values = copy.deepcopy(VALUES)
    for name, value in changes.items():
        section, key = name.split("__")
        if value is None:
            del values[section][key]
        else:
            values[section][key] = value
    with pytest.raises(BadConfig) as caught:
        parse_config(values)
    *lines, closing = str(caught.value).splitlines()
    assert "config/config.yaml" in closing
    assert all(line.startswith("error: config/config.yaml [") for line in lines)
    return lines


def test_the_configuration_of_the_project_is_complete():
    assert parse_config(VALUES).model_dump() == VALUES


def test_a_misspelt_key_is_named_with_the_right_one():
    misspelt, missing = problems(models__levl=0.9, models__level=None)[::-1]
    assert "[models.levl]" in misspelt
    assert "Did you mean `level`?" in misspelt
    assert "[models.level] the key is missing" in missing


def test_figures_without_the_format_of_the_report_are_refused():
    (line,) = problems(figures__formats=["pdf", "png"])
    assert "[figures.formats] ['pdf', 'png']: the report is made of the SVG files. Add `svg`." in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("effects__alpha", 5),
        ("effects__alpha", "0,05"),
        ("effects__smd_variance", "LSX"),
        ("models__method", "reml"),
        ("models__level", 95),
        ("models__rho", 1),
        ("figures__formats", []),
        ("figures__formats", ["gif"]),
        ("figures__width_mm", 10),
    ],
)
def test_a_value_out_of_range_is_shown(name, value):
    (line,) = problems(**{name: value})
    section, key = name.split("__")
    assert f"[{section}.{key}" in line
    assert repr(value if key != "formats" or not value else value[0]) in line


def test_all_problems_at_once():
    assert len(problems(effects__alpha=5, models__level=95, figures__width_mm=10)) == 3


def test_an_unknown_section():
    with pytest.raises(BadConfig, match=r"\[model\].*Did you mean `models`"):
        parse_config({**VALUES, "model": {}})
