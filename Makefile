# Weekly Archive. `make` lists what there is.

SHELL       := /bin/sh
tool        := go tool -modfile=$(CURDIR)/internal/tools/go.mod
addr        ?= http://127.0.0.1:$(or $(PORT),8080)
results     := $(CURDIR)/.cache/test

# The emulators of the Google Cloud CLI, where it is installed.
emulators   := $(if $(shell command -v gcloud),go run ./internal/gcp/gcptest/emulators --,)

.DEFAULT_GOAL := help
.PHONY: help run weekly spotify test lint fmt bench prove prove-mutations cloud-local

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A program of its own, so that Ctrl-C ends in its exit status; go run's is 1.
start       = @mkdir -p .cache && go build -o .cache/$(notdir $1) $1 && exec .cache/$(notdir $1)

run: ## run the whole service on this machine (without SPOTIFY_CLIENT_ID: with a stand-in, built in or at SPOTIFY_STANDIN_URL)
	$(call start,./functions/local)

# The operator token goes from its file into the request, and into no command line.
weekly: ## send the weekly message to the service that `make run` started, and wait for it
	@token="$${OPERATOR_TOKEN:-$$(cat "$${DATA_DIR:-.data}/operator-token" 2>/dev/null)}"; \
	printf '%s\n' "$${token:+Authorization: Bearer $$token}" | \
	curl -sS --fail-with-body -H @- -X POST '$(addr)/local/weekly?wait=30s'

spotify: ## run the Spotify stand-in alone on 127.0.0.1:9090, as Spotify treats an app made today (MODE=extended: an old one; STATE=file keeps its world)
	$(call start,./internal/spotify/spotifytest/standin) -addr 127.0.0.1:9090 -mode $(or $(MODE),development) $(if $(STATE),-state $(STATE))

cloud-local: ## run the three cloud functions here, with emulators of Google Cloud, to click through
	$(call start,./internal/gcp/gcptest/cloudlocal)

test: ## run every test: race detector on, shuffled; names at the end what this machine could not run
	@mkdir -p $(results)
	@rm -f $(results)/*.json
	@status=0; \
	$(emulators) $(tool) gotestsum --format pkgname-and-test-fails --hide-summary=output,skipped \
		--jsonfile $(results)/service.json -- -race -shuffle=on -timeout 15m ./... || status=1; \
	(cd internal/acceptance && $(tool) gotestsum --format pkgname-and-test-fails --hide-summary=output,skipped \
		--jsonfile $(results)/acceptance.json -- -shuffle=on -timeout 10m ./...) || status=1; \
	skipped=$$(sed -n 's/.*"Action":"skip".*"Package":"\([^"]*\)","Test":"\([^"]*\)".*/  \1 \2/p' $(results)/*.json); \
	if [ -z "$$skipped" ]; then echo "Nothing was skipped."; else \
		echo "Skipped, for want of a part (each test says which):"; echo "$$skipped"; \
		[ "$${CI:-}" != true ] || status=1; fi; \
	exit $$status

lint: ## check style, dependencies and formatting
	@$(tool) golangci-lint run ./...
	@cd internal/acceptance && $(tool) golangci-lint run --config $(CURDIR)/.golangci.yml ./...

fmt: ## format Go and Terraform
	@$(tool) golangci-lint fmt ./...
	@if command -v terraform >/dev/null; then terraform -chdir=terraform fmt -recursive; fi

bench: ## measure what a steady week costs, at archives of 30, 1,560 and 9,900 songs
	@go test -run '^$$' -bench SteadyStateWeek -benchtime 1x ./functions/local

prove: ## simulate 10,000 worlds with faults (SEEDS=n sets how many, SEED=n replays one)
	@go test -count=1 -timeout 30m -run '^TestProve$$' -v ./internal/simtest -seeds=$(or $(SEEDS),10000)

prove-mutations: ## show that the simulation catches every deliberate mistake
	@MUTANTS=all go test -count=1 -timeout 60m -run '^TestMutations$$' -v ./internal/simtest
