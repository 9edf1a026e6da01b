# Needs only make and Python 3.11, 3.12 or 3.13. Everything else is installed into this folder: uv into .tools, Offhook
# and its libraries into .venv. `make PYTHON=/path/to/python3.12 …` chooses another Python.

UV_VERSION := 0.13.8
UV := .tools/bin/uv
UV_READY := .tools/uv-$(UV_VERSION)
# Three steps of one environment: what running needs, what deploying needs beside it, and what developing needs.
RUN_READY := .venv/.offhook-run
INFRA_READY := .venv/.offhook-infra
DEV_READY := .venv/.offhook-dev
NODE_READY := node_modules/.offhook
DEV_313_READY := .venv-3.13/.offhook-dev
BIN := .venv/bin
# Recorded people, kept nowhere but on the machine that listens to them.
PROMPTS := .cache/prompts/unpacked
PROMPT_PACKAGES := asterisk-core-sounds-en asterisk-core-sounds-en-wav
LOCKED := uv.lock pyproject.toml $(UV_READY)

# `python3` first, because that is what its owner means by Python. Evaluated only where it is used.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUPPORTED)' 2>/dev/null && echo $$p && break; done)
# Python 3.13 beside the main one. A pyenv shim on the PATH may name a Python that is not switched on, so each is tried.
IS_313 := import sys; sys.exit(sys.version_info[:2] != (3, 13))
OTHER_313 = $(shell $(BIN)/python -c '$(IS_313)' && exit; \
	for p in python3.13 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13*/bin/python3.13; do \
	$$p -c '$(IS_313)' 2>/dev/null && $$p -c 'import sys; print(sys.executable)' && break; done)

# How tests are shared out stands in tests/support/distribution.py.
PYTEST := pytest --quiet --numprocesses auto --dist loadgroup --no-loadscope-reorder
# What the second Python tests as well.
AGAIN := -m "(every_python or lambda_python) and not fuzz and not long" --assert plain
# The CLI that package.json pins, on the Node that comes with the Python libraries.
NODE_PATH := PATH="$(CURDIR)/$(BIN):$$PATH"
CDK := $(NODE_PATH) node_modules/.bin/cdk
FUZZ := pytest --quiet --numprocesses 2 --timeout 1800 -m fuzz --hypothesis-profile=fuzz

# uv must use the machine's Python and this folder's environment, whatever the shell around us has set.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV UV_PYTHON UV_PROJECT_ENVIRONMENT PYTHONHOME
# Container images set this; without compiled modules every start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long test-browser pictures check check-types check-found check-all-else vendor fuzz bench bench-speech bench-models bench-turns bench-contacts bench-init format generate \
	synth deploy

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(DEV_READY) ## Install everything that developing needs, once.
	@[ -z "$(OTHER_313)" ] || $(MAKE) --silent $(DEV_313_READY)
	@echo "Ready. Next: make run, make test."

run: $(RUN_READY) ## Start Offhook here and place a demo call. SPEECH=aws-local or aws; ARGS="--no-demo --data DIR" goes to `offhook up`.
	@exec $(BIN)/offhook up $(if $(SPEECH),--speech $(SPEECH)) $(ARGS)

test: $(DEV_READY) ## Run all tests, again on Python 3.13 where there is one. ARGS="-k trigger" selects.
	@echo "Tests on $$($(BIN)/python --version)"
	@$(BIN)/$(PYTEST) -m "not long$(if $(OTHER_313),$(if $(ARGS),, and not lambda_python))" $(ARGS)
	@if [ -n "$(OTHER_313)" ]; then \
	  $(MAKE) --silent $(DEV_313_READY) && echo "Tests on $$(.venv-3.13/bin/python --version)" && \
	  .venv-3.13/bin/$(PYTEST) $(AGAIN) --hypothesis-profile=again $(ARGS); \
	elif ! $(BIN)/python -c '$(IS_313)'; then \
	  echo "Not run on Python 3.13 as well: none is installed here."; fi

test-browser: $(DEV_READY) $(NODE_READY) ## Run the tests of the pages in Chromium, which apt installs, and tell how fast it was. ARGS="-k cut" selects.
	@$(call need_chromium)
	@$(BIN)/pytest --quiet tests/browser $(ARGS)

pictures: $(DEV_READY) ## Take the pictures that the documents show, in Chromium.
	@$(call need_chromium)
	@$(BIN)/python -m tests.browser.pictures docs/images

test-long: $(DEV_READY) ## Run the tests that last too long for `make test`.
	@$(BIN)/$(PYTEST) -m long $(ARGS)

check: $(DEV_READY) $(NODE_READY) ## Check format, lint, types, import rules, generated files and the AWS stack.
	@$(MAKE) --silent --jobs 3 check-types check-all-else check-found

check-types: $(NODE_READY)
	@$(BIN)/mypy
	@$(NODE_PATH) node_modules/.bin/openapi-typescript functions/docs/openapi.json --output web/types/openapi.d.ts >/dev/null
	@$(NODE_PATH) node_modules/.bin/tsc --project web && echo "The types of web/ hold."

# So they are compiled as well, which else each worker of `make test` would do for itself.
check-found: $(DEV_READY)
	@$(call find_tests,$(BIN)/pytest)
	@[ -z "$(OTHER_313)" ] || { $(MAKE) --silent $(DEV_313_READY) && $(call find_tests,.venv-3.13/bin/pytest $(AGAIN)); }
	@echo "All tests are found."

check-all-else: $(NODE_READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m infra.check
	@$(call compare,local.generated.settings_table,docs/settings.md)
	@$(call compare,local.generated.stack_options,docs/stack-options.md)
	@$(call compare,local.generated.call_machine,docs/call-machine.md)
	@$(call compare,local.generated.end_reasons,docs/end-reasons.md)
	@$(call compare,local.generated.calling_hours,docs/calling-hours.md)
	@$(call compare,local.generated.openapi,functions/docs/openapi.json)
	@$(call compare,local.generated.session_frames,docs/session-frames.md)
	@$(call compare,local.generated.asyncapi,docs/asyncapi.yaml)
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && $(NODE_PATH) node local/generated/vendor.mjs "$$fresh" && \
	cp web/vendor/*.d.ts "$$fresh" && { diff -rq "$$fresh" web/vendor || { echo "web/vendor is not what package-lock.json pins: run make vendor."; exit 1; }; } && \
	echo "web/vendor is up to date."

fuzz: $(DEV_READY) ## Run the property tests with many more examples. ARGS goes to pytest.
	@$(BIN)/$(FUZZ) $(ARGS)

bench: $(DEV_READY) ## Measure calls per core, latency, barge-in, idle cost, hostile peers and those who listen in. ARGS goes to benchmarks.load.
	@$(BIN)/python -m benchmarks.load $(ARGS)
	@$(BIN)/python -m benchmarks.idle
	@$(BIN)/python -m benchmarks.flood
	@$(BIN)/python -m benchmarks.watchers

bench-speech: $(DEV_READY) ## Measure calls through Transcribe and Polly, their servers on this machine. ARGS="--calls 100" selects.
	@$(BIN)/python -m benchmarks.aws_calls $(ARGS)
	@$(BIN)/python -m benchmarks.remains

bench-models: $(DEV_READY) ## Measure calls that a model leads, its servers on this machine. ARGS="--calls 100 --engines openai" selects.
	@$(BIN)/python -m benchmarks.model_calls $(ARGS)

bench-turns: $(DEV_READY) $(PROMPTS) ## Measure turn-taking with recorded people. ARGS="--half first" shows what may be tuned on.
	@$(BIN)/python -m benchmarks.turns $(ARGS)

bench-contacts: $(DEV_READY) ## Measure reading a file of 100,000 contacts. ARGS="--rows 20000" selects.
	@$(BIN)/python -m benchmarks.contacts $(ARGS)

bench-init: $(DEV_READY) ## Measure what it costs to start each function, on Python 3.13 where there is one. ARGS="--only docs" selects.
	@if [ -n "$(OTHER_313)" ]; then $(MAKE) --silent $(DEV_313_READY) && exec .venv-3.13/bin/python -m benchmarks.init $(ARGS); \
	else exec $(BIN)/python -m benchmarks.init $(ARGS); fi

format: $(DEV_READY) ## Format the code and mend what the linter can.
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

generate: $(DEV_READY) ## Write the files that are made from code: settings, options, call machine, end reasons, calling hours, session frames, OpenAPI and AsyncAPI documents.
	@$(call rewrite,local.generated.settings_table,docs/settings.md)
	@$(call rewrite,local.generated.stack_options,docs/stack-options.md)
	@$(call rewrite,local.generated.stack_template,tests/infra/template.json)
	@$(call rewrite,local.generated.call_machine,docs/call-machine.md)
	@$(call rewrite,local.generated.end_reasons,docs/end-reasons.md)
	@$(call rewrite,local.generated.calling_hours,docs/calling-hours.md)
	@$(call rewrite,local.generated.openapi,functions/docs/openapi.json)
	@$(call rewrite,local.generated.session_frames,docs/session-frames.md)
	@$(call rewrite,local.generated.asyncapi,docs/asyncapi.yaml)

vendor: $(NODE_READY) ## Write the libraries of web/vendor, as package-lock.json pins them.
	@$(NODE_PATH) node local/generated/vendor.mjs web/vendor

synth: $(NODE_READY) ## Write the AWS stack as a CloudFormation template; needs no account. ARGS="-c domain=…" chooses.
	@$(CDK) synth --quiet $(ARGS)
	@echo "The template is cdk.out/Offhook.template.json. Next, with credentials for AWS: make deploy."

deploy: $(NODE_READY) ## Deploy the AWS stack, or a changed one. ARGS goes to `cdk deploy`.
	@$(CDK) deploy Offhook $(ARGS)

need_chromium = command -v "$${CHROMIUM:-chromium}" >/dev/null || { \
	command -v apt-get >/dev/null || { echo "Chromium comes from apt: run this on Debian, or name a Chromium by CHROMIUM=…." >&2; exit 1; }; \
	echo "Installing Debian's Chromium (300 MB)"; \
	sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$sudo apt-get update --quiet=2 && $$sudo apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null; }

# A module that fails must not leave, or be compared as, an empty file: what it prints goes to a temporary one first.
print_to_fresh = fresh=$$(mktemp) && trap 'rm -f "$$fresh"' EXIT && $(BIN)/python -m $(1) > "$$fresh"
rewrite = $(print_to_fresh) && cat "$$fresh" > $(2)
find_tests = { found=$$($(1) --collect-only --quiet --quiet) || { echo "$$found"; exit 1; }; }

define compare
$(print_to_fresh) && \
{ cmp -s "$$fresh" $(2) || { diff -u $(2) "$$fresh" | head -n 40; echo "$(2) is out of date: run make generate."; exit 1; }; } && \
echo "$(2) is up to date."
endef

announce = if [ -e $@ ]; then echo "The locked versions or pyproject.toml have changed: updating $(2)"; else \
	echo "Installing $(1) into $(2) (loads about $(3); one or two minutes on a normal connection)"; fi

$(UV_READY):
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Offhook needs Python 3.11, 3.12 or 3.13, and none is on the PATH." >&2; \
	  echo "Install one (Debian, Ubuntu: sudo apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 …" >&2; \
	  exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Offhook needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without venv. Install it (Debian, Ubuntu: sudo apt install python3-venv), then try again." >&2; exit 1; }
	@echo "Installing uv $(UV_VERSION) into .tools (25 MB, some seconds)"
	@rm -rf .tools && $(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --no-input uv==$(UV_VERSION)
	@touch $@

# The Python is chosen when the environment is made; later syncs keep it.
.venv/pyvenv.cfg: | $(UV_READY)
	@$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv

$(PROMPTS):
	@command -v apt-get >/dev/null && command -v dpkg >/dev/null || { \
	  echo "The recordings come as Debian packages: run this on Debian or Ubuntu." >&2; exit 1; }
	@echo "Loading $(PROMPT_PACKAGES) into $(@D) (18 MB)"
	@rm -rf $(@D) && mkdir -p $(@D)
	@cd $(@D) && apt-get download --quiet=2 $(PROMPT_PACKAGES) || { \
	  echo "Debian's packages can't be loaded: run sudo apt update, then try again." >&2; exit 1; }
	@cd $(@D) && for package in *.deb; do dpkg -x "$$package" . && rm "$$package"; done
	@touch $@

$(RUN_READY): $(LOCKED) | .venv/pyvenv.cfg
	@$(call announce,Offhook and its libraries,.venv,110 MB)
	@$(UV) sync --quiet --locked --inexact --no-dev --all-extras --no-extra infra
	@touch $@

$(DEV_READY): $(LOCKED) | .venv/pyvenv.cfg
	@$(call announce,Offhook with its libraries and the developer tools,.venv,280 MB)
	@$(UV) sync --quiet --locked --all-extras
	@touch $(RUN_READY) $(INFRA_READY) $@

$(INFRA_READY): $(LOCKED) | .venv/pyvenv.cfg
	@$(call announce,Offhook with its libraries and the AWS CDK,.venv,230 MB)
	@$(UV) sync --quiet --locked --inexact --no-dev --all-extras
	@touch $(RUN_READY) $@

$(NODE_READY): package-lock.json .npmrc $(INFRA_READY)
	@echo "Installing the CDK's command line and the tools of web/ into node_modules (100 MB)"
	@$(NODE_PATH) npm ci --silent --ignore-scripts
	@touch $@

$(DEV_313_READY): $(LOCKED)
	@$(call announce,the same for Python 3.13,.venv-3.13,50 MB)
	@UV_PROJECT_ENVIRONMENT=.venv-3.13 $(UV) sync --quiet --locked --all-extras --python "$(OTHER_313)"
	@touch $@
