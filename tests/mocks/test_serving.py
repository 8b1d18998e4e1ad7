"""Starting and stopping mocks, in this process and as `python -m mocks`."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace

import aiohttp
import pytest

from gateway.errors import BrokenFiles
from mocks.__main__ import main
from mocks.journal import Entry, Journal
from mocks.keys import SecretTimes
from mocks.server import start
from mocks.settings import identity, load_settings
from tests.mocks.asking import Caller, permit_question, private_pem, public_pem


async def test_a_stopped_authority_cannot_be_reached_and_comes_back_where_it_was(caller, cast):
    question = permit_question(cast.people["P12"].citizen_id)
    mocks = caller.mocks
    before = mocks.url("residence_permit", "share")
    assert (await caller.ask("residence_permit", question)).status == 200
    await mocks.stop_one("residence_permit")
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.ask("residence_permit", question)
    async with caller.session.get(mocks.document_url("guardianship_archive", "share")) as response:
        assert response.status == 200
    await mocks.start_one("residence_permit")
    assert mocks.url("residence_permit", "share") == before
    assert (await caller.ask("residence_permit", question)).status == 200


async def test_a_taken_port_is_said_and_nothing_stays_open(mocks, folders, cast, scenarios, keys):
    port = int(mocks.url("residence_permit", "share").rpartition(":")[2])
    identities = {("guardianship_archive", "share"): keys.rest(), ("residence_permit", "share"): keys.rest()}
    with pytest.raises(OSError):
        async with start(folders, cast, identities, ports={("residence_permit", "share"): port}):
            pytest.fail("must not start")


async def test_the_dialect_none_asks_and_gives_no_signature(folders, cast, scenarios, keys):
    plain = dict(folders)
    for name, channel in (("residence_permit", "share"), ("household_registry", "query")):
        contract = folders[name].contract
        channels = {channel: contract.channels[channel].model_copy(update={"signing": "none"})}
        plain[name] = replace(folders[name], contract=contract.model_copy(update={"channels": channels}))
    identities = {("residence_permit", "share"): keys.rest(), ("household_registry", "query"): keys.soap()}
    async with start(plain, cast, identities) as mocks, aiohttp.ClientSession() as session:
        reply = await Caller(session, mocks, keys).ask(
            "residence_permit", permit_question(cast.people["P12"].citizen_id), tag="another"
        )
        assert (reply.status, "Signature" in reply.headers) == (200, False)
        operation = plain["household_registry"].interfaces["query"].operations["queryQgRkjbxxBysfz"]
        parts = {"pcsbm": "1", "sbh": "2", "md5": "3", "sfzh": cast.people["P01"].citizen_id}
        soap = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'
        url = mocks.url("household_registry", "query") + plain["household_registry"].interfaces["query"].path
        headers = {"Content-Type": "text/xml"}
        async with session.post(url, data=soap % operation.render(parts), headers=headers) as response:
            text = await response.text()
        assert (response.status, "Security" in text) == (200, False)
        assert cast.people["P01"].name in text


async def test_a_soap_channel_needs_certificates(folders, cast, scenarios, keys):
    lacking = replace(keys.soap(), certificate_pem=None)
    with pytest.raises(ValueError, match="certificates"):
        async with start(folders, cast, {("household_registry", "query"): lacking}):
            pytest.fail("must not start")


def test_an_identity_does_not_show_its_key(keys):
    assert repr(keys.rest()) == "Identity('mock-1')"


def test_a_journal_is_bounded():
    journal = Journal(size=2)
    for number in range(3):
        journal.add(Entry("share", "permit", str(number), ("P01",), "answered", 200))
    assert [entry.scenario for entry in journal] == ["1", "2"]
    journal.clear()
    assert len(journal) == 0


MOCKS_YAML = """authorities:
  residence_permit:
    share: {port: 0, key_id: mock-1, private_key: m.pem, caller_key_id: gateway-1, caller_public_key: c.pem}
  household_registry:
    query:
      port: 0
      key_id: mock-2
      private_key: sm.pem
      certificate: smc.pem
      caller_key_id: gateway-2
      caller_public_key: sc.pem
      caller_certificate: scc.pem
  social_insurance:
    share: {port: 0, requester: demo, app_key: app.txt, secrets: {life_seconds: 90, rotate_seconds: 1, grace_seconds: 2}}
"""


@pytest.fixture
def folder(tmp_path, keys):
    (tmp_path / "mocks.yaml").write_text(MOCKS_YAML, "utf-8")
    (tmp_path / "m.pem").write_bytes(private_pem(keys.mock))
    (tmp_path / "c.pem").write_bytes(public_pem(keys.caller))
    (tmp_path / "sm.pem").write_bytes(private_pem(keys.soap_mock))
    (tmp_path / "sc.pem").write_bytes(public_pem(keys.soap_caller))
    (tmp_path / "app.txt").write_text("demo-app-key\n")
    (tmp_path / "smc.pem").write_bytes(keys.soap().certificate_pem)
    (tmp_path / "scc.pem").write_bytes(keys.soap().caller_certificate_pem)
    return tmp_path


def test_the_settings_give_each_channel_its_keys(folder, keys):
    settings = load_settings(folder)
    assert identity(folder, settings.authorities["residence_permit"]["share"]) == keys.rest()
    assert identity(folder, settings.authorities["household_registry"]["query"]) == keys.soap()
    platform = identity(folder, settings.authorities["social_insurance"]["share"])
    assert (platform.requester, platform.app_key) == ("demo", b"demo-app-key")
    assert platform.secrets == SecretTimes(life=90, rotate_every=1, grace=2, skew=300)
    assert repr(platform) == "Identity('demo')"


@pytest.mark.parametrize("lost", ["requester: demo, ", "app_key: app.txt, ", "caller_key_id: gateway-1, "])
def test_half_a_channels_keys_are_refused(folder, lost):
    file = folder / "mocks.yaml"
    file.write_text(MOCKS_YAML.replace(lost, ""), "utf-8")
    with pytest.raises(BrokenFiles, match="needs either 'key_id'"):
        load_settings(folder)
    file.write_text(MOCKS_YAML.replace("requester: demo", "requester: demo, key_id: mock-1"), "utf-8")
    with pytest.raises(BrokenFiles, match="needs either 'key_id'"):
        load_settings(folder)


def test_a_missing_admin_token_is_named(folder, capsys):
    file = folder / "mocks.yaml"
    file.write_text("admin: {port: 0, token: admin.txt}\n" + MOCKS_YAML, "utf-8")
    assert main([str(folder)]) == 2
    assert "admin names a file that is not there: admin.txt" in capsys.readouterr().err
    (folder / "admin.txt").write_text("short")
    assert main([str(folder)]) == 2
    assert "16 characters" in capsys.readouterr().err


def test_a_missing_key_file_is_named(folder, capsys):
    (folder / "m.pem").unlink()
    with pytest.raises(BrokenFiles, match=r"residence_permit\.share names a file that is not there: m\.pem"):
        load_settings(folder)
    assert main([str(folder)]) == 2
    assert "m.pem" in capsys.readouterr().err


async def test_python_m_mocks_serves_until_it_is_told_to_stop(folder):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mocks", str(folder), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        lines = [(await asyncio.wait_for(process.stdout.readline(), 60)).decode().split() for _ in range(3)]
        assert [line[0] for line in lines] == [
            "residence_permit.share", "household_registry.query", "social_insurance.share",
        ]  # fmt: skip
        async with aiohttp.ClientSession() as session:
            for _, _, document in lines:
                async with session.get(document) as response:
                    assert response.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")
