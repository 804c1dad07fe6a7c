# `make` alone lists what there is. PYTHON=python3.12 chooses the interpreter of a new .venv.

PYTHON ?= python3
PY := .venv/bin/python
STUDY ?= staff_wellbeing
.DEFAULT_GOAL := help

.PHONY: help
help: ## List these commands.
	@sed -n 's/^\([a-z][a-z]*\):.*## \(.*\)/make \1@\2/p' Makefile | \
	  while IFS=@ read -r name words; do printf '%-17s %s\n' "$$name" "$$words"; done

.PHONY: environment
environment: ## Make .venv from requirements.lock; does nothing if it is up to date.
	@command -v "$(PYTHON)" > /dev/null || { echo "$(PYTHON): not found. Install Python 3.11 or \
	newer, or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python." >&2; exit 6; }
	@"$(PYTHON)" .ci/install.py

.PHONY: study
study: environment ## Run the study, release what may be shown, say how to read it.
	@.venv/bin/evalkit run parameters/$(STUDY).yml
	@.venv/bin/evalkit release $(STUDY)

.PHONY: serve
serve: environment ## Serve the released reports on this machine, and print the address.
	@.venv/bin/evalkit serve

.PHONY: lab
lab: environment ## Open the notebooks in JupyterLab.
	@$(PY) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks

.PHONY: test
test: environment ## Run the tests, then every notebook from a fresh kernel (nbval).
	@$(PY) tests/run.py

.PHONY: lint
lint: environment ## Style, types, and which room may import which.
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

.PHONY: mutants
mutants: environment ## Break the code on purpose, and show which test notices.
	@$(PY) tests/mutants/run.py

.PHONY: refusals
refusals: environment ## Run every design's study, spoilt in every way, by evalkit run (minutes).
	@EVALKIT_EVERY_REFUSAL=1 $(PY) -m pytest -n 2 tests/faults/test_bad_input.py

.PHONY: forks
forks: environment ## Run every study by forks and by fresh processes, and compare the records (minutes).
	@EVALKIT_EVERY_FORK=1 $(PY) -m pytest -n 0 tests/notebooks/test_parameter_files.py

.PHONY: kills
kills: environment ## Kill runs and sweeps at random moments (an hour or so; goes on where it stopped).
	@$(PY) tests/faults/kills.py
	@$(PY) tests/faults/page.py

.PHONY: fuzz
fuzz: environment ## Read ten thousand random files (minutes; goes on where it stopped).
	@$(PY) tests/faults/fuzz.py
	@$(PY) tests/faults/page.py

.PHONY: calibrate
calibrate: environment ## Measure each design where the truth is known (hours; goes on where it stopped).
	@$(PY) tests/calibration/calibrate.py
	@$(PY) tests/calibration/staff_wellbeing.py

.PHONY: performance
performance: environment ## Time the statistics beside other programs, and write docs/performance.md.
	@$(PY) tests/performance/measure.py

.PHONY: bench
bench: environment ## Time runs by evalkit, by papermill and as plain calls (20 minutes; goes on).
	@$(PY) tests/performance/measure_runs.py

.PHONY: pages
pages: environment ## Time the report's pages in a browser, and let many readers in (minutes).
	@$(PY) tests/performance/measure_pages.py

.PHONY: attack
attack: environment ## Attack random releases, and write docs/disclosure_attack.md (goes on where it stopped).
	@$(PY) tests/disclosure/attack_releases.py

.PHONY: acro
acro: environment ## Give the same outputs to ACRO, and write what each says (ACRO_PYTHON=one that has it).
	@$(PY) tests/disclosure/acro_oracle.py "$(ACRO_PYTHON)"

.PHONY: scale
scale: environment ## Sum up and regress fifty million answers, and write docs/performance.md (minutes).
	@$(PY) tests/performance/measure_scale.py

.PHONY: cluster
cluster: environment ## Make a thousand runs on two Dask workers, kill one, count the records (minutes).
	@$(PY) tests/performance/measure_cluster.py

.PHONY: spark
spark: environment ## Ask Spark for one study, here and over a network (adds 450 MB to .venv; needs Java).
	@$(PY) -m pip install --quiet --no-build-isolation -e '.[spark]'
	@EVALKIT_REQUIRE=spark,postgresql $(PY) -m pytest -n 0 tests/databases

.PHONY: themes
themes: environment ## Measure corrected themes on real comments (minutes; goes on where it stopped).
	@$(PY) tests/calibration/feedback_themes.py

.PHONY: fresh
fresh: ## Clone to a temporary folder, run the study there, and time it (slow).
	@PYTHON="$(PYTHON)" sh tests/setup/fresh_clone.sh

.PHONY: lock
lock: ## Remake requirements.lock from pyproject.toml, keeping the versions that still fit.
	@sh tests/setup/lock.sh "$(PYTHON)"

.PHONY: clean
clean: ## Remove the caches and .venv, which takes minutes to make again; runs and reports stay.
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
