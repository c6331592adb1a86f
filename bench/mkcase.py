#!/usr/bin/env python3
"""Makes a case of very many findings out of a small one, by SQL: mkcase.py CASE OUT [FINDINGS]

Each finding of CASE is repeated with other ids, times and offsets, so that every table and index
has the size of a large scan; the document's amounts follow. For measuring, not for judging.
"""
import hashlib
import json
import shutil
import sqlite3
import sys

case, out = sys.argv[1:3]
wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000

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
text = json.dumps(document)
db.execute("UPDATE verdict SET json = ?, digest = ? WHERE id = ?",
           (text, hashlib.sha256(text.encode()).hexdigest(), number))
db.commit()
print("%s: findings %d" % (out, count))
