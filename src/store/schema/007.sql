-- The case file, version 7: scans under way, what their workers said so far, and a log of what
-- was done with this case.

CREATE TABLE scan (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    tool      TEXT NOT NULL,
    setup     TEXT NOT NULL,
    arguments TEXT NOT NULL,
    paths     TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'complete')),
    verdict   INTEGER REFERENCES verdict (id)
);

CREATE TABLE part (
    id     INTEGER PRIMARY KEY,
    scan   INTEGER NOT NULL REFERENCES scan (id),
    pieces BLOB NOT NULL,
    digest BLOB NOT NULL,
    said   BLOB NOT NULL
);

CREATE TABLE audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    time        INTEGER NOT NULL,
    event       TEXT NOT NULL CHECK (event IN ('started', 'resumed', 'interrupted', 'complete')),
    tool        TEXT NOT NULL,
    setup       TEXT NOT NULL,
    arguments   TEXT NOT NULL,
    paths       TEXT NOT NULL,
    verdict     TEXT,
    exit_status INTEGER
);
