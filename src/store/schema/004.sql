-- The case file, version 4: findings of indicator lists say which indicator was met, and where.

ALTER TABLE finding ADD COLUMN indicator TEXT;
ALTER TABLE finding ADD COLUMN tlp TEXT;
