-- What each consumer has used up: its rate, the people it asked about within a day, and whom its cases are about.
-- People and cases are pseudonyms. Hours and days are counted since 1970, in UTC.

-- GCRA's theoretical arrival time, in microseconds since 1970.
CREATE TABLE rate (
    consumer TEXT   NOT NULL PRIMARY KEY,
    arrival  BIGINT NOT NULL
);

-- From the hour in which a consumer first asked about somebody; a day later asking counts anew, in a row of its own.
CREATE TABLE subject (
    consumer TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    hour     BIGINT NOT NULL,
    PRIMARY KEY (consumer, subject, hour)
) WITHOUT ROWID;

CREATE INDEX subject_hour ON subject (hour);

-- How many rows the table above got in each hour, so that nothing must count them.
CREATE TABLE budget (
    consumer TEXT   NOT NULL,
    hour     BIGINT NOT NULL,
    subjects BIGINT NOT NULL,
    PRIMARY KEY (consumer, hour)
) WITHOUT ROWID;

CREATE INDEX budget_hour ON budget (hour);

-- Whom a case was first answered about.
CREATE TABLE binding (
    consumer    TEXT   NOT NULL,
    case_number TEXT   NOT NULL,
    day         BIGINT NOT NULL,
    subject     TEXT   NOT NULL,
    PRIMARY KEY (consumer, case_number, day)
) WITHOUT ROWID;

CREATE INDEX binding_day ON binding (day);
