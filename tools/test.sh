#!/bin/sh
# Runs the tests of a build folder and prints the closing line "N passed, N failed, N skipped".
#
#   tools/test.sh BUILD [ARGUMENT...]    arguments are those of `meson test`
#
# The corpora (recorded evidence that is not part of the project) are looked for in the folder
# that ASSAY_CORPORA names, else unpacked once from ../shared/corpora into build/corpora. The
# tests that need them are skipped where there are none.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
shift

if [ -z "${ASSAY_CORPORA:-}" ]; then
    packed=$root/../shared/corpora
    unpacked=$root/build/corpora
    if [ ! -d "$unpacked" ] && [ -e "$packed/unpack.sh" ] && command -v zstd >/dev/null; then
        fresh=$unpacked.$$
        sh "$packed/unpack.sh" "$fresh"
        mv "$fresh" "$unpacked"
    fi
    [ ! -d "$unpacked" ] || export ASSAY_CORPORA="$unpacked"
fi

log=$build/meson-logs/testlog.json
rm -f "$log"
meson test -C "$build" --print-errorlogs "$@" </dev/null || echo "meson test: status $?"
python3 "$root/tools/test_summary.py" "$log"
