-- The case file, version 6: what decided a verdict: the program, its packs, the options and the
-- files that they name, and where the evidence lay.

CREATE TABLE setup (
    verdict INTEGER NOT NULL REFERENCES verdict (id),
    place   INTEGER NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('program', 'pack', 'root', 'option')),
    name    TEXT NOT NULL,
    value   TEXT,
    files   INTEGER,
    sha256  TEXT,
    PRIMARY KEY (verdict, place)
) WITHOUT ROWID;
