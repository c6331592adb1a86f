-- The case file, version 5: findings in order of their corrected times, without sorting them;
-- records found outside the chunks of event logs.

DROP INDEX finding_time;
CREATE INDEX finding_when ON finding (time + corrected, id);

ALTER TABLE evidence ADD COLUMN recovered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN copies INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0;
