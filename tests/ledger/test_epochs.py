"""A change of epoch: a case stays bound, and a canary is seen by its old pseudonym."""

from __future__ import annotations

from gateway.contract.epochs import EpochsFile
from gateway.model import Status
from gateway.security.epochs import Epochs, Living
from gateway.security.pseudonyms import PERSON, Pseudonyms
from tests.ledger.asking import CHILD, FATHER, PSEUDONYMS, call, signed, verdict, verification
from tests.ledger.test_limits import Desk, desk

__all__ = ["desk"]


def epochs(*states: str) -> Epochs:
    """e1 and perhaps e2, the newest of them active."""
    file = EpochsFile.model_validate(
        {
            "epochs": [
                {"epoch": f"e{number}", "state": state, "key": f"file:{number}", "since": "2018-01-01T00:00:00Z"}
                for number, state in enumerate(states, 1)
            ]
        }
    )
    keyed = {"e2": Pseudonyms("e2", b"2" * 32), "e1": PSEUDONYMS}
    return Epochs(file, {name: each for name, each in keyed.items() if name in {one.epoch for one in file.epochs}})


async def test_a_case_stays_bound_and_a_canary_is_seen(desk: Desk) -> None:
    now = [epochs("active")]
    desk.ledger._pseudonyms = Living(lambda: now[0])
    desk.ledger._watch._canaries = frozenset({PSEUDONYMS.of(PERSON, FATHER.citizen_id)})
    intent = await desk.ledger.intend(verification(guardian=None), signed(), "jilin-2018-05", 0.0)
    await desk.ledger.conclude(intent, verdict(), b"{}")
    now[0] = epochs("former", "active")
    assert await desk.ask(FATHER) == "case_bound"
    assert desk.sighted == []
    again = await desk.ask(CHILD, guardian=FATHER)
    assert not isinstance(again, str)
    newest = (await desk.entries("intent"))[-1]
    assert newest["subject"].startswith("e2:")
    assert newest["case"].startswith("e2:")
    assert desk.sighted == ["intake"], "by the pseudonym that the file of canaries has"


async def test_a_call_is_blinded_as_its_question_whatever_epoch_is_active_when_it_ends(desk: Desk) -> None:
    now = [epochs("active")]
    desk.ledger._pseudonyms = Living(lambda: now[0])
    intent = await desk.ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    now[0] = epochs("former", "active")
    desk.ledger.record(intent, call("ev-1", Status.ANSWERED, "b" * 64))
    await desk.ledger.conclude(intent, verdict(), b"{}")
    (evidence,) = await desk.entries("evidence")
    assert evidence["request_digest"] == PSEUDONYMS.blinded("ev-1", bytes.fromhex("a" * 64))
    assert evidence["reply_digest"] == PSEUDONYMS.blinded("ev-1", bytes.fromhex("b" * 64))
