-- Hosted collectors and what belongs to them.
--
-- Times are nanoseconds since the Unix epoch. A `document` is JSON as the API's client wrote it, without secrets.

CREATE TABLE collectors (
    -- Never given out twice, so that a client's stale id cannot meet another collector.
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL,
    -- What a client may modify: name, description, category, fields and so on.
    document          TEXT    NOT NULL,
    -- Whether it is being deleted: it is gone for clients, and waits for its sources to end.
    stopping          BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX collectors_by_name ON collectors (name) WHERE NOT stopping;

CREATE TABLE sources (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    collector_id      BIGINT  NOT NULL REFERENCES collectors (id),
    name              TEXT    NOT NULL,
    -- `config`, `schemaRef` and `sourceType`; the secret stands beside it.
    document          TEXT    NOT NULL,
    -- The secret key, sealed by the vault, and the fingerprint of the key that seals it.
    sealed_secret     BLOB    NOT NULL,
    vault_key         TEXT    NOT NULL,
    created_nanos     BIGINT  NOT NULL,
    -- The state as last recorded.
    state             TEXT    NOT NULL,
    error_type        TEXT,
    error_code        BIGINT,
    error_info        TEXT,
    since_nanos       BIGINT  NOT NULL,
    -- Whether it is being deleted. Its name is free already.
    stopping          BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX sources_by_name ON sources (collector_id, name) WHERE NOT stopping;
CREATE INDEX sources_by_collector ON sources (collector_id);

-- Every transition of a source's state; the newest 100 of a source are kept.
CREATE TABLE source_states (
    id                INTEGER PRIMARY KEY,
    source_id         BIGINT  NOT NULL REFERENCES sources (id),
    state             TEXT    NOT NULL,
    error_type        TEXT,
    error_code        BIGINT,
    error_info        TEXT,
    at_nanos          BIGINT  NOT NULL
);
CREATE INDEX source_states_by_source ON source_states (source_id, id);

-- Open and past health events. They outlive their source.
CREATE TABLE health_events (
    id                INTEGER PRIMARY KEY,
    event_id          TEXT    NOT NULL UNIQUE,
    collector_id      BIGINT  NOT NULL,
    collector_name    TEXT    NOT NULL,
    source_id         BIGINT  NOT NULL,
    source_name       TEXT    NOT NULL,
    -- As in `ThirdPartyConfigError`.
    name              TEXT    NOT NULL,
    -- As in `InvalidClient`.
    tracker           TEXT    NOT NULL,
    title             TEXT    NOT NULL,
    description       TEXT    NOT NULL,
    error_code        BIGINT,
    error_info        TEXT    NOT NULL,
    opened_nanos      BIGINT  NOT NULL,
    -- NULL while it is open.
    closed_nanos      BIGINT
);
CREATE UNIQUE INDEX health_events_open ON health_events (source_id, name) WHERE closed_nanos IS NULL;
CREATE INDEX health_events_unresolved ON health_events (id) WHERE closed_nanos IS NULL;
CREATE INDEX health_events_by_end ON health_events (closed_nanos);

-- The schema of custom fields.
CREATE TABLE fields (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    data_type         TEXT    NOT NULL,
    enabled           BOOLEAN NOT NULL
);

-- Fields that sources send although the schema does not have or enable them.
CREATE TABLE dropped_fields (
    name              TEXT    NOT NULL COLLATE NOCASE PRIMARY KEY,
    -- How many events lost it, and when the last one did.
    events            BIGINT  NOT NULL,
    last_nanos        BIGINT  NOT NULL
);

-- Who may use the API.
CREATE TABLE access_keys (
    access_id         TEXT    NOT NULL PRIMARY KEY,
    -- An argon2id hash of the key.
    hash              TEXT    NOT NULL,
    -- `manage` or `view`.
    role              TEXT    NOT NULL,
    label             TEXT    NOT NULL,
    -- The one collector that it may see; NULL for all.
    collector_id      BIGINT,
    created_nanos     BIGINT  NOT NULL,
    expires_nanos     BIGINT,
    last_used_nanos   BIGINT
);

-- What was changed by whom. Each row's hash covers the row and the hash before it.
CREATE TABLE audit_log (
    id                INTEGER PRIMARY KEY,
    at_nanos          BIGINT  NOT NULL,
    actor             TEXT    NOT NULL,
    action            TEXT    NOT NULL,
    resource          TEXT    NOT NULL,
    -- JSON with secrets masked; NULL where there is none.
    before            TEXT,
    after             TEXT,
    hash              BLOB    NOT NULL
);

-- Ranges of the past that were asked for besides the streams' own course.
CREATE TABLE backfills (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id         BIGINT  NOT NULL REFERENCES sources (id),
    stream            TEXT    NOT NULL,
    from_nanos        BIGINT  NOT NULL,
    to_nanos          BIGINT  NOT NULL,
    -- `Running`, `Completed`, `Cancelled` or `Failed`.
    state             TEXT    NOT NULL,
    -- Why it failed.
    detail            TEXT,
    created_nanos     BIGINT  NOT NULL,
    ended_nanos       BIGINT
);
CREATE INDEX backfills_by_source ON backfills (source_id, id);
CREATE INDEX backfills_running ON backfills (id) WHERE state = 'Running';

-- Dead letters are listed a page at a time.
CREATE INDEX dead_letters_by_place ON dead_letters (place_id, id);

-- The ids of the original have nine digits.
INSERT INTO sqlite_sequence (name, seq) VALUES ('collectors', 100000000), ('sources', 100000000), ('fields', 0);

PRAGMA user_version = 2;
