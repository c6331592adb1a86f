#!/bin/sh
# Makes the Debian package of this system's architecture: deb.sh FOLDER
#
# What is in git (or, without git, what lies here) is copied to FOLDER and built there by
# dpkg-buildpackage. The package and what was said about it stay in FOLDER.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$root"

version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
packaged=$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)
if [ "$version" != "$packaged" ]; then
    echo "deb: meson.build has version $version, packaging/debian/changelog has $packaged" >&2
    exit 1
fi

source=$out/assay-$version
rm -rf "$source"
mkdir "$source"
if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files -z | tar -c --null -T - | tar -x -C "$source"
else
    tar -c --exclude=./build . | tar -x -C "$source"
fi
cp -R packaging/debian "$source/debian"
(cd "$source" && dpkg-buildpackage -b -us -uc) >"$out/build.log" 2>&1 || {
    tail -n 40 "$out/build.log" >&2
    exit 1
}
rm -rf "$source"

package=$(ls "$out"/assay_"$version"_*.deb)
if command -v lintian >/dev/null; then
    # The project has no mailbox of its own.
    lintian --tag-display-limit 0 --fail-on error,warning --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog \
        "$package" 2>&1 || { echo "deb: lintian found faults" >&2; exit 1; }
fi
echo "$package"
