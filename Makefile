# Weekly Archive. `make` lists what there is.

SHELL       := /bin/sh
tool        := go tool -modfile=$(CURDIR)/internal/tools/go.mod
addr        ?= http://127.0.0.1:$(or $(PORT),8080)
results     := $(CURDIR)/.cache/test

# The emulators of the Google Cloud CLI, where it is installed.
emulators   := $(if $(shell command -v gcloud),go run ./internal/gcp/gcptest/emulators --,)

.DEFAULT_GOAL := help
.PHONY: help run weekly spotify test lint vulns fmt zip terraform terraform-lock image release push update bench bench-update prove prove-mutations cloud-local screenshots pages-audit

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
	$(call start,./internal/spotify/fakespotify/standin) -addr 127.0.0.1:9090 -mode $(or $(MODE),development) $(if $(STATE),-state $(STATE))

cloud-local: ## run the three cloud functions here, with emulators of Google Cloud, to click through
	$(call start,./internal/gcp/gcptest/cloudlocal)

# A field case, and a count of what a week costs, is one world in virtual time, in
# which nothing races; the detector would make hundreds of them ten times as slow.
test: ## run every test: race detector on, shuffled; names at the end what this machine could not run
	@mkdir -p $(results)
	@rm -f $(results)/*.json
	@status=0; \
	$(emulators) $(tool) gotestsum --format pkgname-and-test-fails --hide-summary=output,skipped \
		--jsonfile $(results)/service.json -- -race -shuffle=on -timeout 15m $$(go list ./... | grep -v -e /fieldcases$$ -e /bench$$) || status=1; \
	$(tool) gotestsum --format pkgname-and-test-fails --hide-summary=output,skipped \
		--jsonfile $(results)/fieldcases.json -- -shuffle=on -timeout 10m ./internal/fieldcases ./internal/bench || status=1; \
	(cd internal/acceptance && $(tool) gotestsum --format pkgname-and-test-fails --hide-summary=output,skipped \
		--jsonfile $(results)/acceptance.json -- -shuffle=on -timeout 20m ./...) || status=1; \
	(cd internal/release && $(tool) gotestsum --format pkgname-and-test-fails --hide-summary=output,skipped \
		--jsonfile $(results)/release.json -- -shuffle=on -timeout 10m ./...) || status=1; \
	skipped=$$(sed -n 's/.*"Action":"skip".*"Package":"\([^"]*\)","Test":"\([^"]*\)".*/  \1 \2/p' $(results)/*.json); \
	if [ -z "$$skipped" ]; then echo "Nothing was skipped."; else \
		echo "Skipped, for want of a part (each test says which):"; echo "$$skipped"; \
		[ "$${CI:-}" != true ] || status=1; fi; \
	exit $$status

# With -count=1: what is kept of an earlier run takes no pictures.
screenshots: ## take pictures of every page in every state into .cache/screenshots, and the README's two into internal/docs (PAGE=pattern: of some)
	@rm -rf .cache/screenshots && mkdir -p .cache/screenshots
	@cd internal/acceptance && go test -count=1 -timeout 30m -run '^TestPages$$/$(PAGE)|^TestIPhone$$|^TestPictures$$' ./pages \
		-screenshots '$(CURDIR)/.cache/screenshots' $(if $(PAGE),,-pictures '$(CURDIR)/internal/docs')

pages-audit: ## have Lighthouse audit the start page and the account page; needs Chromium and npm, and a machine that does nothing else
	@cd internal/acceptance && go test -count=1 -timeout 30m -tags audit -run '^TestLighthouse$$' -v ./pages

lint: vulns ## check style, security (gosec), dependencies, workflows, formatting and that all code is called
	@$(tool) golangci-lint run ./...
	@for module in acceptance release; do \
		(cd internal/$$module && $(tool) golangci-lint run --config $(CURDIR)/.golangci.yml ./...) || exit 1; done
	@$(tool) actionlint -shellcheck= -pyflakes=
	@dead=$$($(tool) deadcode -test ./...) || exit 1; [ -z "$$dead" ] || { echo "Nothing calls:"; echo "$$dead"; exit 1; }

vulns: ## look for known weaknesses in what is linked (their database has to be reachable)
	@mkdir -p .cache; $(tool) govulncheck ./... >.cache/vulns.txt 2>&1; status=$$?; \
	if [ $$status -ne 0 ] && grep -q '^govulncheck: fetching vulnerabilities' .cache/vulns.txt; then \
		echo "Skipped govulncheck: its database of weaknesses cannot be reached."; \
	else cat .cache/vulns.txt; exit $$status; fi

fmt: ## format Go and Terraform
	@$(tool) golangci-lint fmt ./...
	@if command -v terraform >/dev/null; then terraform -chdir=terraform fmt -recursive; fi

zip: ## build the zip that Terraform uploads, as Google's buildpack does, and start each function of it
	@go test -count=1 -run '^(TestDeployableZip|TestBuildpackWantsOnePackageAtTheRoot)$$' ./internal/archtest

terraform: ## check the Terraform code and run its tests (the providers have to be reachable)
	@terraform -chdir=terraform fmt -check -diff -recursive
	@if grep -qs dev_overrides "$${TF_CLI_CONFIG_FILE:-/dev/null}"; then terraform -chdir=terraform get; \
		else terraform -chdir=terraform init -backend=false -input=false; fi
	@terraform -chdir=terraform validate
	@terraform -chdir=terraform test

terraform-lock: ## write the checksums of Terraform's providers for every system
	@terraform -chdir=terraform providers lock \
		-platform=linux_amd64 -platform=linux_arm64 -platform=darwin_amd64 -platform=darwin_arm64 -platform=windows_amd64

# VERSION is what git describes unless it is given, REPOSITORY_URL the image's
# source label; without it there is none.
folder      := $(abspath $(or $(OUT),.cache/release))
publish      = @cd internal/release && go run . -out '$(folder)' -version "$$VERSION" -source "$$REPOSITORY_URL"

image: ## build the local service's container image for amd64 and arm64, as files in .cache/release (OUT=folder)
	$(publish) image

release: ## build all that a release consists of: programs, images, notices, checksums (VERSION=v1.2.3, OUT=folder)
	$(publish) all

push: ## send the images that were built to a registry (IMAGE=host/owner/weekly-archive; REGISTRY_USER, REGISTRY_PASSWORD)
	$(publish) push "$$IMAGE"

# Newer versions of Prometheus bring the clients of every cloud into a test.
update: ## take the newest version of every dependency
	@go get -u ./... && go mod tidy
	@cd internal/acceptance && go get -u ./... && go get github.com/prometheus/prometheus@v0.54.1 && go mod tidy
	@cd internal/release && go get -u . && go mod tidy

# A program of its own: go test shows nothing before the end.
measure     = go test -c -o .cache/bench.test ./internal/bench && cd internal/bench && \
	'$(CURDIR)/.cache/bench.test' -test.timeout 60m -test.run '^TestTable$$' -table '$1' -locked $(or $(LOCKED),0) >/dev/null

bench: ## measure what the service costs, and print the table with its goals (minutes; LOCKED=n: also a lock-out of n users)
	@mkdir -p .cache; $(call measure,$(CURDIR)/.cache/performance.md) && cat '$(CURDIR)/.cache/performance.md'

bench-update: ## measure it and write internal/docs/performance.md
	@mkdir -p .cache; $(call measure,$(CURDIR)/internal/docs/performance.md)

prove: ## simulate 10,000 worlds with faults (SEEDS=n sets how many, SEED=n replays one)
	@go test -count=1 -timeout 30m -run '^TestProve$$' -v ./internal/simtest -seeds=$(or $(SEEDS),10000)

prove-mutations: ## show that the simulation catches every deliberate mistake
	@MUTANTS=all go test -count=1 -timeout 60m -run '^TestMutations$$' -v ./internal/simtest
