# hsmctl: `make` builds build/hsmctl and build/genesys-emulator, `make demo`
# shows them at work, `make test` runs every test, `make help` lists the rest.
#
# VARIANT=san builds with AddressSanitizer and UndefinedBehaviorSanitizer,
# VARIANT=cov for coverage; each variant has its own objects and binaries.

VARIANT ?= release
WERROR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
VERSION := 0.1.0

BUILD := build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
OBJECTS := $(BUILD)/objects

MODULES := libcurl yaml-0.1 libcjson libgit2 libmicrohttpd sqlite3 libpq libutf8proc libpcre2-8 icu-i18n icu-uc openssl
PKG_CONFIG ?= pkg-config

warnings := -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wwrite-strings -Wundef \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2 \
	-Wimplicit-fallthrough -Wswitch-enum -fno-common $(if $(WERROR),-Werror)
variant_release := -O2 -g
variant_san := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
variant_cov := -O0 -g --coverage -fprofile-update=atomic
variant_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
variant_flags := $(variant_$(VARIANT))

ifeq ($(variant_flags),)
$(error VARIANT is release, san, cov or fuzz, not '$(VARIANT)')
endif

# Where something is missing, `demo` and `test` install it and the others say how.
ifeq ($(filter help packages clean,$(MAKECMDGOALS)),)
find_missing = $(strip $(foreach module,$(MODULES),$(shell $(PKG_CONFIG) --exists $(module) 2>/dev/null || echo $(module))))
missing := $(find_missing)
ifneq ($(missing)$(shell command -v $(CC) >/dev/null || echo $(CC)),)
ifneq ($(filter demo test,$(MAKECMDGOALS)),)
installed := $(shell .ci/install-packages build >&2 && echo yes)
missing := $(if $(installed),$(find_missing),$(missing))
endif
ifneq ($(missing),)
$(error missing pkg-config modules: $(missing). On Debian 12 run .ci/install-packages build)
endif
endif
module_cflags := $(shell $(PKG_CONFIG) --cflags $(MODULES))
module_libs := $(shell $(PKG_CONFIG) --libs $(MODULES))
endif

ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -DHSM_VERSION='"$(VERSION)"' -I. $(warnings) $(variant_flags) \
	$(module_cflags) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(variant_flags) $(LDFLAGS)

library_sources := $(sort $(shell find schema reconciler -name '*.c'))
hsmctl_sources := $(sort $(wildcard cmd/hsmctl/*.c))
emulator_sources := $(sort $(wildcard cmd/emulator/*.c))
unit_sources := $(sort $(wildcard tests/unit/test_*.c))
unit_helpers := $(sort $(filter-out $(unit_sources),$(wildcard tests/unit/*.c)))

fuzz_targets := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
replays := $(addprefix $(BUILD)/replay/,$(fuzz_targets))

object = $(patsubst %.c,$(OBJECTS)/%.o,$(1))
unit_tests := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(unit_sources))

Q := $(if $(V),,@)

.PHONY: all
all: $(BUILD)/hsmctl $(BUILD)/genesys-emulator

$(BUILD)/libhsm.a: $(call object,$(library_sources))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/hsmctl: $(call object,$(hsmctl_sources)) $(BUILD)/libhsm.a
	$(Q)echo "  LINK  $@" && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(module_libs)

$(BUILD)/genesys-emulator: $(call object,$(emulator_sources)) $(BUILD)/libhsm.a
	$(Q)echo "  LINK  $@" && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(module_libs)

$(BUILD)/unit/%: $(OBJECTS)/tests/unit/%.o $(call object,$(unit_helpers)) $(BUILD)/libhsm.a
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(module_libs) -lcmocka

$(BUILD)/replay/%: $(OBJECTS)/tests/fuzz/fuzz_%.o $(OBJECTS)/tests/fuzz/replay.o $(BUILD)/libhsm.a
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $^ $(module_libs)

$(OBJECTS)/%.o: %.c $(OBJECTS)/flags
	$(Q)mkdir -p $(@D) && echo "  CC    $<" && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Other flags rebuild everything.
$(OBJECTS)/flags: force
	$(Q)mkdir -p $(@D) && echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' > $@

.PHONY: force
force:

# Tests. Each prints what it checks and fails by its exit code.
.PHONY: test unit e2e
test: test-packages
	$(Q)$(MAKE) --no-print-directory unit e2e
	$(Q)$(MAKE) --no-print-directory faults SEEDS=1-100

test-packages:
	$(Q).ci/install-packages test

unit: $(unit_tests) $(replays)
	$(Q)tests/run-unit $(unit_tests)
	$(Q)for target in $(fuzz_targets); do echo "replay $$target: $$($(BUILD)/replay/$$target tests/fuzz/corpus/$$target/*)" || exit 1; done

e2e: all $(addprefix $(BUILD)/,deliver fail_calls.so note_argv.so measure floor messages)
	$(Q)HSM_BUILD=$(BUILD) tests/run-e2e

# Bad worlds, one a seed: tests/faults/README.md. MODE=apply, serve or send for one of them.
SEEDS ?= 1-10000
MODE ?= all
.PHONY: faults
faults: all $(BUILD)/kill_at.so
	$(Q)HSM_BUILD=$(abspath $(BUILD)) tests/faults/run --mode $(MODE) --seeds $(SEEDS)

# 200 kills of hsmctl serve under load on each database.
.PHONY: kills
kills: all $(BUILD)/deliver
	$(Q)HSM_BUILD=$(abspath $(BUILD)) HSM_KILLS=$(KILLS) tests/e2e/test_serve_kill.sh
KILLS ?= 200

# A send to 10,000 that is killed 20 times: everybody gets one message.
.PHONY: sends
sends: all
	$(Q)HSM_BUILD=$(abspath $(BUILD)) HSM_SEND_ROWS=10000 HSM_SEND_KILLS=20 tests/e2e/test_send_kill.sh

# Every call of the C library fails in turn, in each command that writes something.
.PHONY: torture
torture: all $(BUILD)/fail_calls.so
	$(Q)HSM_BUILD=$(abspath $(BUILD)) tests/faults/torture

# In the program that is tested memory is the sanitizer's own.
$(BUILD)/fail_calls.so $(BUILD)/note_argv.so: $(BUILD)/%.so: tests/faults/%.c $(OBJECTS)/flags
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter san,$(VARIANT)),-fno-sanitize=all -DWITHOUT_MEMORY) -fPIC -shared -o $@ $< $(LDFLAGS)

.PHONY: test-packages demo
demo: all
	$(Q)HSM_BUILD=$(BUILD) examples/quickstart/demo.sh

# The JSON Schemas of the kinds, from their tables; a test fails when they are
# stale.
.PHONY: schemas
schemas: $(BUILD)/hsmctl
	$< schema template > schema/template.schema.json
	$< schema config > schema/config.schema.json
	$< schema requirements > schema/requirements.schema.json
	$< schema serve > schema/serve.schema.json

# The reference page of the rules, from their table; a test fails when it is stale.
.PHONY: rules
rules: $(BUILD)/hsmctl
	$< explain --format markdown > schema/rules/README.md

# Fuzzing with clang's libFuzzer: make fuzz TARGET=yaml SECONDS=1800. What it finds is
# worth keeping goes to build/fuzz/corpus; a crash to build/fuzz.
TARGET ?= yaml
SECONDS ?= 60
.PHONY: fuzz
fuzz:
	$(Q)$(MAKE) --no-print-directory VARIANT=fuzz CC=clang build/fuzz/target/$(TARGET)
	$(Q)mkdir -p build/fuzz/corpus/$(TARGET)
	build/fuzz/target/$(TARGET) -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix=build/fuzz/ build/fuzz/corpus/$(TARGET) tests/fuzz/corpus/$(TARGET)

build/fuzz/target/%: $(OBJECTS)/tests/fuzz/fuzz_%.o $(BUILD)/libhsm.a
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(module_libs)

# Which lines no test runs.
.PHONY: coverage
coverage:
	$(Q)$(MAKE) --no-print-directory VARIANT=cov test
	gcovr --root . --filter 'schema/' --filter 'reconciler/' --filter 'cmd/' --print-summary \
		--html-details build/cov/coverage.html build/cov/objects

# The table of tests/bench/README.md, or some of its parts: PARTS="plan-50ms peers".
PARTS ?=
.PHONY: bench
bench: all $(addprefix $(BUILD)/,measure floor deliver bare_server fsync_rate messages slow_sync.so)
	$(Q).ci/install-packages bench
	$(Q)HSM_BUILD=$(abspath $(BUILD)) tests/bench/run $(PARTS)

$(BUILD)/measure $(BUILD)/floor $(BUILD)/deliver $(BUILD)/bare_server $(BUILD)/fsync_rate: $(BUILD)/%: $(OBJECTS)/tests/bench/%.o
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(module_libs)

$(BUILD)/messages: $(OBJECTS)/tests/bench/messages.o $(BUILD)/libhsm.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(module_libs)

preloads := $(BUILD)/slow_sync.so $(BUILD)/kill_at.so
$(BUILD)/slow_sync.so: tests/bench/slow_sync.c
$(BUILD)/kill_at.so: tests/faults/kill_at.c
$(preloads):
	$(Q)mkdir -p $(@D) && $(CC) $(filter-out $(variant_flags),$(ALL_CFLAGS)) -O2 -fPIC -shared -o $@ $< $(LDFLAGS)

.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $(BUILD)/hsmctl $(BUILD)/genesys-emulator $(DESTDIR)$(BINDIR)
	$(BUILD)/hsmctl help --format man > $(DESTDIR)$(MANDIR)/man1/hsmctl.1
	$(BUILD)/hsmctl completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/hsmctl
	$(BUILD)/hsmctl completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_hsmctl
	$(BUILD)/hsmctl completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/hsmctl.fish
	sed 's|/usr/local/bin|$(BINDIR)|' examples/serve/hsmctl.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/hsmctl.service

.PHONY: help
help:
	@echo "make           build/hsmctl and build/genesys-emulator"
	@echo "make demo      what hsmctl does, against the emulator"
	@echo "make test      every test (VARIANT=san: with the sanitizers; VARIANT=cov: for coverage)"
	@echo "make unit|e2e  some of them"
	@echo "make fuzz      TARGET=$(TARGET) SECONDS=$(SECONDS): clang's libFuzzer on one of: $(fuzz_targets)"
	@echo "make bench     PARTS=...: the table of tests/bench/README.md, or some parts of it"
	@echo "make faults    SEEDS=$(SEEDS) MODE=$(MODE): hsmctl in bad worlds, one a seed"
	@echo "make kills     KILLS=$(KILLS) kills of hsmctl serve under load, on each database"
	@echo "make sends     a send to 10,000 recipients, killed 20 times"
	@echo "make torture   every call of the C library fails in turn, in each command that writes something"
	@echo "make coverage  which lines no test runs: build/cov/coverage.html"
	@echo "make schemas   writes schema/*.schema.json anew"
	@echo "make rules     writes schema/rules/README.md anew"
	@echo "make install   PREFIX=$(PREFIX), DESTDIR"
	@echo "make packages  what Debian 12 needs for building and testing"

.PHONY: packages
packages:
	.ci/install-packages build test

.PHONY: clean
clean:
	rm -rf build

.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell test -d $(OBJECTS) && find $(OBJECTS) -name '*.d')
