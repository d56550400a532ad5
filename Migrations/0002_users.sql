-- Who may act. A user's own namespace has the user's name; organisations are owners too.
-- folded is the lower-case spelling: two names that differ only in case cannot both exist.
CREATE TABLE owner (
  id         INTEGER PRIMARY KEY,
  name       TEXT    NOT NULL,
  folded     TEXT    NOT NULL UNIQUE,
  kind       TEXT    NOT NULL CHECK (kind IN ('user', 'organisation')),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
  id            INTEGER PRIMARY KEY,
  owner         INTEGER NOT NULL UNIQUE REFERENCES owner (id) ON DELETE RESTRICT,
  is_site_admin INTEGER NOT NULL CHECK (is_site_admin IN (0, 1)),
  created_at    INTEGER NOT NULL
) STRICT;

-- Only the SHA-256 of a secret is kept: 200 random bits need no slow hash.
CREATE TABLE token (
  id           INTEGER PRIMARY KEY,
  user         INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  name         TEXT    NOT NULL,
  hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  role         TEXT    NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX token_by_user ON token (user);

CREATE TABLE owner_role (
  owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
  user  INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role  TEXT    NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
  PRIMARY KEY (owner, user)
) STRICT, WITHOUT ROWID;
