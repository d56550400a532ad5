-- Random bytes that this data root keeps to itself: the key that short-lived capabilities are
-- signed with, so that they outlive a restart and end with the data.
CREATE TABLE secret (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL CHECK (length(value) >= 32)
) STRICT, WITHOUT ROWID;
