-- A derived model names its parents, so that recalling a base model finds every descendant.
-- Edges join revisions by id: names can be changed. A parent cannot be removed while it has
-- children.
CREATE TABLE lineage (
  child      INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
  parent     INTEGER NOT NULL REFERENCES revision (id) ON DELETE RESTRICT,
  kind       TEXT    NOT NULL CHECK (kind IN ('finetune', 'adapter', 'quantized', 'merge', 'distilled', 'dataset', 'converted')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (child, parent, kind),
  CHECK (child <> parent)
) STRICT, WITHOUT ROWID;
-- Answers "what was built on this?"; the primary key answers the other way.
CREATE INDEX lineage_by_parent ON lineage (parent, child);
