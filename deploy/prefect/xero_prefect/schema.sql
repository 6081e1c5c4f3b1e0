-- What a sync knows. The rows are in the schema `xero`, one table per stream.
CREATE SCHEMA IF NOT EXISTS xero;
CREATE SCHEMA IF NOT EXISTS xero_sync;

-- How far each stream is read, one row per organisation. An organisation that moves to another shard
-- takes its positions along.
CREATE TABLE IF NOT EXISTS xero_sync.state (
    tenant_id text NOT NULL,
    stream text NOT NULL,
    entry jsonb NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, stream)
);

-- The last answer of `tenants --shards`. `config` has no credentials.
CREATE TABLE IF NOT EXISTS xero_sync.shard (
    shard integer PRIMARY KEY,
    expected_calls bigint,
    tenants jsonb NOT NULL,
    config jsonb NOT NULL
);

-- The configured catalog and the kinds of its streams. One row.
CREATE TABLE IF NOT EXISTS xero_sync.catalog (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    catalog jsonb NOT NULL,
    kinds jsonb NOT NULL
);

-- The credentials of the workers: an access token, never a refresh token. One row.
CREATE TABLE IF NOT EXISTS xero_sync.access (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    config jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);

-- The config of the last CONTROL message of a shard.
CREATE TABLE IF NOT EXISTS xero_sync.control (
    shard integer PRIMARY KEY,
    config jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- What the last run of each shard has done so far. `seen_at` is renewed every few seconds. `outcome` is null
-- while the run lasts, and stays null if it was killed.
CREATE TABLE IF NOT EXISTS xero_sync.progress (
    shard integer PRIMARY KEY,
    flow_run text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    row_count bigint NOT NULL DEFAULT 0,
    streams jsonb NOT NULL DEFAULT '{}',
    errors jsonb NOT NULL DEFAULT '[]',
    outcome text CHECK (outcome IN ('complete', 'incomplete', 'again', 'renew'))
);
