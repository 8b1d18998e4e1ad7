"""`gateway demo`: every authority as a mock, a gateway, a counter; the cast asks, and each gets one decision.

Everything listens on free loopback ports, lives in a temporary folder, and is gone at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from gateway import app, logs
from gateway.client import Answer, AsyncClient, GatewayAuth, Problem
from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.commands.stage import Stage, set_up
from gateway.contract.people import Cast, Member
from gateway.security import keys, sm2
from mocks.server import Mocks

AS_OF = "2018-05-02"


@dataclass(frozen=True, slots=True)
class Scene:
    """One applicant at the counter."""

    subject: str
    guardian: str | None = None
    material: str = "guardianship_proof"
    without: str | None = None
    """An authority that is down meanwhile; or one of its channels, as `authority.channel`."""
    unit_code: str = "229901000000"


RESIDENCE = "residence_permit"
INSURANCE = "social_insurance_proof"
BASIS = {RESIDENCE: "residence_permit", INSURANCE: "employment"}
"""What somebody from elsewhere applies on the ground of, by the material that shows it."""
SCENES = (
    Scene("M01", "A01"),
    Scene("M02", "A02"),
    Scene("P03", "P01"),
    Scene("M04", "A24"),
    Scene("P03", "P02"),
    Scene("P12", material=RESIDENCE),
    Scene("P13", material=RESIDENCE),
    Scene("P08", material=INSURANCE),
    Scene("P09", material=INSURANCE, without="social_insurance.share"),
    Scene("P11", material=RESIDENCE),
    Scene("R06", material=RESIDENCE),
    Scene("S01", material=INSURANCE),
    Scene("R07", material=RESIDENCE),
    Scene("M09", "P16"),
    Scene("M05", "A05"),
    Scene("S16", material=INSURANCE),
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
    async with set_up(clock) as stage, app.running(stage.installed, clock, stage.sockets()):
        return await _play(stage)


def counter_of(stage: Stage) -> AsyncClient:
    """The demonstration's counter."""
    gateway_keys = {"gateway-answers": stage.home / "keys" / "answers.pub.pem"}
    signer = _signer(stage)
    return AsyncClient(stage.url, keyid=signer.keyid, private_key=signer, gateway_keys=gateway_keys)


def _signer(stage: Stage) -> keys.Signer:
    return keys.signer(scaffold.CONSUMER_KEY, stage.home / "keys" / "counter.pem")


async def _play(stage: Stage) -> list[Played]:
    cast, mocks = stage.cast, stage.mocks
    played = []
    async with counter_of(stage) as counter:
        for scene in SCENES:
            await _down(mocks, scene)
            who, guardian = cast.people[scene.subject], cast.people[scene.guardian] if scene.guardian else None
            try:
                played.append(Played(scene, who, guardian, answer=await counter.verify(question(scene, cast))))
            except Problem as problem:
                played.append(Played(scene, who, guardian, problem=problem))
            await _up(mocks, scene)
    played.append(await _replayed(stage))
    return played


async def _down(mocks: Mocks, scene: Scene) -> None:
    authority, _, channel = (scene.without or "").partition(".")
    if channel:
        mocks.arm("*", authority, "unreachable", channel=channel)
    elif authority:
        await mocks.stop_one(authority)


async def _up(mocks: Mocks, scene: Scene) -> None:
    mocks.faults.clear()
    if scene.without and "." not in scene.without:
        await mocks.start_one(scene.without)


async def _replayed(stage: Stage) -> Played:
    """The very same signed bytes twice: the second time they are refused."""
    scene, cast = SCENES[0], stage.cast
    verifiers = {"gateway-answers": keys.verifier("gateway-answers", stage.home / "keys" / "answers.pub.pem")}
    auth = GatewayAuth(_signer(stage), verifiers, SystemClock())
    async with httpx.AsyncClient(trust_env=False) as http:
        request = http.build_request("POST", f"{stage.url}/v1/verifications", json=question(scene, cast))
        first = await http.send(request, auth=auth)
        again = httpx.Request("POST", request.url, headers=first.request.headers, content=request.content)
        second = (await http.send(again)).json()
    problem = Problem(second["status"], second["code"], second["title"], second["detail"], (), raw=second)
    return Played(scene, cast.people[scene.subject], cast.people[str(scene.guardian)], problem=problem)


def in_sm2() -> list[str]:
    """The authorities that are asked, and answer, with SM2 here."""
    return sorted(scaffold.SHOWN_IN_SM2) if sm2.IS_AVAILABLE else []


def question(scene: Scene, cast: Cast) -> dict[str, Any]:
    """The scene as the body of a request."""
    asked: dict[str, Any] = {
        "case_number": f"JL20180502{scene.subject}",
        "application_date": AS_OF,
        "business_items": ["passport"],
        "purpose": "exit_entry_application",
        "operator": {"id": "op-0117", "name": "样例警员", "unit_code": scene.unit_code},
        "subject": _person(cast.people[scene.subject]),
        "materials": [scene.material],
    }
    if scene.guardian is not None:
        asked["guardian"] = _person(cast.people[scene.guardian])
    if scene.material in BASIS:
        asked["residence_basis"] = BASIS[scene.material]
    return asked


def _person(member: Member) -> dict[str, str]:
    return {"citizen_id": member.citizen_id, "name": member.name}
