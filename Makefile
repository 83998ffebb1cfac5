# SPDX-License-Identifier: GPL-2.0
# Top of the vmmq tree: the module, its command-line tool, the demo and the tests.

# The kernels of check: the one that is asked for, else all.
KERNELS := $(or $(KERNEL),all)
KERNEL ?= 6.1
CPUS ?= 4
TESTS ?=
FILES ?=
MUTANTS ?=
HOST ?=
JOBS ?=
UNTIL ?=
export KERNEL CPUS HOST JOBS UNTIL

# Headers of the kernel to build for: those of the test machine's kernel if it was made
# once, else those installed on this machine.
ifndef KDIR
KDIR := $(shell tools/vm/kdir $(KERNEL))
endif

DRIVER := $(CURDIR)/drivers/net/vmmq

all: module tool

# 	Building
# module: build drivers/net/vmmq/vmmq.ko
module:
	@test -n "$(KDIR)" || { \
		echo "no headers of kernel $(KERNEL): apt-get install linux-headers-amd64," \
			"or give KDIR=/lib/modules/<release>/build" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(DRIVER)" modules

# tool: build tools/vmmqctl/vmmqctl
tool:
ifneq ($(wildcard tools/vmmqctl/Makefile),)
	@if pkg-config --exists libmnl 2>/dev/null; then \
		$(MAKE) -C tools/vmmqctl; \
	else \
		echo "vmmqctl is not built: the Debian package libmnl-dev is missing"; \
	fi
endif

# netlink: make header and tables of the control family from its spec again
netlink:
	@tools/netlink/generate

# netlink-check: fail if they differ from the spec
netlink-check:
	@tools/netlink/generate --check

# clean: remove what was built; the cache of guest systems stays
clean:
	$(if $(wildcard $(KDIR)),$(MAKE) -C "$(KDIR)" M="$(DRIVER)" clean)
	$(if $(wildcard tools/vmmqctl/Makefile),$(MAKE) -C tools/vmmqctl clean)
	$(if $(wildcard selftests/unit/Makefile),$(MAKE) -C selftests/unit clean)
	rm -rf build

# 	Running (as root these install what is missing)
# demo: boot a test machine and show the module at work in it
demo:
	@tools/vm/demo

# check: all tests, on KERNEL or else on all; the last line is "N passed, N failed, N skipped"
check:
	@tools/setup/require unit module tool vm lint
	@tools/vm/check --kernel $(KERNELS) $(TESTS)

# check-all: all tests on all kernels, whatever KERNEL says
check-all:
	@tools/setup/require unit module tool vm lint
	@tools/vm/check --kernel all $(TESTS)

# check-debug: all tests on a kernel full of checks, built when it is not there (20 minutes)
check-debug:
	@tools/setup/require unit module tool vm debug
	@tools/vm/check --kernel debug $(TESTS)

# check-upstream: the kernel's own NIC tests, against selftests/upstream/expected
check-upstream:
	@tools/setup/require module vm
	@tools/upstream/check $(FILES)

# unit: only the tests that need no machine
unit:
	@tools/setup/require unit tool
	@tools/vm/check --unit

# mutants: break the module in small ways; the tests have to notice each (20 minutes)
mutants:
	@tools/setup/require module tool vm
	@tools/vm/mutants --kernel $(KERNEL) $(MUTANTS)

# bench-control: how fast steering changes, in a test machine
bench-control:
	@tools/vm/run -- tools/bench/control

# lint: style of scripts and sources; warnings of compiler and sparse on all kernels
lint:
	@tools/setup/require lint
	@tools/vm/lint

# help: this list
help:
	@awk '/^# \t/ { sub(/^# \t/, ""); printf "\n%s\n", $$0; next } \
	      /^# [a-z-]+: / { name = $$2; sub(/:$$/, "", name); sub(/^# [a-z-]+: /, ""); \
			      printf "  make %-14s %s\n", name, $$0 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo 'Variables'
	@echo '  KDIR    headers to build the module for   ($(or $(KDIR),none found))'
	@echo '  KERNEL  kernel of the test machine        (all for check, else $(KERNEL); known: $(shell awk \
		'/^[0-9d]/ { printf "%s%s", sep, $$1; sep = " " }' tools/vm/kernels))'
	@echo '  CPUS    CPUs of the test machine          ($(CPUS))'
	@echo '  TESTS   for check: only these programs    ($(or $(TESTS),all of selftests/Makefile))'
	@echo '  FILES   for check-upstream: only these    ($(or $(FILES),all of both folders))'
	@echo '  MUTANTS for mutants: only of these names  ($(or $(MUTANTS),all of selftests/mutants))'
	@echo '  JOBS    machines at once                  ($(or $(JOBS),2 if there are as many CPUs))'
	@echo '  HOST    1: demo on this machine, no VM    ($(or $(HOST),0))'

.PHONY: all module tool netlink netlink-check clean demo check check-all check-debug \
	check-upstream mutants unit bench-control lint help
