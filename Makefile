# make demo   make .venv, run the main job, say where its results are
# make test   make .venv, run the tests (test-full: with the slow ones)
# make bench  make .venv, measure: speed beside a plain Mesa model, sweeps beside Mesa's batch_run, a whole sensitivity
#             study, one world of up to a million firms, the store at 100,000 runs, and a cluster by simulation
# make check  style and types

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-full bench check picture clean

demo: $(STAMP)
	$(BIN)/sim compare baseline shenzhen-huawei no-incentive no-information no-cost-sharing --replications 50

test: $(STAMP)
	$(BIN)/python -m pytest -n auto -m "not slow"

test-full: $(STAMP)
	$(BIN)/python -m pytest -n auto

bench: $(STAMP)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.batches
	$(BIN)/python -m benchmarks.sensitivity
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.volume
	$(BIN)/python -m benchmarks.schedule

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; choose another with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache

# The picture in the README, from the database that `make demo` leaves.
picture: demo
	cp results/figures/over_time.png docs/images/over_time.png
