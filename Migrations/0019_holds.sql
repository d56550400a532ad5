-- The releases that need a registered lock: stable's, those under way, and those that a rollback may
-- go back to. A lock with a row here cannot be removed.
CREATE TABLE lock_hold (
  release INTEGER PRIMARY KEY REFERENCES release (id) ON DELETE RESTRICT,
  lock    INTEGER NOT NULL REFERENCES lock (id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX lock_hold_by_lock ON lock_hold (lock);

-- Locks that were registered for releases alone: they go with the last hold. One that a person
-- registered as well is not listed, and stays.
CREATE TABLE lock_for_releases (
  lock INTEGER PRIMARY KEY REFERENCES lock (id) ON DELETE CASCADE
) STRICT;
