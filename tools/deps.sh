#!/bin/sh
# Installs what is missing of the Debian packages that the project needs.
#
#   tools/deps.sh PART...      parts: build test lint fuzz (tools/debian-packages.txt)
#
# Where all are there it does nothing and needs no rights. On a system other than Debian it
# names the packages and goes on: the build says itself what it misses.
set -eu
list=$(dirname "$0")/debian-packages.txt
wanted=
for part in "$@"; do
    found=$(awk -v part="$part" '$1 == part { print $2 }' "$list")
    [ -n "$found" ] || { echo "deps: no part named $part in $list" >&2; exit 1; }
    wanted="$wanted $found"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "deps: this is not Debian; the equivalents of these packages are needed:" >&2
    echo $wanted >&2
    exit 0
fi

missing=
for package in $wanted; do
    case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: packages are missing; as root: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
    [ -t 0 ] || as_root="sudo -n" # nobody is there to type a password
fi
echo "deps: installing$missing"
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -q -y -o DPkg::Lock::Timeout=600 "$@" </dev/null
}
apt update || echo "deps: apt-get update failed; trying with the lists that are there" >&2
# shellcheck disable=SC2086 # a list of words
apt install --no-install-recommends $missing
