"""The configuration is strict: every key known, every value in range, all problems at once, each with its line."""

import copy

import pytest
import yaml
from tests.project import ROOT

from reanalysis.check import BadInput
from reanalysis.files.config_file import read_config
from reanalysis.schema.config import Config, parse_config, partial
from reanalysis.schema.faults import shown

FILE = ROOT / "config/config.yaml"
TEXT = FILE.read_text(encoding="utf-8")
VALUES = yaml.safe_load(TEXT)


def changed(**changes):
    """The values of the project after setting `section__key`; None removes a key."""
    values = copy.deepcopy(VALUES)
    for name, value in changes.items():
        section, key = name.split("__")
        if value is None:
            del values[section][key]
        else:
            values[section][key] = value
    return values


@pytest.fixture
def said(tmp_path, monkeypatch):
    """What is said of a configuration, given as text, bytes or values; the closing count apart."""
    monkeypatch.chdir(tmp_path)

    def lines(content, overrides=None):
        data = content if isinstance(content, (str, bytes)) else yaml.safe_dump(content, sort_keys=False)
        path = tmp_path / "config.yaml"
        path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        with pytest.raises(BadInput) as caught:
            read_config(path.relative_to(tmp_path), overrides)
        *problems, closing = str(caught.value).splitlines()
        assert f"{len(problems)} error" in closing
        return problems

    return lines


def line_of(text, file=TEXT):
    return file[: file.index(text)].count("\n") + 1


def test_the_configuration_of_the_project_is_complete():
    read, forks = read_config(FILE).model_dump(), VALUES["multiverse"]
    declared = read.pop("multiverse")
    assert read == {name: section for name, section in VALUES.items() if name != "multiverse"}
    assert declared["impossible"] == forks["impossible"]
    for kind in ("equivalent", "uncertain", "non_equivalent"):
        assert {name for name, options in declared[kind].items() if options} == forks[kind].keys()


def test_a_misspelt_key_is_named_with_the_right_one(said):
    (line,) = said(TEXT.replace("  level: 0.95", "  levl: 0.9\n  level: 0.95"))
    assert f"config.yaml:{line_of('level:')} [models.levl] '0.9': unknown key. Did you mean `level`?" in line
    (line,) = said(changed(models__level=None))
    assert "[models.level] the key is missing. Add it." in line


def test_a_wrong_value_is_named_with_its_line(said):
    (line,) = said(TEXT.replace("rho: 0.6", "rho: 1.6"))
    assert line.startswith(f"error: config.yaml:{line_of('rho: 0.6')} [models.rho] '1.6': must be below 1. docs/")
    (line,) = said(TEXT.replace("[0.2, 0.8]", "[0.2, large]", 1))
    assert line.startswith(f"error: config.yaml:{line_of('[0.2, 0.8]')} [sensitivity.rho.1] 'large': not a number")


def test_figures_without_the_format_of_the_report_are_refused(said):
    (line,) = said(changed(figures__formats=["pdf", "png"]))
    assert "[figures.formats] '[pdf, png]': the report is made of the SVG files. Add `svg`." in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("effects__alpha", 5),
        ("effects__alpha", "0,05"),
        ("effects__alpha", 1e-320),
        ("effects__alpha", "٠.٠٥"),
        ("effects__smd_variance", "LSX"),
        ("models__method", "reml"),
        ("models__level", 95),
        ("models__level", True),
        ("models__level", 0.999999999999),
        ("models__rho", 1),
        ("models__tau_prior_scale", 1e300),
        ("models__tau_prior_scale", 1e-300),
        ("claims__margin_smd", True),
        ("claims__margin_smd", "0x10"),
        ("claims__min_samples", True),
        ("claims__min_samples", 2.5),
        ("claims__min_samples", 10**30),
        ("robustness__subsets", "1_000"),
        ("robustness__seed", 10**30),
        ("figures__formats", []),
        ("figures__formats", ["gif"]),
        ("figures__width_mm", 10),
    ],
)
def test_a_value_out_of_range_is_shown(said, name, value):
    (line,) = said(changed(**{name: value}))
    section, key = name.split("__")
    assert f"[{section}.{key}" in line
    assert shown(value if key != "formats" or not value else value[0]) in line


@pytest.mark.parametrize("value", [".inf", "-.inf", ".nan", "1e400"])
def test_a_number_without_end_is_refused(said, value):
    for key, written in (("margin_smd", "0.2"), ("tau_prior_scale", "0.5")):
        (line,) = said(TEXT.replace(f"{key}: {written} ", f"{key}: {value} "))
        assert key in line
        assert "not a finite number" in line


def test_a_number_in_quotes_is_that_number_everywhere():
    for values in (changed(models__level="0.95"), changed(models__level="9.5e-1")):
        assert parse_config(values) == parse_config(VALUES)


def test_an_alternative_that_is_none_is_refused(said):
    (line,) = said(changed(sensitivity__method=["DL", "PM", "DL"]))
    assert "[sensitivity.method]" in line
    assert "DL stands in the list twice. Keep one." in line
    (line,) = said(changed(sensitivity__rho=[0.2, 0.6]))
    assert "[sensitivity.rho.1] '0.6': this is the choice itself, no alternative to it. Remove it." in line


def test_all_problems_at_once(said):
    assert len(said(changed(effects__alpha=5, models__level=95, figures__width_mm=10))) == 3


def test_an_unknown_section(said):
    (line,) = said({**VALUES, "model": {}})
    assert "[model] '{}': unknown key. Did you mean `models`?" in line


# ---------------------------------------------------------------- the file as a whole


def test_a_fault_of_yaml_is_said_in_plain_words(said):
    (line,) = said(TEXT.replace("  test: knha", "   test: knha"))
    assert f"config.yaml:{line_of('test:')} the indentation of this line does not fit" in line
    (line,) = said(TEXT.replace("method: REML ", "method: of: REML "))
    assert f"config.yaml:{line_of('method: REML')} a text that holds a colon followed by a space" in line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT.encode("utf-16"), "config.yaml the file is UTF-16, not text in UTF-8. Save the file as UTF-8"),
        (TEXT.replace("# Choices", "# Choix préférés").encode("latin-1"), "config.yaml:2 'byte e9': not UTF-8"),
        (TEXT.replace("method: REML ", "method: [REML "), f"config.yaml:{line_of('test:')} a list that is not closed"),
        (TEXT.replace("  rho: 0.6 ", "  level: 0.9\n  rho: 0.6 "), "[models.level] the key stands already at line"),
        ("__use_yte__: true\n" + TEXT, "config.yaml:1 [__use_yte__] 'true': unknown key"),
        ("", "[effects] the key is missing"),
        ("- 1\n", "no sections with keys and values"),
        ("effects: 5\n" + TEXT.replace("effects:", "effect:"), "[effects] '5': "),
        (TEXT.replace("alpha: 0.05 ", "alpha: !!python/name:os.system 1"), "a tag"),
    ],
    ids=["UTF-16", "Latin-1", "syntax", "repeated", "yte", "empty", "list", "scalar", "tag"],
)
def test_a_file_that_cannot_be_used(said, content, expected):
    lines = said(content)
    assert any(expected in line for line in lines), lines
    assert all("config.yaml" in line for line in lines)


# ---------------------------------------------------------------- the command line, and parts


def test_what_the_command_line_sets_wins_and_is_named_as_its_own(said):
    config = read_config(FILE, {"effects": {"smd_variance": "LS2"}, "sensitivity": {"smd_variance": ["LS"]}})
    assert config == parse_config(changed(effects__smd_variance="LS2", sensitivity__smd_variance=["LS"]))
    (line,) = said(TEXT, {"models": {"level": 95}})
    assert line.startswith("error: --config [models.level] '95': must be at most 0.9999.")
    (line,) = said(TEXT, {"models": 3})
    assert line.startswith("error: --config [models] '3': ")


def test_a_job_is_given_the_sections_that_it_rests_on_alone():
    config = partial({"models": VALUES["models"]})
    assert config.models == Config.model_validate(VALUES).models
    assert not hasattr(config, "claims")


def test_a_name_that_a_spreadsheet_would_run(said):
    (line,) = said(changed(sensitivity__together=[{"name": "=1+1"}]))
    assert "[sensitivity.together.0.name] '=1+1': begins as a formula of a spreadsheet does. Write its value" in line
