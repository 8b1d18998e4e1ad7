"""What comes after framing and before any signature (hostile-inputs A): each is refused with its code, and signed."""

from __future__ import annotations

import gzip

import pytest

from gateway.web.questions import MAX_BODY_BYTES
from tests.hostile.doorstep import QUOTED, turned_away
from tests.web.doorway import BODY, SERVED, Doorway, doorway
from tests.wire import PATH, exchange, reading, until_closed

CHUNKED = {"Content-Length": None, "Transfer-Encoding": "chunked"}


def chunks(body: bytes, size: int = 16384) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("target", [f"http://{QUOTED}.example", "https://gw.example", "http://gw.example"])
async def test_h04_an_absolute_target_is_421_whoever_it_names(door: Doorway, target: str):
    """Ours too: the signature covers the raw target, which is never that."""
    await turned_away(door, door.ask(path=target + PATH), 421, "authority_not_served")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/./verifications", "/v1/x/../verifications", "/v1/verifications/.", "/v1/verifications/..",
        "/../v1/verifications", "//v1/verifications", "/v1//verifications", "/v1/verifications/", "/v1/verifications//",
        "/v1/%76erifications", "/%761/verifications", "/v1%2Fverifications", "/v1/verifications%00", "/V1/verifications",
        "/v1/verifications;v=1", "/v1;a/verifications", "/v1/verifications%3F", "/v1/verifications#top",
        "/v1\\verifications", "/livez/../v1/verifications", "/openapi.json/../v1/verifications",
    ],
)  # fmt: skip
async def test_h04_no_other_spelling_of_a_path_reaches_a_handler(door: Doorway, path: str):
    """`@path` is the raw target: what is signed is what is looked up, letter by letter."""
    where_it_is_read = path.startswith(f"{PATH}/")  # anything may be read there from the handler of these tests
    status, code = (405, "method_not_allowed") if where_it_is_read else (404, "not_found")
    await turned_away(door, door.ask(path=path), status, code)


@pytest.mark.parametrize(
    "path", ["/%6civez", "/livez/", "//livez", "/x/../livez", "/%6Fpenapi.json", "/problems/%6bey"]
)
async def test_h04_nor_an_open_page(door: Doorway, path: str):
    reply = await exchange(door.address, reading(door.ask(), path).bytes())
    assert (reply.status, reply.code) == (404, "not_found")


@pytest.mark.parametrize("query", ["?", "?a=1", f"?a={QUOTED}?b", "?%3F"])
async def test_h06_a_query_is_refused_even_empty(door: Doorway, query: str):
    """The answer's signature covers the path without it."""
    await turned_away(door, door.ask(path=PATH + query), 400, "query_not_allowed", path=PATH)


@pytest.mark.parametrize("method", ["GET", "PUT", "TRACE", "DELETE", "OPTIONS", "PATCH"])
async def test_h07_another_method_is_405(door: Doorway, method: str):
    reply = await turned_away(door, reading(door.ask(), PATH, method=method), 405, "method_not_allowed")
    assert reply.headers["allow"] == "POST"


async def test_h07_and_on_what_can_be_read_only(door: Doorway):
    asked = reading(door.ask(), f"{PATH}/1", method="POST")
    assert (await turned_away(door, asked, 405, "method_not_allowed")).headers["allow"] == "GET"


async def test_h08_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(door: Doorway):
    whole = b" " * MAX_BODY_BYTES
    assert (await door.send(door.ask(whole))).status == 200
    door.taken.clear()
    reply = await turned_away(door, door.ask(whole + b" "), 413, "body_too_large")
    assert reply.headers["connection"] == "close"


async def test_h08_a_chunked_body_is_counted_as_it_comes(door: Doorway):
    whole = b" " * MAX_BODY_BYTES
    fits, over = door.ask(whole, sent=CHUNKED), door.ask(whole + b" ", sent=CHUNKED)
    assert (await exchange(door.address, (fits.head(), chunks(fits.body)))).status == 200
    door.taken.clear()
    await turned_away(door, over, 413, "body_too_large", over.head() + chunks(over.body))


async def test_h08_a_length_that_is_too_much_is_refused_before_the_body_comes(door: Doorway):
    over = door.ask(sent={"Content-Length": str(MAX_BODY_BYTES + 1)})
    await turned_away(door, over, 413, "body_too_large", over.head())


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity", QUOTED])
async def test_h09_an_encoded_body_is_refused_and_never_unpacked(door: Doorway, encoding: str):
    """Less than 1 KiB of gzip twice over would be 100 MiB."""
    bomb = gzip.compress(gzip.compress(b"\0" * 1_000_000))
    await turned_away(door, door.ask(bomb, headers=(("Content-Encoding", encoding),)), 415, "content_encoding")


async def test_h10_a_slow_body_is_408_at_the_read_deadline_and_the_connection_ends():
    """The sender keeps the rest of the body to itself."""
    async with doorway(body_seconds=0.02) as door:
        found = await until_closed(door.address, door.ask().head() + BODY[:5])
        assert found.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"body_too_slow"' in found
        assert b"\r\nSignature: gw=:" in found
        assert (door.taken, door.counted) == ([], ["body_too_slow"])


@pytest.mark.parametrize(
    "media_type",
    [
        "text/json", "application/json; charset=gbk", "application/json;charset=utf-16", "application/xml", "", "*/*",
        "application/json, text/json", f"application/{QUOTED}", "application/json; charset=utf-8; charset=gbk",
    ],
)  # fmt: skip
async def test_h12_another_content_type_is_415(door: Doorway, media_type: str):
    await turned_away(door, door.ask(media_type=media_type), 415, "content_type")


async def test_h12_two_content_types_are_415_or_no_request(door: Doorway):
    reply = await door.send(door.ask(), "Content-Type: application/json")
    assert (reply.status, door.taken) in ((415, []), (400, []))


@pytest.mark.parametrize("host", [f"{QUOTED}.example", "gw.example.", "", f"{SERVED[0]}, {SERVED[0]}", "gw.example@x"])
async def test_h39_a_host_that_is_not_ours_is_421(door: Doorway, host: str):
    """The refusal is signed for a name of ours, never for theirs."""
    asked = door.ask(sent={"Host": host})
    data = asked.bytes()
    await turned_away(door, asked.again(authority=min(SERVED), sent={}), 421, "authority_not_served", data)


async def test_h39_another_name_of_ours_is_401_and_the_digests_show_it(door: Doorway):
    asked = door.ask(sent={"Host": SERVED[1]})
    reply = await turned_away(door, asked.again(authority=SERVED[1]), 401, "signature_invalid", asked.bytes())
    assert [line["component"] for line in reply.json["signature_base"]][1] == '"@authority"'


@pytest.mark.parametrize("more", [(("X-Forwarded-Proto", "http"),), (("X-Forwarded-Port", "80"),), (("Via", "1.1 p"),)])
async def test_h38_a_proxy_may_change_the_scheme(door: Doorway, more: tuple[tuple[str, str], ...]):
    """Host is matched by name, without regard to case, and the configured text enters the base."""
    asked = door.ask(headers=more, sent={"Host": "GW.Example"})
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked)) == (200, True)
