#!/usr/bin/env python3
"""Fails if a file includes a header from a layer it may not see, or a third-party header
that belongs to another file. Run from the project's root."""
import pathlib
import re
import sys

BELOW = {  # layer: the layers it may include, besides itself
    "base": "",
    "sys": "base",
    "format": "base",
    "event": "base format",
    "rule": "base event",
    "detect": "base sys format event rule",
    "judge": "base sys format event rule detect",
    "store": "base sys event rule detect judge",
    "scan": "base sys format event rule detect judge store",
    "report": "base sys event rule detect judge store",
    "cli": "base sys format event rule detect judge store scan report",
}
OWNERS = {  # third-party header: the files that may include it
    "archive.h": ["format/arc.c"],
    "archive_entry.h": ["format/arc.c"],
    "emmintrin.h": ["base/ascii.c", "format/scan_bytes.c"],
    "maxminddb.h": ["sys/geoip.c"],
    "openssl/evp.h": ["base/digest.c", "sys/sign.c"],
    "pcre2.h": ["rule/regex.c"],
    "seccomp.h": ["sys/jail_calls.c"],
    "sqlite3.h": ["store/db.c"],
    "tsk/libtsk.h": ["format/volume.c"],
    "yaml.h": ["rule/yaml.c"],
    "yara.h": ["rule/yara.c"],
    "zlib.h": ["format/crc32.c", "format/gzip.c"],
    "zstd.h": ["format/zstd.c"],
    "zstd_errors.h": ["format/zstd.c"],
}
# Headers of the C library and the system; every other one needs a row in OWNERS.
SYSTEM = set("""assert.h ctype.h dirent.h errno.h fcntl.h fnmatch.h immintrin.h inttypes.h
limits.h locale.h math.h poll.h sched.h signal.h stdarg.h stdbool.h stdckdint.h stddef.h stdint.h
stdio.h stdlib.h string.h strings.h termios.h time.h unistd.h""".split())


def complaint(layer, here, line):
    """What is wrong with a line of src/`here`, or None."""
    own = re.match(r'\s*#\s*include "([^"]+)"', line)
    if own:
        into, slash, _ = own[1].partition("/")
        if slash and into not in {layer, *BELOW[layer].split()}:
            return f"{layer} may not include {into}"
        return None
    other = re.match(r"\s*#\s*include <([^>]+)>", line)
    if not other or other[1] in SYSTEM or re.match(r"(arpa|linux|netinet|sys)/", other[1]):
        return None
    name = other[1]
    if name in OWNERS:
        return None if here in OWNERS[name] else f"only {OWNERS[name]} may include <{name}>"
    return f"<{name}> has no owner in tools/check_layers.py"


def main():
    bad = 0
    for path in sorted(pathlib.Path("src").glob("*/*.[chS]")):
        layer, here = path.parts[1], "/".join(path.parts[1:])
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            wrong = complaint(layer, here, line)
            if wrong:
                bad += 1
                print(f"{path}:{n}: {wrong}")
    return bad > 0


sys.exit(main())
