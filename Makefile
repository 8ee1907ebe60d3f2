# Everything Coley needs on a machine that has git, make, gcc and Python >= 3.11.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check bench validate clean

demo: $(VENV)/.core            ## make a simulated study and write its report
	$(BIN)/coley demo --out coley-demo

test: check                    ## every check and every test
	$(BIN)/python -m pytest

check: $(VENV)/.test           ## style, types and the layers of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)-bench/.ready    ## speed, as ratios against named peers in the same run
	$(VENV)-bench/bin/python -m benchmarks

validate: $(VENV)/.core        ## what is found in simulated databases whose truth is known, and what is false
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m validation

clean:
	rm -rf $(VENV) $(VENV)-bench

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml
	$(PIP) --editable '.[test]'
	touch $@ $(VENV)/.core

# The peers live in an environment of their own: nothing of Coley may lean on them.
$(VENV)-bench/.ready: pyproject.toml benchmarks/peers.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --editable . --requirement benchmarks/peers.txt
	touch $@
