-- What a committed change asks for outside the database: carried out at least once, in order, and
-- removed when done. The same thing is asked once for each generation.
CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY,
  endpoint   INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT,
  release    INTEGER REFERENCES release (id) ON DELETE RESTRICT,
  generation INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  payload    TEXT    NOT NULL,
  due        INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE (release, generation, kind)
) STRICT;
CREATE UNIQUE INDEX outbox_of_endpoint ON outbox (endpoint, generation, kind) WHERE release IS NULL;
CREATE INDEX outbox_by_endpoint ON outbox (endpoint, id);
CREATE INDEX outbox_by_due ON outbox (due, id);
