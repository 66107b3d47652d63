"""docs/schemas/ is what the specification says today, and other programs can check a review with it."""

import csv
import json

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from tests.project import RAW, ROOT

from reanalysis import schemas
from reanalysis.new import SKELETON

EXAMPLE = ROOT / "examples/antidepressants-fibromyalgia"
YAML_FILES = {"config": "config/config.yaml", "review": "data/raw/review.yaml"}


@pytest.fixture(scope="module")
def package():
    return {resource["name"]: resource for resource in schemas.tables()["resources"]}


def faults(schema, text):
    checked = Draft202012Validator(json.loads((ROOT / schemas.FOLDER / f"{schema}.json").read_text(encoding="utf-8")))
    return [error.json_path for error in checked.iter_errors(YAML(typ="safe").load(text))]


def test_they_are_current():
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in (ROOT / schemas.FOLDER).iterdir()}
    assert texts == schemas.render(), "docs/schemas is stale: run make docs"


@pytest.mark.parametrize("schema", YAML_FILES)
@pytest.mark.parametrize("folder", [ROOT, EXAMPLE, SKELETON], ids=lambda folder: folder.name)
def test_the_files_of_every_review_pass(folder, schema):
    assert faults(schema, (folder / YAML_FILES[schema]).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "path"),
    [
        ("config", "method: REML", "method: RELM", "$.models.method"),
        ("config", "trend: 0.10", "trend: 1.5", "$.effects.trend"),
        ("config", "  level: 0.95 ", "  levle: 0.95 ", "$.models"),
        ("review", "\ntitle:", "\ntitel:", "$"),
    ],
)
def test_a_slip_is_found(schema, right, wrong, path):
    text = (ROOT / YAML_FILES[schema]).read_text(encoding="utf-8")
    assert text.count(right) == 1
    assert path in faults(schema, text.replace(right, wrong))


def test_editors_are_told_where_the_schemas_are():
    for folder in (ROOT, EXAMPLE):
        for schema, file in YAML_FILES.items():
            said, path = (folder / file).read_text(encoding="utf-8").splitlines()[0].split("$schema=")
            assert said == "# yaml-language-server: "
            assert ((folder / file).parent / path).resolve() == ROOT / schemas.FOLDER / f"{schema}.json"


def test_keys_and_links_lead_to_columns(package):
    columns = {name: [field["name"] for field in one["schema"]["fields"]] for name, one in package.items()}
    links = [
        (name, link["fields"], link["reference"])
        for name, one in package.items()
        for link in one["schema"].get("foreignKeys", ())
    ]
    assert {"data-raw-findings-domain", "results-2-effects-ladder"} <= {name for name, _, _ in links}
    for name, own, target in links:
        assert set(own) <= set(columns[name])
        assert package[target["resource"]]["schema"]["primaryKey"] == target["fields"]
    for name, one in package.items():
        assert set(one["schema"].get("primaryKey", ())) <= set(columns[name])


def test_the_raw_tables_are_as_described(package):
    """Columns that are required are there and filled; words and numbers are within what the schema allows."""
    for path in sorted(RAW.rglob("*.csv")):
        resource = "data-raw-findings-domain" if path.parent.name == "findings" else f"data-raw-{path.stem}"
        fields = {field["name"]: field for field in package[resource]["schema"]["fields"]}
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                assert row.keys() <= fields.keys()
                for name, field in fields.items():
                    limits, cell = field.get("constraints", {}), row.get(name, "")
                    assert cell or not limits.get("required"), (path, name)
                    assert not cell or "enum" not in limits or cell in limits["enum"], (path, name, cell)
                    if cell and field["type"] in ("integer", "number"):
                        assert limits.get("minimum", float(cell)) <= float(cell) <= limits.get("maximum", float(cell))
