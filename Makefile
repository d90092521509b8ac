# make run   starts everything on this machine and says what to open
# make test  everything CI runs
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
# Each of the many servers and commands that the tests start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint types unit widget e2e bench bench-log bench-widget pictures lock

run: .venv/run.ok
	@$(BIN)/flask prepare
	@exec $(BIN)/gunicorn

test: lint types widget unit e2e

lint: .venv/test.ok
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test.ok
	$(BIN)/mypy

unit: .venv/test.ok
	$(BIN)/pytest tests -n auto --dist worksteal

e2e: .venv/test.ok
	$(BIN)/pytest e2e -n 3 --dist worksteal

# The built files are committed, so that running needs no Node; here they are made again and compared.
widget: widget/node_modules/.ok
	cd widget && npm run --silent check && npm test --silent && npm run --silent build
	git diff --exit-code -- consent_server/embed

bench: .venv/test.ok
	$(BIN)/python -m bench.backend

# A million decisions take some minutes; `bench.log --events 100000` says roughly the same.
bench-log: .venv/test.ok
	$(BIN)/python -m bench.log

# Takes about half an hour; `bench.widget --loads 3` says roughly the same in five minutes.
bench-widget: .venv/test.ok widget/node_modules/.ok bench/widget/node_modules/.ok
	$(BIN)/python -m bench.widget

# The pictures of the guides, taken anew from servers of their own.
pictures: .venv/test.ok
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m docs.audit_pictures

# Takes the newest versions that fit requirements*.in; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed (say which: make run PYTHON=python3.12)."; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; \
	  echo "Python cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

.venv/run.ok: requirements.txt | .venv/bin/python
	@echo "Installing what the server needs…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/test.ok: requirements-dev.txt .venv/run.ok
	@echo "Installing what the tests need…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

widget/node_modules/.ok: widget/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 18 or newer with npm is needed to check the widget (apt install nodejs npm)."; exit 1; }
	cd widget && npm ci --silent --no-audit --no-fund
	@touch $@

# What the banner is measured against; nothing in these packages has to run at installation.
bench/widget/node_modules/.ok: bench/widget/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed to measure the banner."; exit 1; }
	cd bench/widget && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@
