-- What each consumer has used up: its rate, the people it asked about within a day, and whom its cases are about.
-- People and cases are pseudonyms. Hours and days are counted since 1970, in UTC. No index by time: keys are random, so every
-- row of an index would be another page to write for each question. What is old is found by walking along the keys.

-- One row for each consumer, so that a question reads and writes one. arrival: GCRA's theoretical arrival time, in
-- microseconds since 1970. spent: how many rows `subject` got in each hour of the last day, as JSON: {"423672": 3}.
CREATE TABLE account (
    consumer TEXT   NOT NULL PRIMARY KEY,
    arrival  BIGINT NOT NULL,
    spent    TEXT   NOT NULL
) WITHOUT ROWID;

-- From the hour in which a consumer first asked about somebody; a day later asking counts anew, in a row of its own.
CREATE TABLE subject (
    consumer TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    hour     BIGINT NOT NULL,
    PRIMARY KEY (consumer, subject, hour)
) WITHOUT ROWID;

-- Whom a case was first answered about.
CREATE TABLE binding (
    consumer    TEXT   NOT NULL,
    case_number TEXT   NOT NULL,
    day         BIGINT NOT NULL,
    subject     TEXT   NOT NULL,
    PRIMARY KEY (consumer, case_number, day)
) WITHOUT ROWID;
