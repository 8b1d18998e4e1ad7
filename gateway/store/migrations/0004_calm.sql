-- Calm under failure: what several processes must agree on while authorities fail, and what can be found again afterwards.

-- Idempotency keys, and the question that each stands for. Key and body are keyed digests: neither is here in clear.
CREATE TABLE repeat (
    consumer        TEXT   NOT NULL,
    key             TEXT   NOT NULL,
    body            TEXT   NOT NULL,
    verification_id TEXT   NOT NULL,
    expires         BIGINT NOT NULL,   -- Unix seconds
    PRIMARY KEY (consumer, key)
) WITHOUT ROWID;

-- A consumer's questions by case (a pseudonym), for whoever lost a reply.
CREATE TABLE asked_case (
    consumer        TEXT   NOT NULL,
    case_number     TEXT   NOT NULL,
    asked           BIGINT NOT NULL,   -- milliseconds since 1970
    verification_id TEXT   NOT NULL,
    PRIMARY KEY (consumer, case_number, asked, verification_id)
) WITHOUT ROWID;

-- What an officer is still to look at, by the unit that asked.
CREATE TABLE officer_check (
    verification_id TEXT   NOT NULL,
    material        TEXT   NOT NULL,
    consumer        TEXT   NOT NULL,
    unit_code       TEXT   NOT NULL,
    since           BIGINT NOT NULL,   -- milliseconds since 1970
    reason          TEXT   NOT NULL,
    PRIMARY KEY (verification_id, material)
) WITHOUT ROWID;

CREATE INDEX officer_check_of_unit ON officer_check (consumer, unit_code, since, verification_id, material);

-- Channels that an operator took in hand. None is without an end.
CREATE TABLE hold (
    authority TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    state     TEXT   NOT NULL,         -- drained, open
    who       TEXT   NOT NULL,
    why       TEXT   NOT NULL,
    since     BIGINT NOT NULL,         -- Unix seconds
    until     BIGINT NOT NULL,
    PRIMARY KEY (authority, channel)
) WITHOUT ROWID;

-- Calls that processes have taken from a contract's quota, by the minute in which they took them.
CREATE TABLE quota (
    authority TEXT    NOT NULL,
    channel   TEXT    NOT NULL,
    minute    BIGINT  NOT NULL,        -- Unix minutes
    taken     INTEGER NOT NULL,
    PRIMARY KEY (authority, channel, minute)
) WITHOUT ROWID;
