-- What can serve: one revision in one runtime, named by the digest of its canonical description.
-- Only its revision may go away, when nothing protects it any more; the description stays for history.
CREATE TABLE backend (
  id         INTEGER PRIMARY KEY,
  digest     BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  endpoint   INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT,
  revision   INTEGER REFERENCES revision (id) ON DELETE SET NULL,
  spec       TEXT    NOT NULL,
  canonical  BLOB    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX backend_by_endpoint ON backend (endpoint);
CREATE INDEX backend_by_revision ON backend (revision) WHERE revision IS NOT NULL;

CREATE TRIGGER backend_is_fixed BEFORE UPDATE OF digest, endpoint, spec, canonical, created_at ON backend
BEGIN SELECT RAISE(ABORT, 'a backend never changes'); END;
CREATE TRIGGER backend_stays BEFORE DELETE ON backend
BEGIN SELECT RAISE(ABORT, 'backends are never deleted'); END;
