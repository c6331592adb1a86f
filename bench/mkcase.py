#!/usr/bin/env python3
"""Makes a large case out of a small one, by SQL: mkcase.py CASE OUT [FINDINGS [HOSTS]]

Each finding of CASE is repeated with other ids, times and offsets, so that every table and index
has the size of a large scan; the document's amounts follow. With HOSTS, the first server is repeated
so often, with other names and ids of facts. For measuring, not for judging.
"""
import hashlib
import json
import re
import shutil
import sqlite3
import sys

case, out = sys.argv[1:3]
wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
hosts = int(sys.argv[4]) if len(sys.argv) > 4 else 1


def server(text, name, number):
    """The server once more: another name in all its texts, other ids."""
    short = name.split(".")[0]
    other = "SRV%03d" % number
    text = text.replace(name, "%s.site%d.example" % (other, number % 20)).replace(short, other)
    return re.sub(r'"[0-9a-f]{12}"',
                  lambda m: '"%s"' % hashlib.sha256(b"%d%s" % (number, m.group().encode())).hexdigest()[:12], text)



shutil.copyfile(case, out)
db = sqlite3.connect(out)
db.execute("PRAGMA journal_mode = OFF")
db.execute("PRAGMA synchronous = OFF")
columns = [row[1] for row in db.execute("PRAGMA table_info(finding)")]
have = db.execute("SELECT count(*) FROM finding").fetchone()[0]
times = max(1, wanted // have)
changed = {
    "id": "printf('%012x', (rowid * 2654435761 + n.value * 40503 * 65537) % 281474976710656)",
    "time": "time + n.value * 10000000",
    "offset": "offset + n.value * 4096",
}
picked = ", ".join(changed.get(c, c) for c in columns)
db.execute("WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?)"
           " INSERT OR IGNORE INTO finding (%s) SELECT %s FROM n, (SELECT rowid, * FROM finding)"
           % (", ".join(columns), picked), (times,))
count = db.execute("SELECT count(*) FROM finding").fetchone()[0]
number, text = db.execute("SELECT id, json FROM verdict ORDER BY id DESC LIMIT 1").fetchone()
document = json.loads(text)
document["stats"]["findings"] = count
if hosts > 1:
    first = document["hosts"][0]
    text = json.dumps(first)
    document["hosts"] = [json.loads(server(text, first["host"], n)) for n in range(1, hosts + 1)]
text = json.dumps(document)
db.execute("UPDATE verdict SET json = ?, digest = ? WHERE id = ?",
           (text, hashlib.sha256(text.encode()).hexdigest(), number))
db.commit()
print("%s: findings %d" % (out, count))
