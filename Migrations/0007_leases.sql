-- A digest that somebody is about to use: collection spares it until then. has_bytes means
-- that this user sent the bytes, and so may publish them without sending them again.
CREATE TABLE lease (
  digest    BLOB    NOT NULL CHECK (length(digest) = 32),
  user      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  has_bytes INTEGER NOT NULL CHECK (has_bytes IN (0, 1)),
  until     INTEGER NOT NULL,
  PRIMARY KEY (digest, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_by_end ON lease (until);
