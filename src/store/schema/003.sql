-- The case file, version 3: findings of correlations name events on which they rest.

CREATE TABLE finding_event (
    finding  TEXT NOT NULL REFERENCES finding (id),
    place    INTEGER NOT NULL,
    title    TEXT NOT NULL,
    evidence TEXT NOT NULL REFERENCES evidence (id),
    time     INTEGER,
    offset   INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    record   INTEGER,
    PRIMARY KEY (finding, place)
) WITHOUT ROWID;
CREATE INDEX finding_event_evidence ON finding_event (evidence);
