"""The page that checks receipts, in a real Chromium, opened from its file: no server, no network."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from gateway.proofs.receipt_refusals import REFUSALS
from gateway.security import keys
from gateway.web import receipt_page
from tests.demands import needs
from tests.proofs.receipted import ANSWER, QUESTION, Receipted

PAGE = Path(__file__).parents[2] / "gateway" / "web" / "pages" / "receipt.html"
MADE = Receipted()
pytestmark = [needs("chromium"), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playing:
        browser = await playing.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = await browser.new_page(locale="en-GB")
        await opened.context.set_offline(True)
        await opened.goto(PAGE.as_uri())
        yield opened
        await browser.close()


async def shown(page: Page, **files: bytes) -> tuple[str, str, str]:
    """The verdict's class and code, and what the rows say."""
    await page.reload()
    for name, content in files.items():
        await page.set_input_files(f"#{name}", {"name": name, "mimeType": "application/json", "buffer": content})
    await page.wait_for_function("turn > 1 && !document.querySelector('#verdict').textContent.startsWith('Choose')")
    verdict = page.locator("#verdict")
    rows = "\n".join(await page.locator("#rows tr").all_inner_texts())
    return await verdict.get_attribute("class") or "", await verdict.get_attribute("data-code") or "", rows


async def test_a_whole_receipt(page: Page):
    kind, code, rows = await shown(
        page, receipt=MADE.file(), keys=MADE.document(), question=QUESTION, answer=ANSWER.ljust(64)
    )
    assert (kind, code) == ("good", "")
    assert rows.count("proved: it is this file") == 2
    assert "household_registry.query: answered; grades (request/reply) B/A" in rows
    assert "gw.example/audit/0: entry 2, checkpoint of size 5" in rows
    assert "witness.example/w1 2026-11-23T00:00:04.000Z" in rows
    await page.click("#switch")
    assert "核验通过" in await page.inner_text("#verdict")


async def test_without_proof_and_with_another_question(page: Page):
    kind, _, rows = await shown(page, receipt=MADE.file(proved=False), keys=MADE.document())
    assert (kind, "not yet" in rows) == ("", True)
    kind, _, rows = await shown(page, receipt=MADE.file(), keys=MADE.document(), question=ANSWER)
    assert (kind, "not this file" in rows) == ("bad", True)


async def test_a_key_on_p256(page: Page):
    made = Receipted(signer=keys.new_p256(), alg="ecdsa-p256-sha256")
    assert (await shown(page, receipt=made.file(), keys=made.document()))[0] == "good"


async def test_other_keys_and_another_proof(page: Page):
    file, other = MADE.file(), Receipted(MADE.signer, MADE.log, MADE.witness, index=3)
    for code, receipt, document in (
        ("signature_invalid", file, Receipted().document()),
        ("key_revoked", file, MADE.document(state="revoked")),
        ("key_retired", file, MADE.document(state="retiring", until="2026-11-23T00:00:01.000Z")),
        ("keys_malformed", file, b"{}"),
        ("ledger_unknown", file, MADE.document(ledger=False)),
        ("proof_misplaced", MADE.file(proof=other.proof()), MADE.document()),
        ("page_sm2", file, MADE.document(alg="sm2-sm3", public_key=_sm2())),
    ):
        kind, found, rows = await shown(page, receipt=receipt, keys=document)
        assert (kind, found, rows) == ("bad", code, "")


def _sm2() -> str:
    try:
        return keys.new_sm2()[1].decode()
    except keys.UnusableKey:
        pytest.skip("the extra 'sm' is not installed")


async def test_each_altered_byte_is_refused(page: Page):
    """Every tenth position here; every one in test_receipts."""
    await shown(page, receipt=MADE.file(), keys=MADE.document())
    tried = """async ([file, keys]) => {
        const bytes = utf8.encode(file), document = utf8.encode(keys), accepted = [];
        await check(bytes, document);
        for (let at = 0; at < bytes.length; at += 10) {
            const changed = bytes.slice(); changed[at] ^= 1;
            try { await check(changed, document); accepted.push(at) }
            catch (error) { if (!error.code) accepted.push(String(error)) }
        }
        return accepted }"""
    assert await page.evaluate(tried, [MADE.file().decode(), MADE.document().decode()]) == []


async def test_the_page_says_what_the_command_says():
    text = PAGE.read_text("utf-8")
    listed = text.partition('id="refusals">')[2].partition("</script>")[0]
    assert json.loads(listed) == {code: said._asdict() for code, said in REFUSALS.items()}
    assert "http://" not in text
    assert "https://" not in text


async def test_served_it_runs_its_own_script_and_may_reach_nobody(page: Page):
    app = web.Application()
    app.router.add_get(receipt_page.PATH, receipt_page.page)
    async with TestServer(app) as server, async_playwright() as playing:
        browser = await playing.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = await browser.new_page(locale="zh-CN")
        await opened.goto(str(server.make_url(receipt_page.PATH)))
        assert await opened.inner_text("#title") == "回执核验"
        assert await opened.evaluate("getComputedStyle(document.querySelector('.files')).display") == "grid"
        reached = "fetch(location.href).then(() => true, () => false)"
        assert await opened.evaluate(reached) is False
        await browser.close()
