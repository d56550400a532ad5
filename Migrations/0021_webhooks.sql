-- Who is told of releases. A delivery waits until it is answered; the next one of the same release
-- to the same webhook waits behind it.
CREATE TABLE webhook (
  id         INTEGER PRIMARY KEY,
  name       TEXT    NOT NULL UNIQUE,
  url        TEXT    NOT NULL,
  secret     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT    NOT NULL,
  last_error TEXT
) STRICT;

CREATE TABLE delivery (
  id         INTEGER PRIMARY KEY,
  webhook    INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  release    INTEGER NOT NULL REFERENCES release (id) ON DELETE RESTRICT,
  sequence   INTEGER NOT NULL,
  part       INTEGER NOT NULL,
  body       TEXT    NOT NULL,
  due        INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (webhook, release, sequence, part)
) STRICT;
CREATE INDEX delivery_by_due ON delivery (due, id);
CREATE INDEX delivery_by_release ON delivery (release);
