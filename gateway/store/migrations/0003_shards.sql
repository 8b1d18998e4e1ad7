-- Each process that writes has a shard of its own: a log with its own RFC 6962 tree. An entry's place is
-- shard * 2^40 + seq, so that one column holds both, orders them, and is SQLite's own key.
-- What this brings over from the first form is the leaves of shard 0; `gateway store migrate` then builds their tree.

CREATE TABLE shard (
    number     INTEGER NOT NULL PRIMARY KEY,
    holder     TEXT    NOT NULL,  -- whoever took it last: another one's batch fails
    size       BIGINT  NOT NULL,  -- leaves
    edge       BLOB    NOT NULL,  -- roots of the tree's full subtrees, the largest first
    pruned     BIGINT  NOT NULL,  -- leaves below it may have lost their body
    closed     INTEGER NOT NULL,  -- 1: nothing is ever written behind it
    covered    BIGINT  NOT NULL,  -- leaves under the checkpoint
    checkpoint BLOB    NOT NULL,  -- a C2SP signed note; empty before the first
    signed_at  BIGINT  NOT NULL   -- milliseconds since 1970
);

CREATE TABLE entry_3 (
    place     INTEGER NOT NULL PRIMARY KEY,
    entry_id  TEXT    NOT NULL UNIQUE,
    kind      TEXT    NOT NULL,
    body      BLOB,              -- NULL once it was pruned
    leaf_hash BLOB    NOT NULL
);

CREATE TABLE answer_3 (
    verification_id TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    consumer        TEXT    NOT NULL,
    body            BLOB    NOT NULL,
    place           BIGINT  NOT NULL REFERENCES entry_3 (place),
    PRIMARY KEY (verification_id, revision)
);

INSERT INTO entry_3 (place, entry_id, kind, body, leaf_hash) SELECT seq, entry_id, kind, body, leaf_hash FROM entry;
INSERT INTO answer_3 (verification_id, revision, consumer, body, place)
    SELECT verification_id, revision, consumer, body, entry_seq FROM answer;
INSERT INTO shard (number, holder, size, edge, pruned, closed, covered, checkpoint, signed_at)
    SELECT 0, '', COUNT(*), X'', 0, 0, 0, X'', 0 FROM entry HAVING COUNT(*) > 0;
DROP TABLE answer;
DROP TABLE entry;
ALTER TABLE entry_3 RENAME TO entry;
ALTER TABLE answer_3 RENAME TO answer;

-- Roots of full subtrees at levels 8, 16, 24: each is over 256 of the level below that is kept; level 0 is `entry`.
CREATE TABLE node (
    shard  INTEGER NOT NULL,
    level  INTEGER NOT NULL,
    number BIGINT  NOT NULL,
    hash   BLOB    NOT NULL,
    PRIMARY KEY (shard, level, number)
) WITHOUT ROWID;

-- Questions that have no outcome yet. What is left of them when a process ends is closed as unknown.
CREATE TABLE open_intent (
    intent          TEXT    NOT NULL PRIMARY KEY,
    shard           INTEGER NOT NULL,
    verification_id TEXT    NOT NULL,
    asked           BIGINT  NOT NULL   -- milliseconds since 1970
) WITHOUT ROWID;

-- Whom an entry is about, by pseudonym: for the person's own view.
CREATE TABLE about (
    person TEXT   NOT NULL,
    asked  BIGINT NOT NULL,            -- milliseconds since 1970
    place  BIGINT NOT NULL,
    PRIMARY KEY (person, asked, place)
) WITHOUT ROWID;

-- One row. floor: whatever was signed up to this Unix second counts as used: after a backup was put back, nobody knows.
CREATE TABLE meta (
    number INTEGER NOT NULL PRIMARY KEY,
    floor  BIGINT  NOT NULL
);
INSERT INTO meta (number, floor) VALUES (1, 0);
