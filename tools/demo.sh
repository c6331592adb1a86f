#!/bin/sh
# Makes the evidence of a demonstration server that was entered, and judges it: demo.sh FOLDER
# (docs: tests/gen/README.md). Nothing here is real; addresses are reserved for documentation.
set -eu
folder=$1
program=build/assay
case=$folder/case.db

mkdir -p "$folder"
if [ ! -e "$folder/mail01.truth.json" ]; then
    echo "Making the evidence of a server that never existed in $folder/mail01 ..."
    rm -rf "$folder/mail01"
    python3 tests/gen/scenario.py entered "$folder/mail01"
fi
rm -f "$case"
echo
echo "$program scan $folder/mail01 -o $case"
echo
status=0
"$program" scan "$folder/mail01" -o "$case" >"$folder/verdict.txt" || status=$?
cat "$folder/verdict.txt"
if [ "$status" -ne 1 ]; then # 1: something was found, and this server was entered
    echo "demo: exit status $status, but this server was entered: 1 was expected" >&2
    exit 1
fi
"$program" report "$case" --html "$folder/report.html"
id=$(sed -n 's/.*entry exploited.*\[\([0-9a-f]*\)\]$/\1/p' "$folder/verdict.txt" | head -n 1)
cat <<END

The exit status was 1: something was found. The same verdict is in $folder/verdict.txt, and
as a page for whoever owns the server in $folder/report.html: open it in a browser.
What really happened to this server is told in $folder/mail01.truth.json. Try next:

    $program explain $case ${id:-ID}
        the raw evidence behind one statement; each has its [id]
    $program scan $folder/mail01 --format json
        the verdict for programs
    python3 tests/gen/scenario.py clean $folder/mail02 && $program scan $folder/mail02
        a server that nobody entered
END
