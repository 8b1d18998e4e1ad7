"""What a fault may change of a reply in the making, in the order in which a reply is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.contract.authority import Operation, OperationMapping
from mocks.answers import Answer
from mocks.clock import MockClock
from mocks.guards import Signature
from mocks.payloads import Form


@dataclass(frozen=True, slots=True)
class Making:
    """Whose reply it is, as far as a fault needs to know."""

    operation: Operation
    mapping: OperationMapping
    form: Form
    answer: Answer


@dataclass(slots=True)
class Reply:
    """A reply as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the fault was armed with."""

    seconds: float
    remaining: float | None
    """Until the end of its window on the mocks' clock, when it has one."""
    clock: MockClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to misbehave: every hook that is given is applied, top down."""

    zh: str
    en: str
    wires: tuple[str, ...] = ("rest", "soap")
    seconds: float | None = None
    """What it takes when nothing else is said; None: it takes no time."""
    is_about_another: bool = False
    """The reply is about somebody else of the cast."""
    tree: Callable[[Any, Making], Any] | None = None
    """The payload in the authority's words, before it is written."""
    keeps_schema: bool = True
    text: Callable[[str, Form], str] | None = None
    """The payload as text, before it is signed: a REST body, or the string in a SOAP reply."""
    rotates: bool = False
    """A channel behind the platform loses its secrets, and the call is refused for it."""
    signature: Signature = "right"
    body: Callable[[Reply, Given], None] | None = None
    """The HTTP message. On REST before its headers are signed, on SOAP after: there the signature is inside."""
    send: Callable[[web.Request, Reply, Given], Awaitable[None]] | None = None
    """Puts the reply on the wire itself, byte by byte."""
