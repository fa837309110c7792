# Everything starts from a fresh clone: each target makes the virtual environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

# compiled modules halve the time that each of the tests' many interpreters takes to start
unexport PYTHONDONTWRITEBYTECODE

.PHONY: venv test lint demo torture bench clean

venv: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

test: venv
	sh scripts/mariadb.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# makes a virtual environment of its own, in .demo/
demo:
	$(PYTHON) scripts/demo.py

torture: venv
	CHARACTERIZE_TORTURE=1 $(BIN)/python -m pytest -n 2 -m torture

# on a quiet machine; what it printed is kept in bench/RESULTS.md
bench: venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,bench]'
	$(BIN)/python bench/replay.py
	$(BIN)/python bench/case_text.py
	$(BIN)/python bench/compare.py --deepdiff $(BIN)/python
	$(BIN)/python bench/codec.py
	$(BIN)/python bench/store.py 10000
	$(BIN)/python bench/servers.py
	$(BIN)/python bench/effects.py
	$(BIN)/python bench/plpgsql_probes.py
	$(BIN)/python bench/python_rules.py
	$(BIN)/python bench/fingerprints.py

clean:
	rm -rf $(VENV) .demo build dist
