-- How streams did over time, in the form of the process that counts.

CREATE TABLE stream_courses (
    source_id         BIGINT  NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    stream            TEXT    NOT NULL,
    course            BLOB    NOT NULL,
    PRIMARY KEY (source_id, stream)
);

PRAGMA user_version = 5;
