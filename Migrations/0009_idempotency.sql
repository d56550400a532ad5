-- The answer that was given for an Idempotency-Key, stored with the change itself, so that a
-- repeated request after a lost answer finds it instead of doing the work twice.
CREATE TABLE idempotency (
  user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  key        TEXT    NOT NULL,
  request    BLOB    NOT NULL CHECK (length(request) = 32),
  revision   INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
