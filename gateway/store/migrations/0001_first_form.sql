-- The first form: entries, nonces, answers. Never edit a migration that was shipped: its SHA-256 is on record.

CREATE TABLE migration (
    number INTEGER NOT NULL PRIMARY KEY,
    name   TEXT    NOT NULL,
    sha256 TEXT    NOT NULL
);

-- seq counts from 0 without a gap: it is the leaf index of the RFC 6962 tree.
CREATE TABLE entry (
    seq       INTEGER NOT NULL PRIMARY KEY,
    entry_id  TEXT    NOT NULL UNIQUE,
    kind      TEXT    NOT NULL,
    body      BLOB    NOT NULL,
    leaf_hash BLOB    NOT NULL
);

CREATE TABLE nonce (
    keyid   TEXT   NOT NULL,
    nonce   TEXT   NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (keyid, nonce)
) WITHOUT ROWID;

CREATE INDEX nonce_expires ON nonce (expires);

CREATE TABLE answer (
    verification_id TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    consumer        TEXT    NOT NULL,
    body            BLOB    NOT NULL,
    entry_seq       INTEGER NOT NULL REFERENCES entry (seq),
    PRIMARY KEY (verification_id, revision)
);
