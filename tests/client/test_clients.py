"""Both clients against a socket, and what a consumer has to install for them."""

import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from gateway import client as package
from gateway.client import AsyncClient, Client, ClientError, Unreached, errors
from gateway.clock import SystemClock
from gateway.security import keys
from tests.client.gateway_double import CONSUMER, GATEWAY, QUESTION, Asking, GatewayDouble, StillClock

SERVER_LIBRARIES = (
    "aiohttp zeep lxml pydantic structlog tenacity jsonschema_rs yaml typer rich prometheus_client uvloop asyncpg"
)

IMPORT_ALONE = f"""
import sys

class NotInstalled:
    asked = []
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SERVER_LIBRARIES.split()!r}:
            self.asked.append(name)
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NotInstalled())
import httpx  # offers a command line of its own where rich is installed, and does without where it is not
NotInstalled.asked.clear()
import gateway.client
assert not NotInstalled.asked, NotInstalled.asked
from gateway.security.keys import new_ed25519
private, public = new_ed25519()
for kind in (gateway.client.Client, gateway.client.AsyncClient):
    kind("https://gw.example", keyid="a", private_key=private, gateway_keys={{"gw": public}})
loaded = [name for name in {SERVER_LIBRARIES.split()!r} if name in sys.modules]
assert not loaded and not NotInstalled.asked, (loaded, NotInstalled.asked)
print(*sorted(name for name in sys.modules if name.startswith("gateway.")))
"""


def test_a_consumer_installs_no_server_library() -> None:
    done = subprocess.run([sys.executable, "-I", "-c", IMPORT_ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rooms = {name.split(".")[1] for name in done.stdout.split()}
    assert rooms == {"client", "clock", "contract", "errors", "model", "proofs", "security"}
    contract = {name for name in done.stdout.split() if name.startswith("gateway.contract.")}
    assert contract == {"gateway.contract.strict_json"}
    dialects = {name for name in done.stdout.split() if name.startswith("gateway.security.")}
    assert dialects == {
        f"gateway.security.{name}"
        for name in (
            *("algorithms", "digests", "idempotency", "keys", "presented", "profiles", "signatures"),
            *("sm2", "sm2_pem"),
        )
    }


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = (errors.__doc__ or "").split()
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ClientError)]
    assert len(kinds) == 6
    for kind in kinds:
        assert kind.__name__ in drawn
        assert kind.__name__ in package.__all__


def test_both_clients_offer_the_same() -> None:
    for name in ("__init__", "verify", "get", "search", "find", "receipt", "accesses"):
        blocking, asynchronous = (
            [
                (each.name, each.kind, each.default)
                for each in inspect.signature(getattr(kind, name)).parameters.values()
            ]
            for kind in (Client, AsyncClient)
        )
        assert blocking == asynchronous


def test_the_environment_sends_nothing_another_way(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Client(server, keyid="intake-01", private_key=CONSUMER[0], gateway_keys={"gw-2026": GATEWAY[1]}) as client:
        assert client.verify(QUESTION).outcome == "complete"


@pytest.fixture
def server() -> Iterator[str]:
    """A gateway double behind a real socket, on the real clock."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = httpx.Request("POST", f"http://gw.example{self.path}", headers=self.headers.items(), content=body)
            response = double(request)
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.content)

        def log_message(self, *_: object) -> None:
            """Silent."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    double = GatewayDouble(SystemClock(), authority=f"127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_over_a_socket_blocking(server: str) -> None:
    with Client(server, keyid="intake-01", private_key=CONSUMER[0], gateway_keys={"gw-2026": GATEWAY[1]}) as client:
        assert client.verify(QUESTION, idempotency_key="JL2018050200123-1").revision == 1


def test_over_a_socket_with_asyncio(server: str) -> None:
    async def ask() -> int:
        async with AsyncClient(
            server, keyid="intake-01", private_key=CONSUMER[0], gateway_keys={"gw-2026": GATEWAY[1]}
        ) as client:
            return (await client.verify(QUESTION)).revision

    assert asyncio.run(ask()) == 1


def test_nobody_listening_is_unreached(clock: StillClock) -> None:
    with (
        Client("http://127.0.0.1:1", keyid="a", private_key=CONSUMER[0], gateway_keys={}, clock=clock) as client,
        pytest.raises(Unreached, match="ConnectError"),
    ):
        client.verify(QUESTION)


def test_a_shared_signer_object_serves(asking: Asking) -> None:
    asking.arguments["private_key"] = keys.signer("intake-01", CONSUMER[0])
    asking.arguments["gateway_keys"] = {"gw-2026": keys.verifier("gw-2026", GATEWAY[1])}
    assert asking.verify().outcome == "complete"


def test_keys_may_be_named_as_text(tmp_path: Path) -> None:
    private, public = keys.new_ed25519()
    for name, pem in (("own.pem", private), ("theirs.pem", public)):
        (tmp_path / name).write_bytes(pem)
    own, theirs = str(tmp_path / "own.pem"), {"gw": str(tmp_path / "theirs.pem")}
    Client("http://127.0.0.1:1", keyid="me", private_key=own, gateway_keys=theirs).close()
