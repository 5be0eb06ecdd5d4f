# SPDX-License-Identifier: Apache-2.0
# A short front for Meson and Ninja. `make demo` and `make check` are all that a newcomer needs.

BUILD := build
ASAN  := build/asan
FUZZ  := build/fuzz
JOBS  ?= 2
# A Python that has PyYAML; Debian's own has it once the packages are there, another one may stand before it in PATH.
PYTHON = $(shell python3 -c 'import yaml' 2>/dev/null && echo python3 || echo /usr/bin/python3)
SUDO  := $(shell test "$$(id -u)" = 0 || echo sudo)

# What the product is built from and runs with, and what its tests need: all from Debian 12.
PACKAGES := build-essential meson ninja-build pkg-config python3 python3-yaml gettext \
    libyaml-dev libarchive-dev libsqlite3-dev libssl-dev libseccomp-dev libpcre2-dev libicu-dev \
    libcmocka-dev zlib1g-dev libjansson-dev libmicrohttpd-dev libqrencode-dev libsodium-dev
CHECK_PACKAGES := libarchive-tools strace
FUZZ_PACKAGES := clang libclang-rt-14-dev
# Of nodejs and npm any version from 18 on will do, wherever it comes from.
WEB_PACKAGES := chromium $(if $(shell command -v npm),,nodejs npm)
LINT_PACKAGES := clang-format clang-tidy cppcheck

.PHONY: all demo check check-fast check-peers check-web bench bench-check bench-accept bench-profile bench-doc bench-registry fuzz lint dist install packages clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS)

$(BUILD)/build.ninja:
	@meson setup $(BUILD) $(MESON_OPTIONS)

# Installs only what is missing, so that no network is needed once all is there.
define install_packages
	@missing="$$(for p in $(1); do \
	    dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done)"; \
	if [ -n "$$missing" ]; then \
	    echo "installing: $$missing"; \
	    $(SUDO) apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

packages:
	$(call install_packages,$(PACKAGES))

demo: packages
	@$(MAKE) --no-print-directory all
	@rm -rf $(BUILD)/demo
	@status=0; $(BUILD)/vigie audit examples/office-breach -o $(BUILD)/demo \
	    --consent examples/office-breach-consent.txt || status=$$?; \
	if [ $$status -gt 1 ]; then exit $$status; fi; \
	echo; echo "The report: file://$(abspath $(BUILD)/demo/report.html)"

# All tests: the release build's, then the unit tests and the fuzz corpora under ASan and UBSan.
check: packages
	$(call install_packages,$(CHECK_PACKAGES))
	@tools/check.sh $(BUILD) $(ASAN) $(JOBS)

# The same without the sanitizers' part and without what takes minutes.
check-fast: packages all
	@meson test -C $(BUILD) --suite unit --suite quick --print-errorlogs

# Against other programs (evtx_dump, pySigma, clients of the registry, a browser): installs them with cargo, pip and npm under build/peers.
check-peers: all
	$(call install_packages,$(WEB_PACKAGES))
	@tests/peers/run.sh $(BUILD)

# A browser (Debian's Chromium) reads and keeps the registry: axe-core on every page, a reader's and a curator's work in both languages.
check-web: all
	$(call install_packages,$(WEB_PACKAGES))
	@tests/web/run.sh $(BUILD) $(PARTS)

# The speed of everything, against evtx_dump, evtxexport and pySigma, which it installs: an hour. QUICK=1: minutes. ONLY=read,audit: these
# groups (read floors audit hard start many memory). RUNS=9: so many pairs. The table: build/bench/table.md; how: docs/performance.md.
bench: packages all
	@$(PYTHON) bench/bench.py --build $(BUILD) $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(RUNS),--runs $(RUNS))

# Instructions of small fixed runs against those kept in bench/counts.json: sees a regression on a busy machine too.
bench-check: packages all
	$(call install_packages,valgrind)
	@$(PYTHON) bench/counts.py --build $(BUILD)

# Keeps the counts of now; say in the commit why they changed.
bench-accept: packages all
	$(call install_packages,valgrind)
	@$(PYTHON) bench/counts.py --build $(BUILD) --accept

# Where an audit's instructions go, part by part.
bench-profile: packages all
	$(call install_packages,valgrind)
	@$(PYTHON) bench/profile.py --build $(BUILD)
	@$(PYTHON) bench/profile.py --build $(BUILD) --hard

# Puts build/bench/table.md into docs/performance.md.
bench-doc:
	@$(PYTHON) bench/bench.py --build $(BUILD) --doc

# The registry at 100,000 made-up incidents, its kept pages in turn with nginx: half an hour, most of it making them. Needs wrk, nginx, curl.
bench-registry: packages all
	@bench/registry.sh $(BUILD)

# make fuzz T=evtx [SECONDS=3600]: runs one fuzz target; new findings are left in build/fuzz/crashes.
SECONDS ?= 600
fuzz: packages
	$(call install_packages,$(FUZZ_PACKAGES))
	@test -n "$(T)" || { echo "make fuzz T=NAME [SECONDS=$(SECONDS)]; names are the folders in tests/fuzz"; exit 2; }
	@tools/fuzz.sh $(FUZZ) $(T) $(SECONDS)

lint: packages
	$(call install_packages,$(LINT_PACKAGES) $(FUZZ_PACKAGES))
	@tools/lint.sh $(BUILD)

dist:
	@git archive --format=tar.gz --prefix=vigie-$$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)/ \
	    -o $(BUILD)/vigie.tar.gz HEAD && echo $(BUILD)/vigie.tar.gz

install: all
	@meson install -C $(BUILD)

clean:
	rm -rf $(BUILD)
