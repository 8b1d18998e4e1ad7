"""What a consumer installs: ask the gateway, and believe nothing that it did not sign for this very question.

    from gateway.client import Client, Question

    with Client("https://gw.example", keyid="intake-01", private_key=Path("intake-01.pem"),
                gateway_keys={"gw-2026": Path("gw-2026.pub.pem")}) as gateway:
        answer = gateway.verify(question)

`GatewayAuth` signs and verifies as an httpx auth flow, a generator without I/O, so one class serves sync and async;
`Conversation` builds requests and reads answers; `Client` and `AsyncClient` only send. `errors` draws what can be raised.
Needs the standard library, cryptography and httpx; no server library is ever imported.
"""

from gateway.client.answers import Access, Accesses, Answer, Material, Message, RateLimit, Source
from gateway.client.auth import GatewayAuth
from gateway.client.cases import AskedBefore, Cases
from gateway.client.clients import AsyncClient, Client
from gateway.client.errors import AnswerNotTrusted, BadAnswer, ClientError, Problem, Unreached, Unsendable
from gateway.client.questions import OfficerFound, Question

__all__ = [
    "Access",
    "Accesses",
    "Answer",
    "AnswerNotTrusted",
    "AskedBefore",
    "AsyncClient",
    "BadAnswer",
    "Cases",
    "Client",
    "ClientError",
    "GatewayAuth",
    "Material",
    "Message",
    "OfficerFound",
    "Problem",
    "Question",
    "RateLimit",
    "Source",
    "Unreached",
    "Unsendable",
]
