-- What came by Xet. A xorb is a list of chunks that clients refer to, for weeks after they sent it;
-- its raw bytes (the pack) and its list of chunks are blobs, held by this row. pack and list may
-- be shared: two xorbs can have the same bytes cut differently.
-- touched_at: when it was last sent, referred to, or told to somebody who asked.
CREATE TABLE xorb (
  id         INTEGER PRIMARY KEY,
  hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  pack       INTEGER NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
  list       INTEGER NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
  chunks     INTEGER NOT NULL CHECK (chunks BETWEEN 1 AND 8192),
  size       INTEGER NOT NULL CHECK (size > 0),
  touched_at INTEGER NOT NULL
) STRICT;
-- Collection asks whether a xorb holds a blob, and which xorbs are old.
CREATE INDEX xorb_by_pack ON xorb (pack);
CREATE INDEX xorb_by_list ON xorb (list);
CREATE INDEX xorb_by_touch ON xorb (touched_at);

-- Whoever sent the bytes of a xorb may refer to all of it.
CREATE TABLE xorb_sender (
  xorb INTEGER NOT NULL REFERENCES xorb (id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  PRIMARY KEY (xorb, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX xorb_sender_by_user ON xorb_sender (user);

-- A blob that a client described as runs of chunks. terms: the runs in order, 16 bytes each:
-- xorb (8), first chunk (2), chunk behind the last (2), bytes (4), little-endian. The same bytes
-- can be cut in two ways and so have two hashes; the oldest is the one we tell.
CREATE TABLE xet_file (
  id    INTEGER PRIMARY KEY,
  hash  BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  blob  INTEGER NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
  terms BLOB    NOT NULL CHECK (length(terms) % 16 = 0)
) STRICT;
CREATE INDEX xet_file_by_blob ON xet_file (blob);

-- Which chunks of a xorb a file is made of: who may read the file may refer to these. runs: pairs of
-- first chunk (2 bytes) and chunk behind the last (2), little-endian, ascending, apart.
CREATE TABLE xorb_use (
  xorb INTEGER NOT NULL REFERENCES xorb (id) ON DELETE RESTRICT,
  file INTEGER NOT NULL REFERENCES xet_file (id) ON DELETE CASCADE,
  runs BLOB    NOT NULL CHECK (length(runs) % 4 = 0),
  PRIMARY KEY (xorb, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX xorb_use_by_file ON xorb_use (file);

-- The chunks that clients ask for: about one in a thousand, and the first of each file. Rows for
-- all would be sixteen million for a terabyte.
CREATE TABLE xet_chunk (
  hash  BLOB    NOT NULL CHECK (length(hash) = 32),
  xorb  INTEGER NOT NULL REFERENCES xorb (id) ON DELETE CASCADE,
  place INTEGER NOT NULL CHECK (place BETWEEN 0 AND 8191),
  PRIMARY KEY (hash, xorb)
) STRICT, WITHOUT ROWID;
CREATE INDEX xet_chunk_by_xorb ON xet_chunk (xorb);

-- What clients know this store by, in the address that they are given: they remember what they
-- sent under an address. A new epoch makes them forget what may be gone.
CREATE TABLE xet_store (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  name  TEXT    NOT NULL,
  epoch INTEGER NOT NULL CHECK (epoch > 0)
) STRICT;
