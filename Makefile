# `make` installs what is locked and runs the whole reanalysis; `make test` installs and runs the tests.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
INSTALLED := $(VENV)/.installed

# Where this is set, nothing keeps compiled bytecode, and the imports of every job take three times as long.
unexport PYTHONDONTWRITEBYTECODE

# An environment holds the place that it was made for. Where the folder has been moved or copied since, or its Python has
# gone, its library is not the one in src/: then it is set up again. Paths stay relative, so that any name of a folder will do.
HERE := $(VENV)/bin/python -c 'import os, importlib.util as u, pip; \
  raise SystemExit(not os.path.samefile(u.find_spec("reanalysis").origin, "src/reanalysis/__init__.py"))' 2>/dev/null
MOVED := $(if $(wildcard $(INSTALLED)),$(shell $(HERE) || echo moved))

.PHONY: all examples new notebook peers test browser docs tidy clean moved

all: $(INSTALLED)
	@$(RUN) reanalysis.cli run

# The reviews in examples/, each by the same workflow.
examples: $(INSTALLED)
	@for review in examples/*/; do $(RUN) reanalysis.cli -C "$$review" run || exit 1; done

# A review of your own, with made-up data to begin with: make new FOLDER=my-review
new: $(INSTALLED)
	@$(RUN) reanalysis.cli new "$(FOLDER)"

# JupyterLab on the notebooks: make notebook, or with arguments of its own, make notebook LAB="--no-browser --port 8899"
notebook: $(INSTALLED) $(VENV)/.notebook
	$(RUN) jupyterlab notebooks $(LAB)

$(VENV)/.notebook: requirements/notebook.txt $(INSTALLED)
	$(RUN) pip install --quiet --require-hashes --requirement requirements/notebook.txt
	@touch $@

# The packages that `python -m benchmarks` compares with. R comes from the system: r-base-core and r-cran-metafor of Debian.
peers: $(INSTALLED) $(VENV)/.peers

$(VENV)/.peers: requirements/benchmarks.txt $(INSTALLED)
	$(RUN) pip install --quiet --require-hashes --requirement requirements/benchmarks.txt
	@touch $@

# Several processes share the tests by files.
test: $(INSTALLED) browser
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# The report is tested in Chromium and Firefox: install them where that is possible, else those tests say that they
# were skipped.
browser:
	@found() { for name in $$*; do ! command -v $$name >/dev/null || return 0; done; return 1; }; \
	found chromium chromium-browser google-chrome || missing=chromium; \
	found firefox-esr firefox || missing="$$missing firefox-esr"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi || true

# The documents that are generated, and the font of the figures: a test fails when one of them is stale.
docs: $(INSTALLED) all examples
	$(RUN) reanalysis.fonts.build
	$(RUN) reanalysis.codebook
	$(RUN) reanalysis.schemas
	$(RUN) reanalysis.cli.document
	$(RUN) tests.golden.parity
	$(RUN) tests.examples docs/engine.md
	$(RUN) tests.notebooks
	$(RUN) benchmarks.document
	$(RUN) tests.golden.forest docs/images/forest-reanalysis.png
	cp results/5_figures/forest/early-stress.png docs/images/
	cp examples/antidepressants-fibromyalgia/results/5_figures/forest/pain.png docs/images/

# Everything that may be imported is compiled at once, on all cores; the tests of the packages never are imported.
$(INSTALLED): requirements/lock.txt pyproject.toml $(MOVED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(RUN) pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(RUN) pip install --quiet --no-compile --no-deps --require-hashes --requirement requirements/lock.txt
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	$(RUN) compileall -q -j 0 -x /tests/ $(VENV)/lib src || true
	@touch $@

moved:
	@echo "This folder was moved or copied, or its Python was replaced: $(VENV) is set up again for this place."

# Remove what earlier versions of the data left in results/; nothing that the pipeline has not made.
tidy: $(INSTALLED)
	@$(RUN) reanalysis.cli tidy

clean:
	rm -rf results .snakemake
