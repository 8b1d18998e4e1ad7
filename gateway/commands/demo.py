"""`gateway demo`: every authority as a mock, a gateway, a counter; the cast asks, and each gets one decision.

Everything listens on free loopback ports, lives in a temporary folder, and is gone at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway import app, installation, logs
from gateway.client import Answer, AsyncClient, GatewayAuth, Problem
from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.commands.ports import free_ports
from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.contract.people import Cast, Member
from gateway.security import keys
from gateway.settings import Listen
from mocks.server import Mocks, cast_of, start
from mocks.settings import identity, load_settings

AS_OF = "2018-05-02"
DAYS_BACK = 36500
"""The demo plays on the day of the briefing in 2018, so its installation takes old application dates."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One applicant at the counter."""

    subject: str
    guardian: str | None = None
    material: str = "guardianship_proof"
    without: str | None = None
    """An authority that is down meanwhile."""


RESIDENCE = "residence_permit"
SCENES = (
    Scene("M01", "A01"),
    Scene("M02", "A02"),
    Scene("P03", "P01"),
    Scene("M04", "A24"),
    Scene("P03", "P02"),
    Scene("P12", material=RESIDENCE),
    Scene("P13", material=RESIDENCE),
    Scene("P11", material=RESIDENCE),
    Scene("R06", material=RESIDENCE),
    Scene("R07", material=RESIDENCE),
    Scene("M09", "P16"),
    Scene("M05", "A05"),
    Scene("T23", "A99"),
    Scene("P17", material=RESIDENCE),
    Scene("P05", "A06"),
    Scene("P12", material=RESIDENCE, without="residence_permit"),
)


@dataclass(frozen=True, slots=True)
class Played:
    """A scene and what came of it: an answer, or a refusal."""

    scene: Scene
    subject: Member
    guardian: Member | None
    answer: Answer | None = None
    problem: Problem | None = None


async def play() -> list[Played]:
    """Plays every scene and the replay; nothing is left running or lying about afterwards."""
    logs.configure("none")
    clock = SystemClock()
    folders = load_authorities(shipped())
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-demo-"))) / "home"
        public, admin = (stack.enter_context(app.listen_on(Listen(port=0))) for _ in range(2))
        channels = [(name, channel) for name, folder in folders.items() for channel in folder.contract.channels]
        ports = dict(zip(channels, free_ports(len(channels)), strict=True))
        at = scaffold.Addresses(public.getsockname()[1], admin.getsockname()[1], ports)
        scaffold.write(home, folders, at, clock, DAYS_BACK)
        cast, mocks = await _mocks(stack, home, folders, ports)
        gateway = await stack.enter_async_context(app.running(installation.read(home), clock, (public, admin)))
        return await _play(home, gateway.url, cast, mocks)


async def _mocks(
    stack: AsyncExitStack, home: Path, folders: Mapping[str, AuthorityFolder], ports: Mapping[tuple[str, str], int]
) -> tuple[Cast, Mocks]:
    cast, scenarios = cast_of(folders.values())
    named = load_settings(home)
    identities = {(a, c): identity(home, named.authorities[a][c]) for a, c in ports}
    return cast, await stack.enter_async_context(start(folders, cast, identities, scenarios=scenarios, ports=ports))


async def _play(home: Path, url: str, cast: Cast, mocks: Mocks) -> list[Played]:
    signer = keys.signer(scaffold.CONSUMER_KEY, home / "keys" / "counter.pem")
    gateway_keys = {"gateway-answers": home / "keys" / "answers.pub.pem"}
    played = []
    async with AsyncClient(url, keyid=signer.keyid, private_key=signer, gateway_keys=gateway_keys) as counter:
        for scene in SCENES:
            if scene.without:
                await mocks.stop_one(scene.without)
            who, guardian = cast.people[scene.subject], cast.people[scene.guardian] if scene.guardian else None
            try:
                played.append(Played(scene, who, guardian, answer=await counter.verify(question(scene, cast))))
            except Problem as problem:
                played.append(Played(scene, who, guardian, problem=problem))
            if scene.without:
                await mocks.start_one(scene.without)
    played.append(await _replayed(home, url, cast, signer))
    return played


async def _replayed(home: Path, url: str, cast: Cast, signer: keys.Signer) -> Played:
    """The very same signed bytes twice: the second time they are refused."""
    scene = SCENES[0]
    verifiers = {"gateway-answers": keys.verifier("gateway-answers", home / "keys" / "answers.pub.pem")}
    auth = GatewayAuth(signer, verifiers, SystemClock())
    async with httpx.AsyncClient(trust_env=False) as http:
        request = http.build_request("POST", f"{url}/v1/verifications", json=question(scene, cast))
        first = await http.send(request, auth=auth)
        again = httpx.Request("POST", request.url, headers=first.request.headers, content=request.content)
        second = (await http.send(again)).json()
    problem = Problem(second["status"], second["code"], second["title"], second["detail"], (), raw=second)
    return Played(scene, cast.people[scene.subject], cast.people[str(scene.guardian)], problem=problem)


def question(scene: Scene, cast: Cast) -> dict[str, Any]:
    """The scene as the body of a request."""
    asked: dict[str, Any] = {
        "case_number": f"JL20180502{scene.subject}",
        "application_date": AS_OF,
        "business_items": ["passport"],
        "purpose": "exit_entry_application",
        "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
        "subject": _person(cast.people[scene.subject]),
        "materials": [scene.material],
    }
    if scene.guardian is not None:
        asked["guardian"] = _person(cast.people[scene.guardian])
    if scene.material == RESIDENCE:
        asked["residence_basis"] = "residence_permit"
    return asked


def _person(member: Member) -> dict[str, str]:
    return {"citizen_id": member.citizen_id, "name": member.name}
