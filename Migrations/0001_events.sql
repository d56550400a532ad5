-- Everything that changes is written here in the same transaction: audit, webhooks and
-- "what was in production on 3 May, and why" all read from it. Each row holds the hash of the
-- row before, so that a row cut out or altered later is noticed.
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  actor    TEXT    NOT NULL,
  action   TEXT    NOT NULL,
  repo     TEXT,
  detail   TEXT    NOT NULL,
  previous BLOB    NOT NULL CHECK (length(previous) = 32),
  hash     BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;
-- "What happened to this repo?" without reading what happened to all others.
CREATE INDEX event_by_repo ON event (repo, sequence) WHERE repo IS NOT NULL;

CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
