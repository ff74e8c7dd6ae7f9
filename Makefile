# A thin front to CMake: `make` builds build/mote, `make demo` and `make test` set up all they need first.

BUILD  := build
JOBS   := $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
TEXT   ?=
# Under `make -j2` the make behind CMake shares those two jobs; a number of its own would end that, with a warning.
BUILD_JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j $(JOBS))

.PHONY: all demo test bench install clean lint

all:
	@scripts/setup build
	@cmake --preset release -DMOTE_TESTS=OFF -DCMAKE_INSTALL_PREFIX=$(PREFIX) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	+@cmake --build --preset release $(BUILD_JOBS)

demo:
	@scripts/setup demo
	@$(MAKE) --no-print-directory all
	@examples/stories/demo $(BUILD) $(TEXT)

test:
	@scripts/setup test
	cmake --preset release -DMOTE_TESTS=ON
	+cmake --build --preset release $(BUILD_JOBS)
	ctest --preset release -j $(JOBS)
	cmake --preset debug
	+cmake --build --preset debug $(BUILD_JOBS)
	ctest --preset debug -j $(JOBS)

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
