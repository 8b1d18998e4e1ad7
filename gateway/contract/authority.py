"""`contract.yaml` and `mapping.yaml`: our profile of an authority, and how its words become ours."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.contract.files import FileModel

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Path = Annotated[str, StringConstraints(pattern=r"^(/[^/~]+)*$")]
"""An RFC 6901 JSON Pointer. For a SOAP request: `/part`."""

Wire = Literal["rest", "soap"]
Dialect = Literal["rfc9421", "wsse_x509", "platform_hmac", "none"]
Suite = Literal["international", "sm"]
Walk = Literal["once", "all_of", "per_year", "pages"]
Role = Literal["subject", "guardian"]
Count = Literal["none", "one", "several"]
Means = Literal[
    "answered", "no_record", "ambiguous", "unreachable", "timeout", "busy", "quota_spent", "closed_window", "config_fault",
    "bad_reply",
]  # fmt: skip
Conversion = Literal[
    "text", "citizen_id", "name", "region", "date", "date_compact", "time_compact", "month_compact", "integer"
]
Source = Literal[
    "person.citizen_id", "person.name", "other.citizen_id", "other.name", "as_of", "case_number", "purpose", "operator.id",
    "operator.name", "operator.unit_code", "request_id", "requested_at", "walk.year", "walk.page",
]  # fmt: skip

REPLIES = frozenset({"answered", "no_record", "ambiguous"})
"""Meanings that say something about a person: believed only from a reply whose protection was verified."""


class Title(FileModel):
    """A name or sentence in both languages."""

    zh: str
    en: str


class Meaning(FileModel):
    """What a reply means. Every condition given must hold; the first meaning whose conditions hold decides."""

    means: Means
    status: int | None = None
    """HTTP status."""
    code: str | None = None
    """The result code at the operation's `code` path, as text (`true` and `false` for JSON's booleans)."""
    text: str | None = None
    """How the text at the operation's `text` path begins."""
    records: Count | None = None
    """How many records came, after `prefer`."""
    fault: str | None = None
    """A SOAP fault code's local part."""

    @model_validator(mode="after")
    def _no_record_is_a_word_of_theirs(self) -> Self:
        if self.means in REPLIES and (self.status != 200 or self.code is None):
            raise ValueError(f"{self.means!r} needs 'status: 200' and a 'code': silence is never a no")
        return self


Column = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")]
"""A column as a positional table names it."""


class Table(FileModel):
    """For `table_in_string`: where the rows of the positional table stand in the document, and the columns asked for."""

    rows: Path
    cell: str
    """The element of one cell; it repeats in every row."""
    columns: list[Column] = Field(min_length=1)
    aliases: dict[str, Column] = {}
    """Other names that a reply may give to one of these columns, such as its name in Chinese."""

    @model_validator(mode="after")
    def _aliases_are_of_columns(self) -> Self:
        if strange := sorted(set(self.aliases.values()) - set(self.columns)):
            raise ValueError(f"'aliases' names {', '.join(strange)}, and 'columns' does not")
        return self


class Full(FileModel):
    """A list that is cut at a size: a reply with so many rows or more may have lost some, and is never believed."""

    rows: Path
    """Where the list stands in one record."""
    most: int = Field(ge=1)
    """What the request asks for at most."""


class Operation(FileModel):
    """One operation of the interface file, and what its replies mean."""

    interface: str
    """The `operationId` of the OpenAPI document, or the operation's name in the WSDL."""
    payload: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)] | None = None
    """For a wrapped payload: its schema's name under `$defs` of the channel's payload file, or its root element."""
    code: Path | None = None
    text: Path | None = None
    count: Path | None = None
    """Where the reply says how many records it holds: another number than came is a bad reply."""
    next: Path | None = None
    """Where the reply gives the token of the page that follows; null, empty or left out: this was the last one."""
    table: Table | None = None
    full: Full | None = None
    meanings: list[Meaning] = Field(min_length=1)


class Step(FileModel):
    """One call of a walk: the operation, and about whom it asks (`person` first, then `other`)."""

    operation: Name
    about: list[Role] = Field(min_length=1, max_length=2)


class Question(FileModel):
    """What we may ask on a channel, as calls."""

    walk: Walk
    months_back: int | None = Field(default=None, ge=0, le=120)
    """For `per_year`: every calendar year is asked from that of the month so many months before the application on."""
    most_pages: int | None = Field(default=None, ge=1, le=100)
    """For `pages`: with more of them than this, nothing is believed, for nobody has read the rest."""
    steps: dict[Name, Step] = Field(min_length=1)

    def years(self, as_of: date) -> range:
        """For `per_year`: the calendar years to ask about."""
        month = as_of.year * 12 + as_of.month - 1 - (self.months_back or 0)
        return range(month // 12, as_of.year + 1)

    @model_validator(mode="after")
    def _fits_its_walk(self) -> Self:
        if self.walk != "all_of" and len(self.steps) != 1:
            raise ValueError(f"'walk: {self.walk}' takes exactly one step")
        if (self.months_back is not None) != (self.walk == "per_year"):
            raise ValueError("'months_back' belongs to 'walk: per_year', and to it alone")
        if (self.most_pages is not None) != (self.walk == "pages"):
            raise ValueError("'most_pages' belongs to 'walk: pages', and to it alone")
        return self


class Platform(FileModel):
    """How a channel goes through the sharing platform (domain 6.1)."""

    prefix: Literal["gjgxjhpt", "gjzwfwpt"]
    """Of the four header names: `<prefix>_rid`, `_sid`, `_rtime`, `_sign`."""
    service: str
    """The `sid` of the interface."""
    refresh: Path
    """The path where the secret is refreshed."""
    secret_seconds: int = Field(default=3600, ge=1)
    """How long a secret usually lives: when to refresh early is measured against it."""


class Channel(FileModel):
    """One way to ask the authority."""

    wire: Wire
    interface: str
    signing: Dialect
    suites: list[Suite] = ["international"]
    """The algorithm suites that the authority accepts; an installation picks one."""
    platform: Platform | None = None
    wrapper: Literal["json_in_string", "xml_in_string", "table_in_string"] | None = None
    payload: str | None = None
    attempt_seconds: float = Field(gt=0, le=60)
    reply_bytes: int = Field(gt=0, le=16_777_216)
    quota_per_hour: int = Field(gt=0)
    places: int = Field(default=16, ge=1, le=1000)
    """How many calls they bear at once from all our processes together."""
    operations: dict[Name, Operation] = Field(min_length=1)
    questions: dict[Name, Question] = Field(min_length=1)


class Contract(FileModel):
    """`contract.yaml`."""

    authority: Name
    title: Title
    channels: dict[Name, Channel] = Field(min_length=1)
    unknown_person: dict[Name, Name]
    """By operation: the scenario that answers for somebody whom the authority does not know."""


class RequestRule(FileModel):
    """What stands in one place of a request: a value of the question, or a constant."""

    source: Source | None = Field(default=None, alias="from")
    account: Name | None = None
    """A value of the installation's account with this authority, from the settings."""
    secret: bool = False
    """Of an account's value: the settings may only say where it is, never what it is."""
    value: str | None = None
    convert: Conversion = "text"
    equals: Column | None = None
    """The value stands in a condition on this column, `COLUMN='value'`: only an identity number may."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(given is not None for given in (self.source, self.account, self.value)) != 1:
            raise ValueError("needs exactly one of 'from', 'account' and 'value'")
        if self.secret and self.account is None:
            raise ValueError("'secret' belongs to 'account', and to it alone")
        return self


class FactRule(FileModel):
    """Where one fact stands in a record and how it is read. A value that cannot be read is a bad reply, never None."""

    path: Path
    convert: Conversion = "text"
    table: Name | None = None
    optional: bool = False
    """Missing, null and empty text then mean None; without it they are a bad reply."""
    echo: Literal["person", "other"] | None = None
    """This value must be that of the person asked about, or the reply is not about them."""


class RowsRule(FileModel):
    """A table inside a record: each row becomes facts of its own, and the fact is the list of them (empty when none)."""

    path: Path
    facts: dict[Name, FactRule] = Field(min_length=1)


class OperationMapping(FileModel):
    """How one operation's request is built and its records are read."""

    request: dict[Path, RequestRule]
    records: Path
    prefer: dict[Path, str] = {}
    """Where records with these values exist, the others are left out (current before historical)."""
    facts: dict[Name, FactRule] = Field(min_length=1)
    rows: dict[Name, RowsRule] = {}


class Mapping(FileModel):
    """`mapping.yaml`."""

    operations: dict[Name, OperationMapping]
    tables: dict[Name, dict[str, str]] = {}
