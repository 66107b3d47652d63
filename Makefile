# `make` installs what is locked and runs the whole reanalysis; `make test` installs and runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# Where this is set, nothing keeps compiled bytecode, and the imports of every job take three times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: all test test-quick test-slow browser docs tidy clean

all: $(INSTALLED)
	$(BIN)/snakemake

test: $(INSTALLED) browser
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(MAKE) --jobs 2 --output-sync=target test-quick test-slow

# The two halves run side by side: what rests on a run of the pipeline waits a lot.
test-quick:
	$(BIN)/python -m pytest -m "not slow"

test-slow:
	$(BIN)/python -m pytest -m slow

# The report is tested in Chromium: install it where that is possible, else those tests say that they were skipped.
browser:
	@for name in chromium chromium-browser google-chrome; do ! command -v $$name >/dev/null || exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; fi || true

# The documents that are generated: a test fails when one of them is stale.
docs: $(INSTALLED)
	$(BIN)/python -m reanalysis.codebook
	$(BIN)/python -m tests.golden.parity
	$(BIN)/python -m tests.examples docs/engine.md
	$(BIN)/python -m tests.golden.forest docs/images/forest-reanalysis.png
	cp results/5_figures/forest/early-stress.png docs/images/

$(INSTALLED): requirements/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/lock.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib src || true
	touch $@

# Remove what earlier versions of the data left in results/.
tidy: $(INSTALLED)
	$(BIN)/python -c 'import json, pathlib; m = pathlib.Path("results/manifest.json"); \
	  [pathlib.Path(p).unlink(missing_ok=True) for p in json.loads(m.read_text())["orphans"]]; m.unlink()'

clean:
	rm -rf results .snakemake
