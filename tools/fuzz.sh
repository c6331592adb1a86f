#!/bin/sh
# Fuzzes one entry with libFuzzer: fuzz.sh BUILD TARGET SECONDS
#
# Starts from fuzz/corpus/TARGET and what earlier runs found in BUILD/corpus/TARGET, where new
# inputs go too; the seeds in the repository stay few. An input that crashes is left in BUILD:
# it belongs into fuzz/regress/TARGET, in one commit with its fix.
set -eu
root=$(pwd)
build=$1
target=$2
seconds=$3
if [ -z "$target" ] || [ ! -e "fuzz/fuzz_$target.c" ]; then
    echo "usage: make fuzz T=target S=seconds; targets:"
    ls fuzz | sed -n 's/^fuzz_\(.*\)\.c$/    \1/p'
    exit 2
fi
ninja -C "$build" "fuzz/fuzz_$target"
mkdir -p "$build/corpus/$target"
dict=
[ ! -e "fuzz/dict/$target.dict" ] || dict=-dict=$root/fuzz/dict/$target.dict
cd "$build"
exec "fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 $dict \
    "corpus/$target" "$root/fuzz/corpus/$target" "$root/fuzz/regress/$target"
