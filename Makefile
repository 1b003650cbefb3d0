# `make app` is all a newcomer types. The virtual environment .venv is made and kept up to date by itself;
# PYTHON=python3.12 make test   chooses the interpreter,   ARGS="..."   goes to the command that is run.

.DEFAULT_GOAL := help
.PHONY: help app learn test check bench board lessons docs site clean
.NOTPARALLEL:

export PYTHON
BIN := .venv/bin/python
# Keras and TensorFlow say nothing at start unless asked to: TF_CPP_MIN_LOG_LEVEL=0 make test
export TF_CPP_MIN_LOG_LEVEL ?= 3

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

app: ## open the page in your browser (ARGS="--no-browser --port 8600")
	@tools/venv.sh app
	@$(BIN) -m mirnet_explainer app $(ARGS)

learn: ## the lessons as notebooks to work in, in your browser (your answers are kept in my-lessons)
	@tools/venv.sh lessons
	@$(BIN) -m mirnet_explainer lessons -o my-lessons --open $(ARGS)

test: ## run the tests (ARGS="tests/model -k skff")
	@tools/venv.sh dev
	@$(BIN) -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: ## style and types: what the tests cannot see
	@tools/venv.sh dev
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	$(BIN) -m mypy
	@tsc=$$(command -v tsc || true); [ -z "$$tsc" ] || { echo tsc -p tools/jsconfig.json; tsc -p tools/jsconfig.json; }

bench: ## time and memory of the networks on this machine
	@tools/venv.sh dev
	@$(BIN) -m tools.bench $(ARGS)

board: ## build for the board, run a photo on an emulated one (ARGS="photo.jpg --compiler gcc")
	@tools/venv.sh dev
	@$(BIN) -m mirnet_explainer board $(ARGS)

lessons: ## notebooks and pages of all lessons into build/lessons (ARGS="2 3" of some)
	@tools/venv.sh dev
	@$(BIN) -m lessons.making $(ARGS)

docs: ## the pages of docs/ and a reference of all public names into build/docs
	@tools/venv.sh docs
	@NO_MKDOCS_2_WARNING=1 $(BIN) -m mkdocs build --quiet --strict
	@echo "Open build/docs/index.html"

site: lessons docs ## the live part, the walkthrough, the lessons and the reference as static pages into build/site
	@tools/venv.sh dev
	@$(BIN) -m mirnet_explainer site -o build/site --lessons build/lessons --reference build/docs $(ARGS)

clean: ## remove what building and testing left, .venv included
	rm -rf .venv build dist mirnet-board *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find model explain embedded lessons tests -name __pycache__ -type d -prune -exec rm -rf {} +
