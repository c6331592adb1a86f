#!/bin/sh
# Cppcheck over src: cppcheck.sh BUILD (for the generated headers).
set -eu
exec cppcheck -j "$(nproc)" --quiet --std=c11 --error-exitcode=1 --inline-suppr \
    --enable=warning,performance,portability --suppressions-list=tools/cppcheck.txt \
    -D_GNU_SOURCE -DASSAY_VERSION='""' -Isrc -I"$1/src/rule" src
