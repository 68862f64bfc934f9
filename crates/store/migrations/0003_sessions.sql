-- Sign-ins in browsers. What a browser holds cannot be found from what stands here.

CREATE TABLE sessions (
    -- A digest of the random number that the browser holds.
    digest            BLOB    NOT NULL PRIMARY KEY,
    -- A key that is revoked takes its sessions with it.
    access_id         TEXT    NOT NULL REFERENCES access_keys (access_id) ON DELETE CASCADE,
    created_nanos     BIGINT  NOT NULL,
    -- When somebody last did something in it, as far as that was recorded.
    last_used_nanos   BIGINT  NOT NULL
);
CREATE INDEX sessions_by_access_key ON sessions (access_id);

PRAGMA user_version = 3;
