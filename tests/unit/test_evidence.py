"""The evidence is complete, and none of it is lost on the way to the ladder, whatever happens to the input."""

import random
from collections import Counter

from tests.project import RAW, change_row, copy_raw, read_csv, write_csv

from reanalysis.check import check, errors, load
from reanalysis.ladder import domain_effects
from reanalysis.new import SKELETON
from reanalysis.schema import vocabulary as v


def ladder(evidence, config):
    return [effect for domain in evidence.domains for effect in domain_effects(evidence, domain, config.effects)]


# ---------------------------------------------------------------- what a contrast compares


def sides_of(tmp_path, **change):
    """The sides of a contrast that names none, whose findings do; `change` is what else one of them says."""
    raw = copy_raw(tmp_path, SKELETON / "data/raw")
    change_row(raw / "contrasts.csv", "walk_vs_wait", **dict.fromkeys(("side_1", "side_2", "lower", "higher"), ""))
    change_row(raw / "findings/sleep.csv", "example-baker2002-sleep", **change)
    contrast = load(raw).contrasts["walk_vs_wait"]
    return contrast.left, contrast.right, contrast.sides(["yes"])[1]


def test_a_contrast_without_sides_has_those_that_all_its_findings_name(tmp_path):
    assert sides_of(tmp_path) == ("lower in walk", "higher in walk", "favours walk")


def test_sides_that_differ_from_finding_to_finding_are_not_those_of_the_contrast(tmp_path):
    unnamed = "higher in the first group"
    assert sides_of(tmp_path, group_2="usual care") == ("lower in the first group", unnamed, unnamed)


def test_before_and_after_are_no_sides():
    change = load(SKELETON / "data/raw").contrasts["change_walk"]
    assert (change.side_1, change.left) == (None, "falls")


# ---------------------------------------------------------------- what the project knows


def test_every_row_of_table_1_is_a_report(evidence):
    rows = [report.in_review for report in evidence.reports.values() if report.in_review is not None]
    assert sorted(rows) == list(range(1, 70))


def test_the_claims_of_the_review(evidence):
    assert [name for name in evidence.claims if name.startswith("C")] == [f"C{i:03d}" for i in range(1, 258)]
    assert sum(claim.core == "yes" for name, claim in evidence.claims.items() if name.startswith("C")) == 92


def test_the_printed_counts_of_the_flow(evidence):
    count = {box: row.count for box, row in evidence.flow.items()}
    databases = ("records-pubmed", "records-embase", "records-psycinfo")
    assert [count[box] for box in databases] == [77, 166, 67]
    assert count["records-identified"] == 310
    assert evidence.flow["records-identified"].basis == " + ".join(databases)
    assert count["reports-assessed"] == 94
    assert count["articles-included"] == 70


def test_every_section_of_the_synthesis_is_a_domain(evidence):
    sections = [domain.section for domain in evidence.domains.values() if domain.section != "added"]
    counts = {"3.1": 4, "3.2": 8, "3.3": 7}
    assert sections == [f"{chapter}.{i}" for chapter, n in counts.items() for i in range(1, n + 1)]


def test_every_domain_has_a_file(evidence):
    assert {path.stem for path in (RAW / "findings").iterdir()} == set(evidence.domains)


def test_the_first_coding_had_119_rows_and_the_data_only_grow(evidence):
    assert sum(map(len, evidence.findings.values())) >= 119


# ---------------------------------------------------------------- findings in = findings on rungs


def assert_all_on_rungs(evidence, config):
    """Every coding stands on one rung, in its domain, and is used or excluded with the reason."""
    for domain, rows in evidence.findings.items():
        effects = domain_effects(evidence, domain, config.effects)
        assert [(e.finding_id, e.coding) for e in effects] == [(row.finding_id, row.coding) for row in rows]
        for effect in effects:
            assert effect.domain == domain
            assert effect.rung in v.RUNGS
            assert effect.why
            assert (effect.use == "excluded") == bool(effect.use_why)
            assert effect.use in ("main", "excluded")
            assert (effect.yi is not None) == (effect.vi is not None) == (effect.rung == "exact")
            assert (effect.yi_lb is not None) == (effect.yi_ub is not None) == (effect.rung in ("bounded", "direction"))
            if effect.rung == "exact":
                assert effect.vi > 0
                assert effect.es_method
            elif effect.rung != "unusable":
                assert effect.yi_lb < effect.yi_ub
            assert (effect.rung == "exact") == (not effect.missing)


def test_the_data_as_they_are(evidence, config):
    assert_all_on_rungs(evidence, config)
    assert {effect.rung for effect in ladder(evidence, config)} == set(v.RUNGS)


def damage(path, rng):
    """One accident of a table: a row lost, doubled or moved, a cell blanked, copied or overwritten."""
    columns, rows = read_csv(path)
    if not rows:
        return
    i, j = rng.randrange(len(rows)), rng.randrange(len(rows))
    column = rng.choice(columns)
    match rng.choice(["lose", "double", "rename", "recode", "move", "blank", "copy", "overwrite", "strip"]):
        case "lose":
            rows.pop(i)
        case "double":
            rows.insert(j, dict(rows[i]))
        case "rename":
            rows.insert(j, rows[i] | {"finding_id": f"{rows[i]['finding_id']}-{rng.randrange(10**6)}"})
        case "recode":
            rows.insert(j, rows[i] | {"coding": f"coding{rng.randrange(10**6)}"})
        case "move":
            rows[i], rows[j] = rows[j], rows[i]
        case "blank":
            rows[i][column] = ""
        case "copy":
            rows[i][column] = rows[j][column]
        case "overwrite":
            rows[i][column] = rng.choice(["0", "-1", "1e9", "0.05", "<", "none", "unclear", "not_visible", "?"])
        case "strip":
            keep = {"direction": rng.choice(["unclear", "not_visible", "none", rows[i]["direction"]])}
            rows[i] |= {cell: "" for cell in (*v.STAT_CELLS, "published_yi", "published_sei") if cell in columns}
            rows[i] |= {"stat_type": "direction", **keep}
    write_csv(path, columns, rows)


def test_damaged_data_reach_the_ladder_in_full_or_are_refused_by_name(raw, config):
    """In 30 damaged copies each line is either read or named in an error, and what is accepted is on the ladder."""
    accepted = 0
    originals = {path: path.read_bytes() for path in (raw / "findings").iterdir()}
    for seed in range(30):
        rng = random.Random(seed)
        for path, content in originals.items():
            path.write_bytes(content)
        for _ in range(rng.choice([1, 1, 2, 3, 8])):
            damage(rng.choice(sorted(originals)), rng)
        evidence, problems = check(raw)
        refused = {(problem.file, problem.line) for problem in errors(problems)}
        for path in sorted(originals):
            _, records = read_csv(path)
            read = Counter((row.finding_id, row.coding) for row in evidence.findings[path.stem])
            kept = Counter(
                (record["finding_id"], record["coding"])
                for line, record in enumerate(records, start=2)
                if (f"findings/{path.name}", line) not in refused
            )
            assert not kept - read, f"seed {seed}: lost from {path.name}: {kept - read}"
        if not refused:
            accepted += 1
            assert_all_on_rungs(evidence, config)
    assert 6 <= accepted <= 24, "the damages should be refused often, and accepted often"
