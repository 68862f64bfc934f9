-- What the pages in the browser show of all sources at once.

ALTER TABLE collectors ADD COLUMN category TEXT GENERATED ALWAYS AS (json_extract(document, '$.category')) VIRTUAL;

ALTER TABLE sources ADD COLUMN category TEXT
    GENERATED ALWAYS AS (json_extract(document, '$.config.category')) VIRTUAL;
-- `running`, `error` or `stopping`.
ALTER TABLE sources ADD COLUMN condition TEXT GENERATED ALWAYS AS (
    CASE WHEN stopping THEN 'stopping' WHEN state = 'Error' THEN 'error' ELSE 'running' END) VIRTUAL;
CREATE INDEX sources_at_a_glance ON sources (collector_id, condition, name, category);

PRAGMA user_version = 4;
