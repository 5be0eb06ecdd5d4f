#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: tools/lint.sh BUILD
# Layout, layers, static analysis. Every check runs; the exit status is 1 when one of them complains.
set -u
build=$1
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 2
[ -f "$build/build.ninja" ] || meson setup "$build" >/dev/null || exit 2
status=0
sources=$(git ls-files 'src/*.c' 'src/*.h' 'tools/*.c' 'tools/*.h' 'tests/*.c' 'bench/*.c')

echo "clang-format"
# shellcheck disable=SC2086
clang-format --dry-run --Werror $sources || status=1
echo "layers"
python3 tools/lint-layers.py || status=1
echo "cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --suppress=syntaxError --suppress=unknownMacro -I src -j 2 src || status=1
echo "clang-tidy"
# shellcheck disable=SC2046
clang-tidy -p "$build" --quiet $(git ls-files 'src/*.c') 2>/dev/null || status=1
[ $status = 0 ] && echo "lint: nothing to complain of"
exit $status
