# Two commands matter: `make run` and `make test`. No account, no key, no Docker, no Node.
PYTHON ?= python3
VENV := .venv/bin

.PHONY: help run test lint bench chaos train clean install

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## the desk on this machine: installs, indexes, prints one URL
	@$(PYTHON) bot/install.py
	@exec $(VENV)/supportbot run $(if $(PORT),--port $(PORT))

test: install ## unit, contract, end-to-end and golden-set tests
	@$(VENV)/python -m pytest -n 2 --dist loadfile tests/unit tests/contract tests/evals tests/test_house.py
	@$(VENV)/python -m pytest tests/e2e

lint: install ## style, types and the architecture
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports

bench: install ## speed and memory, printed as tables
	@$(VENV)/python -m benchmarks

chaos: install ## 3,000 messages while everything fails, on SQLite and PostgreSQL (about 12 minutes)
	@$(VENV)/python tests/e2e/chaos.py --database sqlite
	@$(VENV)/python tests/e2e/chaos.py --database postgres

train: ## fine-tune the triage model again, into var/candidate (about half an hour on two cores)
	@$(PYTHON) bot/install.py --with dev --with train
	@$(VENV)/supportbot triage train triage/data --out var/candidate
	@$(VENV)/supportbot triage evaluate triage/data --model var/candidate --report var/candidate/report.html

clean: ## remove the environment and the embedded databases
	rm -rf .venv var install.log

install:
	@$(PYTHON) bot/install.py --with dev
