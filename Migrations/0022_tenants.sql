-- Customers of the gateway. Only the SHA-256 of an API key is kept.
CREATE TABLE tenant (
  id                  INTEGER PRIMARY KEY,
  name                TEXT    NOT NULL UNIQUE,
  may_pin             INTEGER NOT NULL CHECK (may_pin IN (0, 1)),
  requests_per_minute INTEGER CHECK (requests_per_minute > 0),
  tokens_per_day      INTEGER CHECK (tokens_per_day > 0),
  created_at          INTEGER NOT NULL
) STRICT;

CREATE TABLE tenant_key (
  hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
  tenant     INTEGER NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  name       TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (tenant, name)
) STRICT, WITHOUT ROWID;

-- The ledger: what was used, by the hour. It outlives tenants and endpoints, so it names them.
CREATE TABLE usage (
  tenant        TEXT    NOT NULL,
  endpoint      TEXT    NOT NULL,
  version       TEXT    NOT NULL,
  hour          INTEGER NOT NULL,
  requests      INTEGER NOT NULL,
  failed        INTEGER NOT NULL,
  input_tokens  INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  milliseconds  INTEGER NOT NULL,
  bytes_out     INTEGER NOT NULL,
  PRIMARY KEY (tenant, endpoint, version, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_by_hour ON usage (hour);
CREATE INDEX usage_by_endpoint ON usage (endpoint, hour);

-- The last batch that was added in an epoch of the controller: one that is repeated after a lost
-- answer is not counted twice.
CREATE TABLE usage_batch (
  epoch INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL
) STRICT;
