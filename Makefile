# The commands for people; the build itself is Meson's (meson.build). `make help` lists them.
#
#   SETUP   options for `meson setup`, as in: make test SETUP=-Dwerror=true
#   PREFIX  where `make install` puts the program (DESTDIR is put before it)
BUILD := build/meson
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
T ?=
S ?= 60
SANITIZE := -Db_sanitize=address,undefined -Db_lundef=false \
	-Dc_args=-fno-sanitize-recover=all -Dwerror=true
DEMO := build/demo

.PHONY: all help deps demo test judge reliability guide lint format asan fuzz bench install deb check-deb clean
.DEFAULT_GOAL := all

all: $(BUILD)/build.ninja ## build the program: build/assay
	@ninja -C $(BUILD) -j $(JOBS)
	@ln -f $(BUILD)/src/cli/assay build/assay

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || { echo "Meson is missing: run 'make deps' first"; exit 1; }
	meson setup $(SETUP) $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

deps: ## install the packages that building and testing need (Debian 12)
	@tools/deps.sh build test

demo: ## build, make the evidence of an attacked server, and judge it
	@tools/deps.sh build
	@$(MAKE) --no-print-directory all
	@tools/demo.sh $(DEMO)

test: deps ## build, and run every test
	@$(MAKE) --no-print-directory all
	@tools/test.sh $(BUILD)

judge: all ## judge some 240 made scenarios, and show where verdict and truth differ
	@python3 tests/judge/judge.py build/assay

guide: all ## run the commands of docs/guide again, and put what they print into its pages
	@python3 tools/guide.py build/assay --write

reliability: all ## kill scans and let disks fail, some hundred times: docs/reliability.md
	@ninja -C $(BUILD) tests/reliability/faults.so
	@python3 tests/reliability/test_reliability.py build/assay tests/gen/scenario.py \
		$(BUILD)/tests/reliability/faults.so 200

lint: ## check form, layers, banned calls, headers; clang-tidy; cppcheck
	@tools/deps.sh build lint
	@$(MAKE) --no-print-directory all
	@tools/lint.sh $(BUILD)

format: ## lay out all C files by .clang-format
	clang-format -i $$(git ls-files '*.c' '*.h')

asan: deps ## run the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/deps.sh fuzz
	@[ -e build/asan/build.ninja ] || CC=clang meson setup $(SANITIZE) build/asan
	@ninja -C build/asan -j $(JOBS)
	@ASSAY_TEST_QUICK=1 ASAN_OPTIONS=detect_stack_use_after_return=1 \
		UBSAN_OPTIONS=print_stacktrace=1 tools/test.sh build/asan --timeout-multiplier 6 $(ASAN_TESTS)

fuzz: ## fuzz one entry for a while: make fuzz T=evtx_chunk S=60
	@tools/deps.sh build fuzz
	@[ -e build/fuzz/build.ninja ] || CC=clang meson setup $(SANITIZE) -Dfuzz=true build/fuzz
	@tools/fuzz.sh build/fuzz "$(T)" "$(S)"

bench: all ## measure how fast evidence is read
	@tools/bench.sh $(BUILD)

install: all ## install to DESTDIR/PREFIX
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@meson install -C $(BUILD) $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

deb: ## make the Debian package: build/deb/assay_*.deb
	@tools/deps.sh build deb
	@tools/deb.sh build/deb

check-deb: deb all ## install it in a fresh Debian 12, use it, remove it (root, network)
	@[ -d $(DEMO)/mail01 ] || python3 tests/gen/scenario.py entered $(DEMO)/mail01
	@tools/check_deb.sh "$$(ls build/deb/assay_*.deb)" build/deb/check build/assay $(DEMO)/mail01

clean: ## remove everything that was built
	rm -rf build
