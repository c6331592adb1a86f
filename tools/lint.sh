#!/bin/sh
# All checks that need no test run; every one is made, and all failures are told.
#
#   tools/lint.sh BUILD    a built folder: compile_commands.json and generated headers
#
# LINT_STEPS   how far the static analyzer follows one function (30000; make lint LINT_STEPS=225000)
set -u
build=$1
failed=

check() {
    name=$1
    shift
    echo "lint: $name"
    "$@" || failed="$failed $name"
}

sources() {
    git ls-files "$@" | grep '\.[ch]$'
}

format() {
    sources | xargs clang-format --dry-run -Werror
}

# One process per file; the database has no entry for a file outside src, tests and fuzz. The
# analyzer gives up a function after so many steps: Clang's own 225000 take four times as long.
tidy() {
    option="--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang"
    # shellcheck disable=SC2086 # a list of words
    sources src | grep '\.c$' |
        xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p "$build" \
            $option "--extra-arg=max-nodes=${LINT_STEPS:-30000}" 2>"$build/tidy.log" || {
        grep -v -e 'warnings generated' -e 'Suppressed' "$build/tidy.log"
        return 1
    }
}

check clang-format format
check layers tools/check_layers.py
check banned-functions tools/check_banned.py
check headers-alone tools/check_headers.sh
check cppcheck tools/cppcheck.sh "$build"
check clang-tidy tidy
[ -z "$failed" ] || { echo "lint: failed:$failed"; exit 1; }
echo "lint: all is well"
