#!/bin/sh
# Fails if a header does not compile alone: each must include what it needs, and no more is
# asked of those who include it. Run from the project's root.
set -u
failed=0
for header in src/*/*.h tests/unit/*.h; do
    case $header in *.tbl.h) continue ;; esac # tables are included with a macro around them
    printf '#include "%s"\n' "$header" |
        ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Isrc -I. \
            -fsyntax-only -x c - || { echo "$header: does not compile alone"; failed=1; }
done
exit $failed
