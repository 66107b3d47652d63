# `make` installs what is locked and runs the whole reanalysis; `make test` installs and runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: all test lint fix docs lock tidy clean

all: $(INSTALLED)
	$(BIN)/snakemake

test: $(INSTALLED)
	$(BIN)/python -m pytest

# Bytecode is compiled here on purpose: where PYTHONDONTWRITEBYTECODE is set, imports would otherwise take
# three times as long in every job.
$(INSTALLED): requirements/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/lock.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	touch $@

# Remove what earlier versions of the data left in results/.
tidy: $(INSTALLED)
	$(BIN)/python -c 'import json, pathlib; m = pathlib.Path("results/manifest.json"); \
	  [pathlib.Path(p).unlink(missing_ok=True) for p in json.loads(m.read_text())["orphans"]]; m.unlink()'

clean:
	rm -rf results .snakemake
