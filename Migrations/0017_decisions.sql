-- What was decided by which rule from which numbers, and by whom a step was approved.
CREATE TABLE decision (
  release       INTEGER NOT NULL REFERENCES release (id) ON DELETE RESTRICT,
  sequence      INTEGER NOT NULL CHECK (sequence > 0),
  event         INTEGER NOT NULL CHECK (event >= 0),
  rule          TEXT    NOT NULL,
  verdict       TEXT    NOT NULL,
  reason        TEXT    NOT NULL,
  inputs        TEXT    NOT NULL,
  inputs_digest BLOB    NOT NULL CHECK (length(inputs_digest) = 32),
  actor         TEXT    NOT NULL,
  at            INTEGER NOT NULL,
  PRIMARY KEY (release, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER decision_is_fixed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;

CREATE TABLE approval (
  id          INTEGER PRIMARY KEY,
  release     INTEGER NOT NULL REFERENCES release (id) ON DELETE RESTRICT,
  step        INTEGER NOT NULL,
  generation  INTEGER NOT NULL,
  lock        BLOB    NOT NULL CHECK (length(lock) = 32),
  actor       TEXT    NOT NULL,
  is_approval INTEGER NOT NULL CHECK (is_approval IN (0, 1)),
  comment     TEXT    NOT NULL,
  at          INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_by_release ON approval (release, id);
CREATE TRIGGER approval_is_fixed BEFORE UPDATE ON approval
BEGIN SELECT RAISE(ABORT, 'approvals never change'); END;
CREATE TRIGGER approval_stays BEFORE DELETE ON approval
BEGIN SELECT RAISE(ABORT, 'approvals are never deleted'); END;
