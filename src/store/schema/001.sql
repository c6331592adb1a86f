-- The case file, version 1. What each column means: docs/case.md.
-- Times are 100 ns steps since 1970-01-01 UTC; NULL where unknown.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE host (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    key   TEXT NOT NULL UNIQUE,
    short TEXT NOT NULL
);
CREATE INDEX host_short ON host (short);

CREATE TABLE evidence (
    id       TEXT PRIMARY KEY,
    path     TEXT NOT NULL,
    sha256   TEXT,
    bytes    INTEGER NOT NULL,
    format   TEXT,
    events   INTEGER NOT NULL,
    first    INTEGER,
    last     INTEGER,
    modified INTEGER
);
CREATE INDEX evidence_sha256 ON evidence (sha256);

CREATE TABLE finding (
    id          TEXT PRIMARY KEY,
    rule        TEXT,
    title       TEXT NOT NULL,
    level       TEXT NOT NULL,
    rule_source TEXT NOT NULL,
    pack        TEXT,
    host        INTEGER NOT NULL REFERENCES host (id),
    evidence    TEXT NOT NULL REFERENCES evidence (id),
    kind        TEXT NOT NULL,
    source      TEXT NOT NULL,
    time        INTEGER,
    corrected   INTEGER NOT NULL,
    offset      INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    record      INTEGER,
    marks       INTEGER NOT NULL,
    excerpt     BLOB
);
CREATE INDEX finding_time ON finding (time);
CREATE INDEX finding_evidence ON finding (evidence);

CREATE TABLE fact (
    id         TEXT PRIMARY KEY,
    host       INTEGER NOT NULL REFERENCES host (id),
    pack       TEXT,
    axis       TEXT,
    state      TEXT,
    kind       TEXT,
    confidence TEXT,
    what       TEXT NOT NULL,
    first      INTEGER,
    last       INTEGER,
    corrected  INTEGER NOT NULL,
    object     TEXT,
    request    TEXT,
    mailbox    TEXT,
    bytes      INTEGER NOT NULL
);
CREATE INDEX fact_first ON fact (first);

CREATE TABLE fact_finding (
    fact    TEXT NOT NULL REFERENCES fact (id),
    finding TEXT NOT NULL REFERENCES finding (id),
    PRIMARY KEY (fact, finding)
) WITHOUT ROWID;
CREATE INDEX fact_finding_finding ON fact_finding (finding);

CREATE TABLE fact_initiator (
    fact  TEXT NOT NULL REFERENCES fact (id),
    value TEXT NOT NULL,
    PRIMARY KEY (fact, value)
) WITHOUT ROWID;
CREATE INDEX fact_initiator_value ON fact_initiator (value);

CREATE TABLE gap (
    evidence  TEXT NOT NULL REFERENCES evidence (id),
    from_byte INTEGER NOT NULL,
    to_byte   INTEGER NOT NULL,
    why       TEXT NOT NULL,
    PRIMARY KEY (evidence, from_byte, to_byte, why)
) WITHOUT ROWID;

CREATE TABLE verdict (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    digest      TEXT NOT NULL UNIQUE,
    tool        TEXT NOT NULL,
    exit_status INTEGER NOT NULL,
    json        TEXT NOT NULL
);

CREATE TABLE campaign (
    verdict        INTEGER NOT NULL REFERENCES verdict (id),
    host           INTEGER NOT NULL REFERENCES host (id),
    pack           TEXT NOT NULL,
    headline       TEXT NOT NULL,
    window_from    INTEGER,
    window_to      INTEGER,
    exposure       TEXT NOT NULL,
    entry          TEXT NOT NULL,
    entry_inferred INTEGER NOT NULL,
    backdoor       TEXT NOT NULL,
    action         TEXT NOT NULL,
    loss           TEXT NOT NULL,
    PRIMARY KEY (verdict, host, pack)
) WITHOUT ROWID;

CREATE TABLE coverage (
    verdict  INTEGER NOT NULL,
    host     INTEGER NOT NULL,
    pack     TEXT NOT NULL,
    source   TEXT NOT NULL,
    part     TEXT NOT NULL,
    present  INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    damaged  INTEGER NOT NULL,
    PRIMARY KEY (verdict, host, pack, source, part),
    FOREIGN KEY (verdict, host, pack) REFERENCES campaign (verdict, host, pack)
) WITHOUT ROWID;

CREATE TABLE coverage_interval (
    verdict INTEGER NOT NULL,
    host    INTEGER NOT NULL,
    pack    TEXT NOT NULL,
    source  TEXT NOT NULL,
    part    TEXT NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('covered', 'gap', 'hole')),
    from_time INTEGER,
    to_time   INTEGER,
    FOREIGN KEY (verdict, host, pack, source, part)
        REFERENCES coverage (verdict, host, pack, source, part)
);
CREATE INDEX coverage_interval_of ON coverage_interval (verdict, host, pack, source, part);

-- For people with a SQL shell: facts in order, with readable times.
CREATE VIEW timeline AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', fact.first / 10000000, 'unixepoch') AS time,
       host.name AS host, fact.pack, fact.axis, fact.state, fact.confidence, fact.what,
       fact.id
FROM fact JOIN host ON host.id = fact.host
ORDER BY fact.first, fact.id;
