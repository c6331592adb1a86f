-- The case file, version 2: findings say what was decoded or joined before a rule matched.

ALTER TABLE finding ADD COLUMN how TEXT;
ALTER TABLE finding ADD COLUMN decoded TEXT;
