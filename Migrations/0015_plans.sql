-- A plan that can be applied until it ends, or until what it was based on has changed. body holds all
-- that apply needs; the same plan made again is the same row.
CREATE TABLE plan (
  id         INTEGER PRIMARY KEY,
  hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  endpoint   TEXT    NOT NULL,
  generation INTEGER NOT NULL,
  lock       BLOB    NOT NULL CHECK (length(lock) = 32),
  lock_bytes BLOB    NOT NULL,
  body       TEXT    NOT NULL,
  made_at    INTEGER NOT NULL,
  made_by    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_by_end ON plan (expires_at);
CREATE INDEX plan_by_user ON plan (made_by);

-- The bytes of every lock that was ever applied: what protects its content may be given up, what it
-- said stays for retries, rollbacks and questions.
CREATE TABLE serving_lock (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER serving_lock_is_fixed BEFORE UPDATE ON serving_lock
BEGIN SELECT RAISE(ABORT, 'a lock never changes'); END;
