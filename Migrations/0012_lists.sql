-- What lists are filtered and shown by.

-- What the model card of each repo says, kept so that no file has to be opened for a list.
-- commit_id is the revision it was read from: an id, not a row, because it may be collected.
CREATE TABLE repo_card (
  repo         INTEGER PRIMARY KEY REFERENCES repo (id) ON DELETE CASCADE,
  commit_id    BLOB    NOT NULL CHECK (length(commit_id) = 20),
  json         TEXT,
  tags         TEXT    NOT NULL,
  pipeline_tag TEXT,
  library      TEXT,
  parameters   INTEGER CHECK (parameters >= 0)
) STRICT;

-- The same tags in lower case, one a row, for filters.
CREATE TABLE repo_tag (
  tag  TEXT    NOT NULL,
  repo INTEGER NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
  PRIMARY KEY (tag, repo)
) STRICT, WITHOUT ROWID;
CREATE INDEX repo_tag_by_repo ON repo_tag (repo);

-- Repos whose main moved since their card was read, written in the transaction that moves it. What
-- was there before this table has to be read once.
CREATE TABLE card_due (
  repo INTEGER PRIMARY KEY REFERENCES repo (id) ON DELETE CASCADE
) STRICT;
INSERT INTO card_due (repo) SELECT repo FROM ref WHERE name = 'main' AND kind = 'branch';

-- "Which organisations is this user in?": the primary key answers the other way.
CREATE INDEX owner_role_by_user ON owner_role (user);
