"""Silence is never a no: every fault that a wire shows, at every authority, through the whole gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.commands.scaffold import CONSUMER_KEY
from tests.paths import between as wires
from tests.paths.between import Between, Fault, between
from tests.roomy import without_quotas
from tests.system import (
    ARCHIVE,
    CHANNELS,
    GUARDIANSHIP,
    PERMITS,
    REGISTRY,
    RESIDENCE,
    HastyClock,
    System,
    consumer,
    identities,
    mocked,
    site,
    told,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What the gateway calls each fault, in REST (signed and bound: grade A) and in SOAP (signed: grade B).
NAMED: Mapping[Fault, tuple[str, str]] = {
    wires.unsigned: ("bad_signature", "bad_signature"),
    wires.wrong_key: ("bad_signature", "bad_signature"),
    wires.swapped: ("not_bound", "subject_mismatch"),
    wires.changed_body: ("bad_signature", "bad_signature"),
    wires.html_page: ("bad_signature", "bad_reply"),
    wires.signed_html: ("bad_reply", "bad_reply"),
    wires.duplicate_key: ("bad_reply", "bad_reply"),
    wires.empty_object: ("bad_reply", "bad_reply"),
    wires.gbk: ("bad_reply", "bad_reply"),
    wires.oversized: ("bad_reply", "bad_reply"),
    wires.redirect: ("bad_reply", "bad_reply"),
    wires.compressed: ("bad_reply", "bad_reply"),
    wires.nothing_at_all: ("bad_signature", "bad_reply"),
    wires.no_content: ("bad_reply", "bad_reply"),
    wires.not_found: ("bad_reply", "bad_reply"),
    wires.truncated: ("unreachable", "unreachable"),
    wires.hung_up: ("unreachable", "unreachable"),
}
DEADLINE_MS = 500
"""Long enough for the others on a busy machine, and far below the contracts' limit of an attempt."""
SILENT_AFTER = {"unreachable", "timeout"}

# Per authority: applicants whose material it decides, with the truth; and somebody asked about before them.
APPLICANTS = {
    PERMITS: {("P12", None): "confirmed", ("R06", None): "contradicted", ("R07", None): "no_record"},
    ARCHIVE: {("M01", "A01"): "confirmed", ("M09", "P16"): "no_record"},
    REGISTRY: {("P03", "P01"): "confirmed", ("M09", "P16"): "no_record"},
}
EARLIER = {PERMITS: ("R01", None), ARCHIVE: ("M24", "P12"), REGISTRY: ("M03", "A03")}
TRUTHS = {applicant: truth for applicants in APPLICANTS.values() for applicant, truth in applicants.items()}


@dataclass
class Wired:
    """A system with somebody on every wire."""

    system: System
    wires: dict[str, Between]

    async def recover(self) -> None:
        """A quiet time passes, then everybody answers: what tripped before is closed again."""
        self.system.clock.rest()
        for earlier in EARLIER.values():
            await self.ask(earlier, {})

    async def ask(self, applicant: tuple[str, str | None], faults: Mapping[str, Fault], **changes: Any) -> Any:
        """The one material of this applicant, while these authorities have these faults."""
        material = GUARDIANSHIP if applicant[1] else RESIDENCE
        for authority, wire in self.wires.items():
            wire.fault = faults.get(authority)
        try:
            return (await self.system.ask(*applicant, materials=[material], **changes)).materials[0]
        finally:
            for wire in self.wires.values():
                wire.fault = None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wired(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wired]:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(site(tmp_path_factory.mktemp("wired") / "home"))
        mocks = await stack.enter_async_context(mocked(here))
        keys, found, urls = identities(here.home), {}, {}
        for key in CHANNELS:
            wire, port = await stack.enter_async_context(between(keys[key], here.ports[key]))
            found[key[0]], urls[key] = wire, f"http://127.0.0.1:{port}"

        def put_between(settings: dict[str, Any]) -> None:
            for (authority, channel), url in urls.items():
                settings["authorities"][authority][channel]["url"] = url
            settings["outbound"] = [url.removeprefix("http://") for url in urls.values()]
            settings["contracts"] = str(without_quotas(here.home))

        here.change(put_between)
        clock = HastyClock()
        running = await stack.enter_async_context(here.serving(clock))
        asks = await stack.enter_async_context(consumer(here, "counter", CONSUMER_KEY))
        yield Wired(System(here.home, running, mocks, told()[1], asks, asks, clock), found)


def statuses(material: Any) -> dict[str, str]:
    return {source.authority: source.status for source in material.sources}


@pytest.mark.parametrize("applicant", TRUTHS, ids=lambda applicant: applicant[0])
async def test_without_a_fault_the_wire_changes_nothing(wired: Wired, applicant: tuple[str, str | None]):
    await wired.recover()
    assert (await wired.ask(applicant, {})).verdict == TRUTHS[applicant]


@pytest.mark.parametrize("fault", NAMED, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("authority", APPLICANTS)
async def test_each_fault_has_its_name_and_is_never_a_no(wired: Wired, authority: str, fault: Fault):
    named = NAMED[fault][authority == REGISTRY]
    for applicant in APPLICANTS[authority]:
        await wired.recover()
        before = wired.wires[authority].seen
        material = await wired.ask(applicant, {authority: fault})
        assert statuses(material)[authority] == named
        assert (material.verdict, material.disposition) == ("undetermined", "officer_check")
        assert (material.retry_after_seconds is not None) == (named in SILENT_AFTER)
        (source,) = (each for each in material.sources if each.authority == authority)
        assert source.reply_grade is None
        assert len(source.evidence) == source.attempts == wired.wires[authority].seen - before > 0


@pytest.mark.parametrize("authority", APPLICANTS)
async def test_an_authority_that_never_answers_costs_the_deadline_and_its_own_material(wired: Wired, authority: str):
    for applicant in APPLICANTS[authority]:
        await wired.recover()
        start = wired.system.clock.monotonic()
        material = await wired.ask(applicant, {authority: wires.silent}, deadline_ms=DEADLINE_MS)
        took = wired.system.clock.monotonic() - start
        assert DEADLINE_MS * 0.85 < took * 1000 < 2500, "the deadline, less what judging keeps; not the attempt's limit"
        assert (material.verdict, material.disposition) == ("undetermined", "officer_check")
        for source in material.sources:
            assert source.status == ("timeout" if source.authority == authority else source.status)
            assert source.authority == authority or source.status in ("answered", "no_record")
    # Of somebody else: the same question would share the call that is still on the wire.
    await wired.recover()
    assert set(statuses(await wired.ask(EARLIER[authority], {})).values()) <= {"answered", "no_record"}


async def test_what_a_silent_archive_leaves_unsaid_the_registry_says_in_time(wired: Wired):
    await wired.recover()
    material = await wired.ask(("P03", "P01"), {ARCHIVE: wires.silent}, deadline_ms=DEADLINE_MS)
    assert (material.verdict, material.reason) == ("confirmed", "parent_head")
    assert statuses(material) == {ARCHIVE: "timeout", REGISTRY: "answered"}


async def test_a_registry_that_never_says_who_is_local_leaves_time_to_ask_for_the_permit(wired: Wired):
    await wired.recover()
    material = await wired.ask(("P12", None), {REGISTRY: wires.silent}, deadline_ms=DEADLINE_MS)
    assert (material.verdict, material.reason) == ("confirmed", "permit_valid")
    assert [(source.authority, source.status) for source in material.sources] == [
        (REGISTRY, "timeout"),
        (PERMITS, "answered"),
    ]


@pytest.mark.parametrize("fault", [wires.truncated, wires.hung_up], ids=lambda fault: fault.__name__)
async def test_a_broken_connection_is_tried_once_more_and_a_bad_reply_is_not(wired: Wired, fault: Fault):
    await wired.recover()
    before = wired.wires[PERMITS].seen
    await wired.ask(("P12", None), {PERMITS: fault})
    assert wired.wires[PERMITS].seen == before + 2
    await wired.ask(("P12", None), {PERMITS: wires.unsigned})
    assert wired.wires[PERMITS].seen == before + 3


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    faults=st.dictionaries(st.sampled_from(sorted(APPLICANTS)), st.sampled_from(list(NAMED)), min_size=1),
    applicant=st.sampled_from(list(TRUTHS)),
)
async def test_no_faults_together_make_a_no(
    wired: Wired, faults: Mapping[str, Fault], applicant: tuple[str, str | None]
):
    await wired.recover()
    material = await wired.ask(applicant, faults)
    ill = {name for name, status in statuses(material).items() if status not in ("answered", "no_record")}
    assert ill == set(faults) & set(statuses(material))
    if ill:
        assert material.verdict == "undetermined" or (material.verdict, TRUTHS[applicant]) == ("confirmed", "confirmed")
        assert material.disposition != "paper_required"
    else:
        assert material.verdict == TRUTHS[applicant]
