-- What serves under one name. A row outlives its endpoint's deletion: releases are numbered on, and
-- history can still be asked. repo is the model's: who may read it sees the endpoint. asked is what
-- the manifest said last (an alias, say) and asked_commit what that was then: a difference is drift.
CREATE TABLE endpoint (
  id             INTEGER PRIMARY KEY,
  name           TEXT    NOT NULL UNIQUE,
  repo           INTEGER REFERENCES repo (id) ON DELETE SET NULL,
  spec           TEXT    NOT NULL,
  generation     INTEGER NOT NULL CHECK (generation > 0),
  stable         INTEGER REFERENCES backend (id) ON DELETE RESTRICT,
  stable_release INTEGER REFERENCES release (id) ON DELETE RESTRICT,
  asked          TEXT    NOT NULL,
  asked_commit   BLOB    NOT NULL CHECK (length(asked_commit) = 20),
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  deleted_at     INTEGER,
  CHECK ((stable IS NULL) = (stable_release IS NULL)),
  CHECK (deleted_at IS NULL OR stable IS NULL)
) STRICT;
CREATE INDEX endpoint_by_repo ON endpoint (repo) WHERE repo IS NOT NULL;
CREATE INDEX endpoint_by_stable ON endpoint (stable) WHERE stable IS NOT NULL;
CREATE INDEX endpoint_by_stable_release ON endpoint (stable_release) WHERE stable_release IS NOT NULL;

CREATE TRIGGER endpoint_goes_forward BEFORE UPDATE ON endpoint WHEN NEW.generation < OLD.generation OR NEW.name <> OLD.name
BEGIN SELECT RAISE(ABORT, 'an endpoint keeps its name and its generation only grows'); END;
CREATE TRIGGER endpoint_stays BEFORE DELETE ON endpoint
BEGIN SELECT RAISE(ABORT, 'endpoints are marked as deleted, never removed'); END;

-- The names that requests use; two endpoints cannot share one.
CREATE TABLE endpoint_public_name (
  name     TEXT    PRIMARY KEY,
  endpoint INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoint_public_name_by_endpoint ON endpoint_public_name (endpoint);

-- What people may do with an endpoint besides what their role in the repo allows.
CREATE TABLE endpoint_grant (
  endpoint   INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT,
  user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  permission TEXT    NOT NULL CHECK (
    permission IN ('release.plan', 'release.apply', 'release.approve', 'release.force', 'release.pin') OR permission LIKE 'role:%'),
  PRIMARY KEY (endpoint, user, permission)
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoint_grant_by_user ON endpoint_grant (user);
