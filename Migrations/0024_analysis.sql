-- What a release's verdicts are computed from: one text, replaced about once a second, and beside it
-- one row for each session that has counted, so that it counts once.
CREATE TABLE analysis (
  release   INTEGER PRIMARY KEY REFERENCES release (id) ON DELETE RESTRICT,
  body      TEXT    NOT NULL,
  stopwatch TEXT    NOT NULL,
  saved_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE analysis_session (
  release   INTEGER NOT NULL REFERENCES release (id) ON DELETE RESTRICT,
  key       INTEGER NOT NULL,
  harmed    INTEGER NOT NULL,
  is_closed INTEGER NOT NULL CHECK (is_closed IN (0, 1)),
  PRIMARY KEY (release, key)
) STRICT, WITHOUT ROWID;
