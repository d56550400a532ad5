-- A repo is found by (kind, folded owner/name), and known by id everywhere else, so that a
-- rename changes one row.
CREATE TABLE repo (
  id          INTEGER PRIMARY KEY,
  kind        TEXT    NOT NULL CHECK (kind IN ('model', 'dataset')),
  owner       INTEGER NOT NULL REFERENCES owner (id) ON DELETE RESTRICT,
  name        TEXT    NOT NULL,
  folded      TEXT    NOT NULL,
  is_private  INTEGER NOT NULL CHECK (is_private IN (0, 1)),
  description TEXT    NOT NULL,
  generation  INTEGER NOT NULL CHECK (generation > 0),
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  downloads   INTEGER NOT NULL,
  UNIQUE (kind, folded)
) STRICT;
CREATE INDEX repo_by_owner ON repo (owner);
-- The list shows what changed last first.
CREATE INDEX repo_by_change ON repo (kind, updated_at DESC, id DESC);

CREATE TABLE repo_role (
  repo INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role TEXT    NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
  PRIMARY KEY (repo, user)
) STRICT, WITHOUT ROWID;

-- An old name leads to the repo until somebody takes it again.
CREATE TABLE repo_former_name (
  kind   TEXT    NOT NULL,
  folded TEXT    NOT NULL,
  repo   INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, folded)
) STRICT, WITHOUT ROWID;

-- Words of name and description, cut by the program (Han text into pairs), so that ranking
-- and matching do not depend on the engine's tokenizer.
CREATE VIRTUAL TABLE repo_search USING fts5 (words, tokenize = 'unicode61');
