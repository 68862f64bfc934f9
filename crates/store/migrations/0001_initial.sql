-- The state of the collector, first version.
--
-- Times are nanoseconds since the Unix epoch; unsigned 64-bit numbers are kept as the signed number of the same bits.

-- Marks the file as ours ("INCY").
PRAGMA application_id = 1229865817;

-- One stream of one source, and how far it has come.
CREATE TABLE places (
    id                INTEGER PRIMARY KEY,
    source            TEXT    NOT NULL,
    stream            TEXT    NOT NULL,
    -- The fencing token of the newest lease (I4), and who holds it.
    token             BIGINT  NOT NULL,
    holder            TEXT    NOT NULL,
    -- Everything up to here was delivered; NULL before the first window was closed.
    watermark_nanos   BIGINT,
    -- The watermark at the last second pass; NULL before the first.
    second_pass_nanos BIGINT,
    -- Counts the windows ever opened.
    window_number     BIGINT  NOT NULL,
    -- Counts the commits, so that one whose answer was lost is recognized.
    commits           BIGINT  NOT NULL,
    -- A digest of this place's name and its checkpoint: a damaged bit must not move a checkpoint.
    seal              BLOB    NOT NULL,
    -- The totals of all commits.
    fetched           BIGINT  NOT NULL,
    acknowledged      BIGINT  NOT NULL,
    duplicate         BIGINT  NOT NULL,
    excluded          BIGINT  NOT NULL,
    dead              BIGINT  NOT NULL,
    UNIQUE (source, stream)
);

-- The ranges of the open window of a place, in the order of their ids.
CREATE TABLE ranges (
    id                INTEGER PRIMARY KEY,
    place_id          BIGINT  NOT NULL REFERENCES places (id),
    number            BIGINT  NOT NULL,
    from_nanos        BIGINT  NOT NULL,
    to_nanos          BIGINT  NOT NULL,
    owns_end          BOOLEAN NOT NULL,
    -- Where the next page begins: after a token, at an instant, or (both NULL) at the start.
    cursor_token      TEXT,
    cursor_nanos      BIGINT,
    position_nanos    BIGINT  NOT NULL,
    page              BIGINT  NOT NULL,
    unique_events     BIGINT  NOT NULL,
    expected          BIGINT,
    rescans           BIGINT  NOT NULL,
    closed            BOOLEAN NOT NULL,
    UNIQUE (place_id, number),
    CHECK (cursor_token IS NULL OR cursor_nanos IS NULL)
);

-- Events that need never be delivered again but may be met again: one row a batch, deleted once its newest event
-- is too old.
CREATE TABLE acknowledged (
    id                INTEGER PRIMARY KEY,
    place_id          BIGINT  NOT NULL REFERENCES places (id),
    window_number     BIGINT  NOT NULL,
    range_number      BIGINT  NOT NULL,
    page              BIGINT  NOT NULL,
    -- The times of its oldest and its newest event.
    oldest_nanos      BIGINT  NOT NULL,
    newest_nanos      BIGINT  NOT NULL,
    -- For each event 32 bytes: key, version, time.
    ids               BLOB    NOT NULL
);
CREATE INDEX acknowledged_by_time ON acknowledged (place_id, newest_nanos, oldest_nanos);

-- What destinations have staged and not yet reported as published.
CREATE TABLE receipts (
    id                INTEGER PRIMARY KEY,
    place_id          BIGINT  NOT NULL REFERENCES places (id),
    destination       TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    UNIQUE (place_id, destination, name)
);

-- Events that cannot be delivered, whole.
CREATE TABLE dead_letters (
    id                INTEGER PRIMARY KEY,
    place_id          BIGINT  NOT NULL REFERENCES places (id),
    event_key         BLOB    NOT NULL,
    event_version     BIGINT  NOT NULL,
    time_nanos        BIGINT  NOT NULL,
    reason            TEXT    NOT NULL,
    raw               BLOB    NOT NULL,
    recorded_at       TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (place_id, event_key, event_version)
);

-- What each closed range was proven complete by; the newest 1,000 of a place are kept.
CREATE TABLE proofs (
    id                INTEGER PRIMARY KEY,
    place_id          BIGINT  NOT NULL REFERENCES places (id),
    window_number     BIGINT  NOT NULL,
    range_number      BIGINT  NOT NULL,
    from_nanos        BIGINT  NOT NULL,
    to_nanos          BIGINT  NOT NULL,
    expected          BIGINT,
    unique_events     BIGINT  NOT NULL,
    rescans           BIGINT  NOT NULL
);
CREATE INDEX proofs_by_place ON proofs (place_id, id);

-- The requests of the last 60 seconds.
CREATE TABLE budget (
    id                INTEGER PRIMARY KEY,
    tenant            TEXT    NOT NULL,
    at_nanos          BIGINT  NOT NULL
);
CREATE INDEX budget_by_time ON budget (tenant, at_nanos);

PRAGMA user_version = 1;
