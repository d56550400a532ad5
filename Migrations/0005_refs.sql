-- Names of revisions: branches move, versions never do, aliases move and every move is kept.
-- One name means one thing in a repo, so they share a table.
CREATE TABLE ref (
  id         INTEGER PRIMARY KEY,
  repo       INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  name       TEXT    NOT NULL,
  kind       TEXT    NOT NULL CHECK (kind IN ('branch', 'version', 'alias')),
  revision   INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
  generation INTEGER NOT NULL CHECK (generation > 0),
  set_at     INTEGER NOT NULL,
  set_by     TEXT    NOT NULL,
  withdrawn  TEXT    CHECK (withdrawn IS NULL OR kind = 'version'),
  UNIQUE (repo, name)
) STRICT;
CREATE INDEX ref_by_revision ON ref (revision);
-- "The version named last" of a repo, without reading all of them.
CREATE INDEX ref_latest_version ON ref (repo, set_at DESC, id DESC) WHERE kind = 'version';

CREATE TRIGGER version_is_fixed BEFORE UPDATE OF revision, name, kind, repo ON ref WHEN OLD.kind = 'version'
BEGIN SELECT RAISE(ABORT, 'a version never moves'); END;

-- from_commit and to_commit are ids, not rows: history outlives what it tells of.
CREATE TABLE alias_move (
  id          INTEGER PRIMARY KEY,
  repo        INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  name        TEXT    NOT NULL,
  from_commit BLOB,
  to_commit   BLOB,
  at          INTEGER NOT NULL,
  by          TEXT    NOT NULL
) STRICT;
CREATE INDEX alias_move_by_name ON alias_move (repo, name, id DESC);
