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

MODULES := libcurl yaml-0.1 libcjson libgit2 libmicrohttpd sqlite3 libutf8proc libpcre2-8 openssl
PKG_CONFIG ?= pkg-config

warnings := -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wwrite-strings -Wundef \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2 \
	-Wimplicit-fallthrough -Wswitch-enum -fno-common $(if $(WERROR),-Werror)
variant_release := -O2 -g
variant_san := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
variant_cov := -O0 -g --coverage
variant_flags := $(variant_$(VARIANT))

ifeq ($(variant_flags),)
$(error VARIANT is release, san or cov, not '$(VARIANT)')
endif

# Goals that must work where nothing is installed yet.
bare_goals := help demo packages clean
ifneq ($(filter-out $(bare_goals),$(or $(MAKECMDGOALS),all)),)
missing := $(shell for module in $(MODULES); do $(PKG_CONFIG) --exists $$module 2>/dev/null || echo $$module; done)
ifneq ($(missing)$(if $(MAKELEVEL),,$(filter test,$(MAKECMDGOALS))),)
ifneq ($(missing),)
ifneq ($(filter test check,$(MAKECMDGOALS)),)
installed := $(shell .ci/install-packages build test >&2 && echo yes)
endif
ifneq ($(installed),yes)
$(error missing: $(missing). On Debian 12: .ci/install-packages build; elsewhere install these pkg-config modules)
endif
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

$(OBJECTS)/%.o: %.c $(OBJECTS)/flags
	$(Q)mkdir -p $(@D) && echo "  CC    $<" && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Other flags rebuild everything.
$(OBJECTS)/flags: force
	$(Q)mkdir -p $(@D) && echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' > $@

.PHONY: force
force:

.PHONY: unit
unit: $(unit_tests)
	$(Q)status=0; for test in $(unit_tests); do echo "== $$test"; $$test || status=1; done; exit $$status

.PHONY: packages
packages:
	.ci/install-packages build test

.PHONY: clean
clean:
	rm -rf build

.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell test -d $(OBJECTS) && find $(OBJECTS) -name '*.d')
