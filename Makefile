# Two commands: `make demo` and `make test`. Each makes what it needs in .venv.
PYTHON ?= python3
BIN := .venv/bin
# torch comes first, so that nothing else chooses its build. For the CPU build from torch's own index:
# make demo TORCH="torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"
TORCH ?= torch==2.13.0

.PHONY: demo test check docs audit lock clean

demo: .venv/.installed
	$(BIN)/harness run --tasks demo --constraint-type format --limit 60

test: .venv/.installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry harness plugins tasks
	$(BIN)/deptry harness plugins tasks tests benchmarks --exclude '\.venv' --non-dev-dependency-groups test --ignore DEP002
	$(MAKE) docs

# Every warning is an error: a link that leads nowhere, a page that no menu names.
docs: .venv/.installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Not a part of `check`: it asks the registry.
audit: .venv/.installed-dev
	-$(BIN)/python -m pip install --quiet "pip-audit>=2.7"
	.ci/audit

.venv/.installed: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable .
	touch $@

.venv/.installed-dev: .venv/.installed
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --group test --group check --group docs
	touch $@

# The versions that were tested, from what is installed.
lock: .venv/.installed-dev
	$(BIN)/python -m pip freeze --exclude-editable | grep -v -i '^torch==\|^nvidia\|@ file' > requirements.lock
	echo 'torch==2.13.0' >> requirements.lock

clean:
	rm -rf .venv build dist
