-- Who carries releases forward. Whoever took it last has it; writes under an older epoch are refused.
CREATE TABLE controller (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  owner    TEXT    NOT NULL,
  epoch    INTEGER NOT NULL CHECK (epoch > 0),
  taken_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER controller_goes_forward BEFORE UPDATE ON controller WHEN NEW.epoch <= OLD.epoch
BEGIN SELECT RAISE(ABORT, 'epochs only grow'); END;

-- The answer that an Idempotency-Key got, stored with the change.
CREATE TABLE serving_answer (
  user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  key        TEXT    NOT NULL,
  request    BLOB    NOT NULL CHECK (length(request) = 32),
  endpoint   INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT,
  release    INTEGER REFERENCES release (id) ON DELETE RESTRICT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
