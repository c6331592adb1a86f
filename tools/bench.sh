#!/bin/sh
# Measures how fast evidence is read: bench.sh BUILD
#
# The event log is one made of the well-filled chunks of the corpora's logs (bench/mkdense.py),
# so it is left out where the corpora are not. The scan is of the demonstration server.
set -eu
build=$1
folder=build/bench
corpora=${ASSAY_CORPORA:-build/corpora}

mkdir -p "$folder"
ninja -C "$build" bench/bench_evtx bench/bench_decode >/dev/null
if [ -d "$corpora" ]; then
    [ -e "$folder/dense.evtx" ] ||
        python3 bench/mkdense.py -m 256 -o "$folder/dense.evtx" "$corpora"/evtx-*
    "$build/bench/bench_evtx" -n 3 "$folder/dense.evtx"
    for logs in "$corpora"/evtx-*; do
        echo "decoding in ${logs##*/}"
        "$build/bench/bench_decode" "$corpora/sigma/rules" "$logs"
    done
else
    echo "bench: no corpora (see tools/test.sh): event logs are left out"
fi

ninja -C "$build" bench/bench_textlog bench/bench_literals >/dev/null
[ -e "$folder/text/combined.log" ] || python3 bench/mktextlogs.py "$folder/text" 100
"$build/bench/bench_textlog" -n 3 "$folder"/text/*.log
[ ! -d "$corpora/evtx-attack" ] || "$build/bench/bench_literals" "$corpora/sigma" \
    "$corpora/evtx-attack" "$folder"/text/*.log

[ -e "$folder/mail01.truth.json" ] || python3 tests/gen/scenario.py entered "$folder/mail01"
for jobs in 1 "$(nproc)"; do
    echo "assay scan --jobs $jobs $folder/mail01"
    began=$(date +%s%N)
    build/assay scan --jobs "$jobs" "$folder/mail01" >"$folder/verdict.txt" || [ $? -eq 1 ]
    echo "    $((($(date +%s%N) - began) / 1000000)) ms"
    sed -n 's/^EVIDENCE */    /p' "$folder/verdict.txt"
done
