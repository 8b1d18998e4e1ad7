"""The testers' own door: arm faults, move the clock, rotate secrets, read the journal. Loopback only, with a token.

Nothing here holds a person's number or name: people are keys of the cast, and what a request said is not repeated.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.clock import rfc3339
from gateway.contract import strict_json
from gateway.contract.words import explain
from mocks import faults
from mocks.arming import CannotArm, Step
from mocks.journal import Entry
from mocks.server import Mocks

HOST = "127.0.0.1"
"""Not to be changed: whoever reaches this can make every authority lie."""

FURTHEST: Final = 1e10
"""Seconds from 1970, both ways, that the clock can be set to (1653 to 2286): every date that it gives can be written."""

M = TypeVar("M", bound=BaseModel)
Word = Annotated[str, Field(min_length=1, max_length=60)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StepOrder(_Body):
    """One step; without `times` and `lasting` it goes on for good."""

    fault: Word
    times: int | None = Field(default=None, ge=1)
    lasting: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, ge=0, le=3600)


class Order(_Body):
    """What to arm: one fault with its numbers, or `steps`."""

    person: Word
    authority: Word
    channel: Word | None = None
    operation: Word | None = None
    fault: Word | None = None
    times: int | None = Field(default=None, ge=1)
    lasting: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, ge=0, le=3600)
    then: Word | None = None
    """A second fault, for good, once the first is spent."""
    steps: list[StepOrder] | None = Field(default=None, min_length=1, max_length=100)

    def row(self) -> list[Step]:
        """Raises CannotArm: unless it has either a fault or steps."""
        if (self.fault is None) == (self.steps is None) or (self.steps is not None and self.then is not None):
            raise CannotArm("needs either 'fault' (with 'then', where wanted) or 'steps'")
        if self.steps is not None:
            return [Step(each.fault, each.times, each.lasting, each.seconds) for each in self.steps]
        first = Step(str(self.fault), self.times, self.lasting, self.seconds)
        return [first] if self.then is None else [first, Step(self.then)]


class Time(_Body):
    """Where the clock shall stand: a moment or a distance from the machine's, and whether it stands still."""

    now: datetime | None = None
    offset_seconds: float | None = None
    frozen: bool | None = None


class Rotation(_Body):
    """Whose secrets end; without an authority, everybody's."""

    authority: Word | None = None
    channel: Word | None = None


@dataclass(slots=True)
class Admin:
    """The routes."""

    mocks: Mocks
    token: str

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded], client_max_size=65536)
        app.add_routes(
            [
                web.post("/faults", self._arm), web.get("/faults", self._armed), web.delete("/faults", self._clear),
                web.delete(r"/faults/{id:[0-9]{1,9}}", self._clear), web.get("/vocabulary", self._vocabulary),
                web.get("/clock", self._time), web.put("/clock", self._move),
                web.post("/secrets/rotate", self._rotate), web.get("/journal", self._journal),
            ]
        )  # fmt: skip
        return app

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            return _said({"error": "needs 'Authorization: Bearer' and the token of mocks.yaml"}, 401)
        try:
            return await handler(request)
        except CannotArm as error:
            return _said({"error": str(error)}, 400)

    async def _arm(self, request: web.Request) -> web.Response:
        order = await _read(request, Order)
        armed = self.mocks.faults.arm(
            order.person, order.authority, order.row(), channel=order.channel, operation=order.operation
        )
        return _said(armed.shown(), 201)

    async def _armed(self, request: web.Request) -> web.Response:
        return _said({"faults": [armed.shown() for armed in self.mocks.faults]})

    async def _clear(self, request: web.Request) -> web.Response:
        number = request.match_info.get("id")
        cleared = self.mocks.faults.clear(int(number) if number is not None else None)
        if number is not None and not cleared:
            return _said({"error": "no fault is armed with this id (any more)"}, 404)
        return _said({"cleared": cleared})

    async def _vocabulary(self, request: web.Request) -> web.Response:
        told = {
            name: {"zh": fault.zh, "en": fault.en, "wires": fault.wires, "seconds": fault.seconds}
            for name, fault in faults.FAULTS.items()
        }
        return _said({"faults": told})

    async def _time(self, request: web.Request) -> web.Response:
        clock = self.mocks.clock
        told = {"now": rfc3339(clock.unix()), "unix": clock.unix(), "frozen": clock.is_frozen}
        return _said({**told, "offset_seconds": round(clock.offset_seconds, 3)})

    async def _move(self, request: web.Request) -> web.Response:
        clock, wanted = self.mocks.clock, await _read(request, Time)
        if wanted.now is not None and wanted.offset_seconds is not None:
            raise CannotArm("needs either 'now' or 'offset_seconds'")
        if wanted.now is not None and wanted.now.tzinfo is None:
            raise CannotArm("'now' needs its distance from UTC: 2018-05-02T09:00:00+08:00")
        moment = clock.unix() if wanted.now is None else wanted.now.timestamp()
        if wanted.offset_seconds is not None:
            moment += wanted.offset_seconds - clock.offset_seconds
        if not abs(moment) <= FURTHEST:
            # Before anything moves: at a time that cannot be written no mock could answer, this door neither.
            raise CannotArm("the clock goes from 1653 to 2286")
        if wanted.frozen is not None:
            clock.freeze() if wanted.frozen else clock.unfreeze()
        if wanted.now is not None or wanted.offset_seconds is not None:
            clock.move_to(moment)
        return await self._time(request)

    async def _rotate(self, request: web.Request) -> web.Response:
        wanted = await _read(request, Rotation)
        return _said({"rotated": self.mocks.rotate(wanted.authority, wanted.channel)})

    async def _journal(self, request: web.Request) -> web.Response:
        authority, person = request.query.get("authority"), request.query.get("person")
        last = request.query.get("last", "100")
        entries = [
            _entry(name, entry)
            for name, journal in self.mocks.journals.items()
            for entry in journal
            if authority in (None, name) and (person is None or person in entry.people)
        ]
        entries.sort(key=lambda entry: str(entry["at"]))
        return _said({"entries": entries[-(int(last[:6]) if last.isdecimal() else 100) :]})


@asynccontextmanager
async def serving(mocks: Mocks, token: str, port: int = 0) -> AsyncIterator[str]:
    """The admin API until the end of the block; gives its address.

    Raises:
        ValueError: the token is too short to be one.
        OSError: the port is taken.
    """
    if len(token) < 16:
        raise ValueError("the mocks' admin token must have 16 characters or more")
    runner = web.AppRunner(Admin(mocks, token).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _entry(authority: str, entry: Entry) -> dict[str, Any]:
    return {
        "at": rfc3339(entry.at), "authority": authority, "channel": entry.channel, "operation": entry.operation,
        "people": entry.people, "scenario": entry.scenario, "outcome": entry.outcome, "status": entry.status,
        "fault": entry.fault, "why": entry.why,
    }  # fmt: skip


async def _read(request: web.Request, model: type[M]) -> M:
    """The body. Raises CannotArm with everything that is wrong with it, and no value."""
    try:
        return model.model_validate(strict_json.read(await request.read() or b"{}"))
    except strict_json.NotJson as error:
        raise CannotArm(f"the body is not strict JSON: {error.code}") from error
    except ValidationError as error:
        wrong = [explain(item, model) for item in error.errors(include_url=False, include_input=False)]
        told = "; ".join(f"{_place(each.pointer, each.code)}{each.text}" for each in wrong)
        raise CannotArm(told) from error


def _place(pointer: tuple[str | int, ...], code: str) -> str:
    """Where; but not a name that nobody knows, it may be anything."""
    known = pointer[:-1] if code == "unknown_field" else pointer
    return f"/{'/'.join(map(str, known))}: "


def _said(content: Any, status: int = 200) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json"})
