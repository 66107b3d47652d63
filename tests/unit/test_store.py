"""What is kept from run to run is what would be computed: other arguments, code or versions give another key."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from tests.project import copy_project

from reanalysis import store as stores
from reanalysis.results.rows import Effect
from reanalysis.spread import spread
from reanalysis.store import Call, Store, compute

CALLS = []


def double(effect, factor=2):
    CALLS.append(effect.finding_id)
    return [effect, {"yi": factor * effect.yi, "names": (effect.finding_id,)}, b"\x00\xff", float("inf"), None]


@pytest.fixture(autouse=True)
def code(tmp_path, monkeypatch):
    """The file behind `double`, to change."""
    file = tmp_path / "module.py"
    file.write_text("one", encoding="utf-8")
    named = stores.code_files
    monkeypatch.setattr(stores, "code_files", lambda module: [file] if module == __name__ else named(module))
    CALLS.clear()
    stores._code.cache_clear()
    yield file
    stores._code.cache_clear()


def effect(**cells):
    return Effect(**{"finding_id": "a", "yi": -0.1, "vi": 1 / 3, **cells})


@pytest.fixture
def kept(tmp_path):
    """A file in which the value of one call is kept."""
    store = Store(tmp_path / "some.store")
    store.recall(double, effect())
    store.save()
    CALLS.clear()
    return tmp_path / "some.store"


def test_a_value_is_computed_once_and_is_the_same_from_file_and_memory(kept):
    fresh, again = Store(), Store(kept)
    first, second = fresh.recall(double, effect()), again.recall(double, effect())
    assert first == second == [effect(), {"yi": -0.2, "names": ["a"]}, b"\x00\xff", float("inf"), None]
    assert fresh.recall(double, effect()) == first
    assert CALLS == ["a"], "once by the fresh store alone"


@pytest.mark.parametrize("change", [{"yi": -0.2}, {"vi": None}, {"label": "A 2001"}, {"finding_id": "b"}])
def test_another_argument_is_computed(kept, change):
    Store(kept).recall(double, effect(**change))
    assert len(CALLS) == 1


def test_another_factor_is_computed(kept):
    Store(kept).recall(double, effect(), 3)
    assert len(CALLS) == 1


@pytest.mark.parametrize("change", ["code", "version"])
def test_other_code_and_another_version_are_computed(kept, code, monkeypatch, change):
    if change == "code":
        code.write_text("two", encoding="utf-8")
    else:
        monkeypatch.setattr(stores, "versions", lambda: {"numpy": "0.1"})
    stores._code.cache_clear()
    Store(kept).recall(double, effect())
    assert len(CALLS) == 1


def test_the_code_that_an_argument_names_counts(kept):
    store = Store(kept)
    store.recall(double, effect(), rests_on="reanalysis.text")
    store.recall(double, effect(), rests_on="reanalysis.numeric")
    assert len(CALLS) == 2


def test_what_is_not_asked_for_is_not_kept(kept):
    store = Store(kept)
    store.recall(double, effect(yi=1.0))
    store.save()
    CALLS.clear()
    again = Store(kept)
    again.recall(double, effect(yi=1.0))
    assert CALLS == []
    again.recall(double, effect())
    assert CALLS == ["a"]


def sum_of_doubles(*rows, recall):
    """A nested function, which asks for each of its parts."""
    return sum(recall(double, row)[1]["yi"] for row in rows)


def test_the_parts_of_a_nested_call_are_kept_with_it(tmp_path):
    """Where it is known its parts are not asked for, and where one of them changes the others need not be computed."""
    path = tmp_path / "nested.store"
    first, second, third = effect(finding_id="a"), effect(finding_id="b"), effect(finding_id="b", yi=-0.7)
    for _ in range(3):
        store = Store(path)
        found = store.recall(sum_of_doubles, first, second, nested=True)
        store.save()
    assert found == compute(sum_of_doubles, first, second, nested=True)
    assert CALLS[:2] == ["a", "b"]
    CALLS.clear()
    Store(path).recall(sum_of_doubles, first, third, nested=True)
    assert CALLS == ["b"]


@pytest.mark.parametrize(
    "spoil", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"PK no archive"]
)
def test_a_damaged_file_is_as_none(kept, spoil):
    kept.write_bytes(spoil(kept.read_bytes()))
    assert Store(kept).recall(double, effect())[0] == effect()
    assert len(CALLS) == 1


def test_a_damaged_value_is_computed_again(kept):
    data = bytearray(kept.read_bytes())
    at = data.index(b'"pairs"')
    data[at + 3] ^= 1
    kept.write_bytes(bytes(data))
    assert Store(kept).recall(double, effect())[1]["yi"] == -0.2
    assert len(CALLS) == 1


def test_what_is_prepared_is_not_computed_again(kept):
    store = Store(kept)
    calls = [Call(double, (effect(finding_id=name),)) for name in "abc"]
    store.prepare(calls, cores=2)
    assert [store.recall(call.function, *call.arguments)[0].finding_id for call in calls] == [*"abc"]
    assert CALLS == [], "in copies of this process, or before"


def test_a_reference_is_imported_when_it_is_called():
    assert compute("reanalysis.text:number", -0.001) == "0.00"
    assert Store().recall("reanalysis.text:number", -1) == "\N{MINUS SIGN}1.00"


@pytest.mark.parametrize("cores", [1, 2, 3, 9])
def test_tasks_keep_their_order(cores):
    assert spread([lambda i=i: (i, os.getpid()) for i in range(7)], cores)[3][0] == 3
    assert [i for i, _ in spread([lambda i=i: (i, 0) for i in range(7)], cores)] == [*range(7)]


def test_a_task_that_fails_is_told():
    with pytest.raises(RuntimeError, match="division by zero"):
        spread([lambda: 1, lambda: 1 / 0], 2)


# ---------------------------------------------------------------- the server of a run

CLIENT = "import sys; from reanalysis.server import ask; sys.exit(ask('check', 1))"


@pytest.mark.skipif(sys.platform != "linux", reason="no server where no process can be copied")
def test_a_job_of_the_server_has_the_output_and_the_exit_code_of_its_client(tmp_path):
    """Of a folder without data: the job says so in its log, and fails."""
    address = tmp_path / "server/jobs"
    address.parent.mkdir()
    folder = copy_project(tmp_path / "project")
    shutil.rmtree(folder / "data")
    env = os.environ | {"REANALYSIS_SERVER": str(address), "PYTHONPATH": str(folder / "src")}
    server = subprocess.Popen(
        [sys.executable, "-m", "reanalysis.server", address, "check"], stdin=subprocess.PIPE, env=env
    )
    deadline = time.monotonic() + 60
    while not address.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (folder / "results/.record").mkdir(parents=True)
    (folder / "results/.record/run.json").write_text('{"choices": {"figures": {"formats": []}}, "started": {}}')
    run = subprocess.run(
        [sys.executable, "-c", CLIENT], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "the folder is missing" in (folder / "results/logs/check.log").read_text(encoding="utf-8")
    server.stdin.close()
    assert server.wait(60) == 0, "it ends when its input does"
    assert not address.exists()


def test_without_a_server_nothing_is_asked(monkeypatch):
    from reanalysis.server import ask

    for address in ("", "/no/such/server"):
        monkeypatch.setenv("REANALYSIS_SERVER", address)
        assert ask("check", 1) is None
