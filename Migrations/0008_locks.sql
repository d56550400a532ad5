-- A registered deploy lock: the revisions it names can be neither deleted nor collected.
CREATE TABLE lock (
  id         INTEGER PRIMARY KEY,
  digest     BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  name       TEXT    NOT NULL,
  bytes      BLOB    NOT NULL,
  created_at INTEGER NOT NULL,
  created_by INTEGER NOT NULL REFERENCES user (id) ON DELETE RESTRICT
) STRICT;

CREATE TABLE lock_revision (
  lock     INTEGER NOT NULL REFERENCES lock (id) ON DELETE CASCADE,
  revision INTEGER NOT NULL REFERENCES revision (id) ON DELETE RESTRICT,
  PRIMARY KEY (lock, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX lock_revision_by_revision ON lock_revision (revision);
