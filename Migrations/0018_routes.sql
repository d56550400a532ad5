-- Where an endpoint's traffic goes, from each generation on; the newest is in effect. "Which version
-- served on 3 May" reads from here.
CREATE TABLE route (
  endpoint   INTEGER NOT NULL REFERENCES endpoint (id) ON DELETE RESTRICT,
  generation INTEGER NOT NULL CHECK (generation > 0),
  at         INTEGER NOT NULL,
  release    INTEGER REFERENCES release (id) ON DELETE RESTRICT,
  cause      TEXT    NOT NULL,
  body       TEXT    NOT NULL,
  PRIMARY KEY (endpoint, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX route_by_time ON route (endpoint, at, generation);
CREATE INDEX route_by_release ON route (release) WHERE release IS NOT NULL;

CREATE TRIGGER route_goes_forward BEFORE INSERT ON route
  WHEN EXISTS (SELECT 1 FROM route r WHERE r.endpoint = NEW.endpoint AND r.generation >= NEW.generation)
BEGIN SELECT RAISE(ABORT, 'a route has a later generation than all before'); END;
CREATE TRIGGER route_is_fixed BEFORE UPDATE ON route
BEGIN SELECT RAISE(ABORT, 'routes never change'); END;
CREATE TRIGGER route_stays BEFORE DELETE ON route
BEGIN SELECT RAISE(ABORT, 'routes are never deleted'); END;
