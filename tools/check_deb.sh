#!/bin/sh
# Installs the Debian package in a fresh Debian 12, uses it there, and takes it away again.
#
#   tools/check_deb.sh PACKAGE.deb FOLDER ASSAY EVIDENCE     as root; needs debootstrap and network
#
# FOLDER is where the systems are made; the bare one is kept as FOLDER/bookworm.tar. ASSAY is the
# program as built here: the installed one must say the same about EVIDENCE.
set -eu
package=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
program=$(realpath "$3")
evidence=$(realpath "$4")
root=$folder/root

fail() {
    echo "check_deb: $*" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || fail "a system is made and entered: run as root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"

clean() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
}
trap clean EXIT

inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

as_user() {
    inside setpriv --reuid=analyst --regid=analyst --clear-groups --no-new-privs env HOME=/home/analyst "$@"
}

# What belongs to the package manager itself changes with every use of it.
list_files() {
    inside find / -xdev \( -path /proc -o -path /evidence -o -path /tmp -o -path /var/lib/apt \
        -o -path /var/cache/apt -o -path /var/lib/dpkg/info -o -path /var/log \) -prune -o -print |
        grep -v -e '^/var/lib/dpkg/.*-old$' -e '^/var/cache/man' -e '^/var/cache/ldconfig' -e '^/etc/ld.so.cache' | sort
}

clean
if [ ! -e "$folder/bookworm.tar" ]; then
    debootstrap --variant=minbase --include=man-db,bash-completion bookworm "$folder/fresh" \
        >"$folder/debootstrap.log" 2>&1 || fail "debootstrap failed: $folder/debootstrap.log"
    tar -C "$folder/fresh" -cf "$folder/bookworm.tar.part" .
    mv "$folder/bookworm.tar.part" "$folder/bookworm.tar"
    rm -rf "$folder/fresh"
fi
mkdir "$root"
tar -C "$root" -xf "$folder/bookworm.tar"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
inside useradd --create-home analyst
inside apt-get -q update >"$folder/apt.log" 2>&1 || fail "apt-get update: $folder/apt.log"
cp -R "$evidence" "$root/evidence"
cp "$package" "$root/tmp/assay.deb"
chmod 644 "$root/tmp/assay.deb"
list_files >"$folder/before"

inside apt-get -q -y install --no-install-recommends /tmp/assay.deb >>"$folder/apt.log" 2>&1 ||
    fail "it cannot be installed: $folder/apt.log"
echo "installed: $(inside dpkg-query -W assay)"

as_user assay version || fail "assay version"
status=0
as_user assay scan /evidence >"$folder/verdict.installed" || status=$?
want=0
"$program" scan "$root/evidence" >"$folder/verdict.built" || want=$?
[ "$status" -eq "$want" ] || fail "exit status $status, not $want"
sed "s|$root/evidence|/evidence|g" "$folder/verdict.built" | cmp - "$folder/verdict.installed" ||
    fail "the installed program says something else: $folder/verdict.installed"
echo "scanned by an ordinary user: status $status, the same verdict as of the program here"

for page in assay assay-scan assay-rules-list; do
    as_user man -P cat "$page" >"$folder/page" 2>&1 || fail "man $page"
    grep -q SYNOPSIS "$folder/page" || fail "man $page shows no page"
done
echo "manual pages: shown"
as_user bash --norc -c '
    source /usr/share/bash-completion/bash_completion
    _completion_loader assay
    complete -p assay
    COMP_WORDS=(assay scan --fo) COMP_CWORD=2
    _assay
    [ "${COMPREPLY[*]}" = --format ]' >"$folder/completion" || fail "completion"
echo "completion: loaded"
[ -d "$root/usr/share/doc/assay" ] || fail "no documents"

inside apt-get -q -y purge --autoremove assay >>"$folder/apt.log" 2>&1 || fail "purge: $folder/apt.log"
list_files >"$folder/after"
diff "$folder/before" "$folder/after" || fail "files are left, or gone, after the removal"
echo "purged: nothing is left"
