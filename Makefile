# Front end to CMake. `make` builds build/mote; it, `make demo`, `make test` and `make bench` first install missing
# packages (scripts/setup).

BUILD  := build
JOBS   := $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
TEXT   ?=
STEPS  ?=
# Under `make -jN` the make that CMake calls shares those N jobs; a -j option of its own would disable that with a
# warning.
BUILD_JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j $(JOBS))

.PHONY: all demo test pages bench install clean lint

all:
	@scripts/setup build
	@cmake --preset release -DMOTE_TESTS=OFF -DCMAKE_INSTALL_PREFIX=$(PREFIX) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	+@cmake --build --preset release $(BUILD_JOBS)

demo:
	@scripts/setup demo
	@$(MAKE) --no-print-directory all
	@STEPS="$(STEPS)" examples/stories/demo $(BUILD) "$(TEXT)"

test:
	@scripts/setup test
	cmake --preset release -DMOTE_TESTS=ON
	+cmake --build --preset release $(BUILD_JOBS)
	ctest --preset release -j $(JOBS)
	cmake --preset debug
	+cmake --build --preset debug $(BUILD_JOBS)
	ctest --preset debug -j $(JOBS)

# Every command of every page as printed, the long ones too: a quarter of an hour.
pages: all
	@for page in README.md docs/*.md; do tests/pages/run-page $$page $(BUILD)/mote --long || exit 1; done

bench: $(patsubst bench/%.sh,bench-%,$(wildcard bench/*.sh))

bench-%:
	@scripts/setup bench
	@$(MAKE) --no-print-directory all
	@bench/run $* $(BUILD)

install: all
	cmake --install $(BUILD)

clean:
	rm -rf build build-debug

lint:
	@scripts/lint
