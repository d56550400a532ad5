-- A blob row stands for bytes that are on disk: bytes before rows. git_id is the id git gives
-- the bytes themselves; it is absent for large files, which git sees as LFS pointers.
CREATE TABLE blob (
  id     INTEGER PRIMARY KEY,
  digest BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  size   INTEGER NOT NULL CHECK (size >= 0),
  git_id BLOB    CHECK (length(git_id) = 20)
) STRICT;

-- A folder, named by the SHA-256 of what it holds, so that an unchanged folder is one row in
-- all revisions of all repos. SHA-1 is not trusted to tell two folders apart.
CREATE TABLE tree (
  id     INTEGER PRIMARY KEY,
  digest BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  git_id BLOB    NOT NULL CHECK (length(git_id) = 20),
  files  INTEGER NOT NULL,
  size   INTEGER NOT NULL
) STRICT;

CREATE TABLE tree_entry (
  tree          INTEGER NOT NULL REFERENCES tree (id) ON DELETE CASCADE,
  name          TEXT    NOT NULL,
  child         INTEGER REFERENCES tree (id) ON DELETE RESTRICT,
  blob          INTEGER REFERENCES blob (id) ON DELETE RESTRICT,
  is_executable INTEGER NOT NULL CHECK (is_executable IN (0, 1)),
  is_lfs        INTEGER NOT NULL CHECK (is_lfs IN (0, 1)),
  git_id        BLOB    NOT NULL CHECK (length(git_id) = 20),
  PRIMARY KEY (tree, name),
  CHECK ((child IS NULL) <> (blob IS NULL))
) STRICT, WITHOUT ROWID;
-- Collection asks who still holds a folder or a blob.
CREATE INDEX tree_entry_by_child ON tree_entry (child) WHERE child IS NOT NULL;
CREATE INDEX tree_entry_by_blob ON tree_entry (blob) WHERE blob IS NOT NULL;

-- raw is the commit exactly as git hashes it; commit_id is its SHA-1.
CREATE TABLE revision (
  id         INTEGER PRIMARY KEY,
  repo       INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  commit_id  BLOB    NOT NULL CHECK (length(commit_id) = 20),
  tree       INTEGER NOT NULL REFERENCES tree (id) ON DELETE RESTRICT,
  manifest   BLOB    NOT NULL CHECK (length(manifest) = 32),
  raw        BLOB    NOT NULL,
  author     TEXT    NOT NULL,
  message    TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (repo, commit_id)
) STRICT;
CREATE INDEX revision_by_tree ON revision (tree);

CREATE TABLE revision_parent (
  revision INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  parent   INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
  PRIMARY KEY (revision, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX revision_parent_by_parent ON revision_parent (parent);

-- Which repos hold a folder or a blob: a digest may be read, or counted as present, only by
-- somebody who can read one of these repos.
CREATE TABLE repo_tree (
  repo INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  tree INTEGER NOT NULL REFERENCES tree (id) ON DELETE CASCADE,
  PRIMARY KEY (repo, tree)
) STRICT, WITHOUT ROWID;
CREATE INDEX repo_tree_by_tree ON repo_tree (tree);
CREATE TABLE repo_blob (
  blob INTEGER NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
  repo INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  PRIMARY KEY (blob, repo)
) STRICT, WITHOUT ROWID;
CREATE INDEX repo_blob_by_repo ON repo_blob (repo);
