# Everything a newcomer needs: `make up`, then dial 8001 and 7001. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# How many Asterisk nodes, and on which address or interface phones on other machines reach them (loopback only if empty).
NODES ?= 2
LISTEN ?=
# CLUSTER=1 uses Consul, RabbitMQ and nginx, and runs every role as a process of its own.
CLUSTER ?=
# How long `make soak` lasts, and the choices it makes (empty for new ones).
MINUTES ?= 20
SEED ?=
# Further flags for `asterism up`, such as --port-offset 1000.
FLAGS ?=
JOBS ?= $(shell nproc)

SWIFT := swift
BIN := .build/release/asterism
PYTHON := .venv/bin/python
# Unit tests go in three parts, for all at once would starve those that watch the clock: those of the HTTP and WebSocket services, those that
# only compute, and the others.
SERVICE_TESTS := (Access|WebAPI|Auth|Applicationd|Websocketd)Tests
COMPUTING_TESTS := (ARI|Fleet|Phone|Sound)Tests

.PHONY: up demo build test unit-test end-to-end-test test-compose soak bench lint format clean help

up: build ## Run a fleet here: NODES=3 for more nodes, LISTEN=eth0 for phones on the network, CLUSTER=1 for Consul and RabbitMQ
	@$(BIN) up --nodes $(NODES) $(if $(LISTEN),--listen $(LISTEN)) $(if $(CLUSTER),--cluster) $(FLAGS)

demo: build ## Run a fleet, call 8001 and 7001 with the built-in phone, say what was heard, stop
	@$(BIN) demo $(FLAGS)

build: ## Build the executable
	@scripts/packages build
	@$(SWIFT) build -c release -j $(JOBS) --product asterism

test: lint unit-test end-to-end-test test-compose ## Run the linters, the unit tests, the end-to-end tests and those of deploy/

# In the debug configuration, where the language's own checks are on. Some start a real Asterisk, Kamailio, Consul, RabbitMQ, nginx or PostgreSQL.
unit-test: build ## Run the unit tests
	@scripts/packages unit
	@$(BIN) doctor --install --port-offset 20000
	@$(SWIFT) build -j $(JOBS) --build-tests
	@$(SWIFT) test --skip-build --filter '$(SERVICE_TESTS)'
	@$(SWIFT) test --skip-build --filter '$(COMPUTING_TESTS)'
	@$(SWIFT) test --skip-build --skip '$(SERVICE_TESTS)' --skip '$(COMPUTING_TESTS)'

end-to-end-test: build .venv/installed ## Run real Asterisks, Kamailio and SIP phones, in one process and as a cluster; TESTS='-k conference' selects
	@scripts/packages test
	@$(SWIFT) build -c release -j $(JOBS) --product wazo-app-test
	@$(SWIFT) build -c release -j $(JOBS) --product fleet-simulator
	@$(BIN) doctor --install --port-offset 20000
	@cd Tests/EndToEnd && ../../$(PYTHON) -m pytest -p no:cacheprovider $(TESTS)
	@cd Tests/EndToEnd && ASTERISM_E2E_CLUSTER=1 ../../$(PYTHON) -m pytest -p no:cacheprovider $(TESTS)

# Images come from Debian's packages and stay in /var/cache/asterism; nothing else of it remains.
test-compose: build .venv/installed ## Run deploy/compose.yaml in containers of its own, and check the Kubernetes manifests
	@scripts/packages compose
	@cd Tests/Compose && ../../$(PYTHON) -m pytest -p no:cacheprovider $(TESTS)

soak: build .venv/installed ## Run random calls, kills and scaling on a cluster for MINUTES=20; SEED=... repeats the choices of a former run
	@scripts/packages test
	@$(BIN) doctor --install --port-offset 20000
	@cd Tests/EndToEnd && ASTERISM_E2E_CLUSTER=1 ASTERISM_SOAK_MINUTES=$(MINUTES) ASTERISM_SOAK_SEED=$(SEED) \
		../../$(PYTHON) -m pytest -p no:cacheprovider --capture=no test_soak.py

bench: build .venv/installed ## Measure calls, CPU per call, the delay of a room, and the services; writes benchmarks/results/
	@scripts/packages test
	@scripts/packages bench
	@$(BIN) doctor --install --port-offset 16000
	@$(PYTHON) benchmarks/bench.py
	@$(PYTHON) benchmarks/bridge.py
	@$(PYTHON) benchmarks/gateway.py
	@$(SWIFT) build -c release -j $(JOBS) --product fleet-simulator
	@$(PYTHON) benchmarks/large_fleet.py
	@$(PYTHON) benchmarks/auth.py
	@$(PYTHON) benchmarks/applicationd.py
	@$(PYTHON) benchmarks/websocketd.py

lint: ## Check the format of the Swift sources and that scripts and Python files parse
	@scripts/lint

format: ## Format the Swift sources
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests examples

clean: ## Remove what was built; `asterism doctor` tells where the engines are
	rm -rf .build .venv benchmarks/results

# The pinned packages of the tests, in a place of their own.
.venv/installed: Tests/EndToEnd/requirements.txt
	@scripts/packages python
	@scripts/python-environment

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
