-- One walk of a backend into an endpoint's traffic. spec is what it was submitted with, state where it
-- stands: the fold of its events over its spec. endpoint_spec takes effect when it begins.
CREATE TABLE release (
  id            INTEGER PRIMARY KEY,
  endpoint      INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT,
  number        INTEGER NOT NULL CHECK (number > 0),
  lock          BLOB    NOT NULL REFERENCES serving_lock (digest) ON DELETE RESTRICT,
  from_backend  INTEGER REFERENCES backend (id) ON DELETE RESTRICT,
  to_backend    INTEGER NOT NULL REFERENCES backend (id) ON DELETE RESTRICT,
  phase         TEXT    NOT NULL CHECK (phase IN (
    'pending', 'preparing', 'progressing', 'paused', 'baking', 'completing', 'rolling-back',
    'succeeded', 'rolled-back', 'failed', 'canceled', 'superseded')),
  generation    INTEGER NOT NULL CHECK (generation >= 0),
  spec          TEXT    NOT NULL,
  state         TEXT    NOT NULL,
  endpoint_spec TEXT    NOT NULL,
  retry_of      INTEGER REFERENCES release (id) ON DELETE RESTRICT,
  reason        TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  ended_at      INTEGER,
  UNIQUE (endpoint, number)
) STRICT;
-- Two releases of one endpoint never walk at the same time; others wait as pending.
CREATE UNIQUE INDEX release_active ON release (endpoint)
  WHERE phase NOT IN ('pending', 'succeeded', 'rolled-back', 'failed', 'canceled', 'superseded');
CREATE INDEX release_unfinished ON release (id)
  WHERE phase NOT IN ('succeeded', 'rolled-back', 'failed', 'canceled', 'superseded');
CREATE INDEX release_succeeded ON release (endpoint, number) WHERE phase = 'succeeded';
CREATE INDEX release_by_lock ON release (lock);
CREATE INDEX release_by_from ON release (from_backend) WHERE from_backend IS NOT NULL;
CREATE INDEX release_by_to ON release (to_backend);
CREATE INDEX release_by_retry ON release (retry_of) WHERE retry_of IS NOT NULL;

CREATE TRIGGER release_goes_forward BEFORE UPDATE ON release WHEN NEW.generation < OLD.generation OR NEW.endpoint <> OLD.endpoint
  OR NEW.number <> OLD.number OR NEW.lock <> OLD.lock OR NEW.to_backend <> OLD.to_backend
BEGIN SELECT RAISE(ABORT, 'a release keeps what it is for and its generation only grows'); END;
CREATE TRIGGER release_has_ended BEFORE UPDATE OF phase ON release
  WHEN OLD.phase IN ('succeeded', 'rolled-back', 'failed', 'canceled', 'superseded') AND NEW.phase <> OLD.phase
BEGIN SELECT RAISE(ABORT, 'a release that has ended stays so'); END;
CREATE TRIGGER release_stays BEFORE DELETE ON release
BEGIN SELECT RAISE(ABORT, 'releases are never deleted'); END;

-- Everything that happened to a release, each row holding the hash of the row before.
CREATE TABLE release_event (
  release      INTEGER NOT NULL REFERENCES release (id) ON DELETE RESTRICT,
  sequence     INTEGER NOT NULL CHECK (sequence > 0),
  at           INTEGER NOT NULL,
  actor        TEXT    NOT NULL,
  event        TEXT    NOT NULL,
  phase_before TEXT    NOT NULL,
  phase        TEXT    NOT NULL,
  step         INTEGER NOT NULL,
  generation   INTEGER NOT NULL,
  commands     TEXT    NOT NULL,
  previous     BLOB    NOT NULL CHECK (length(previous) = 32),
  hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  PRIMARY KEY (release, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER release_event_is_fixed BEFORE UPDATE ON release_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER release_event_stays BEFORE DELETE ON release_event
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
