"""Limits on the running system: what is refused before anybody is asked, what lasts, and what size and work tell."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from gateway.client import Problem
from gateway.commands.cli import app
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.mapping.citizen_ids import check_character
from gateway.web.sizes import ANSWER_STEP, PROBLEM_STEP
from mocks.server import Mocks
from tests.ledger.asking import in_a_row
from tests.paths.margins import LINES
from tests.system import GUARDIANSHIP, OTHER, OTHER_KEY, RESIDENCE, Site, System, consumer, mocked, site, told
from tests.wire import PATH, reading


@asynccontextmanager
async def served(here: Site, mocks: Mocks, **limits: int) -> AsyncIterator[System]:
    """The gateway of that installation, which allows each consumer this much."""
    if limits:
        here.change(lambda settings: settings.update(limits=limits))
    async with (
        here.serving() as running,
        consumer(here, "counter", CONSUMER_KEY) as counter,
        consumer(here, OTHER, OTHER_KEY) as other,
    ):
        yield System(here.home, running, mocks, told()[1], counter, other)


async def problem(system: System, *who: Any, **changes: Any) -> Problem:
    """The refusal of a question about which nobody was asked."""
    calls = system.calls()
    with pytest.raises(Problem) as raised:
        await system.ask(*who, **changes)
    assert system.calls() == calls
    return raised.value


async def test_a_case_belongs_to_whom_it_was_answered_about(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks, served(here, mocks) as system:
        await system.ask("P12", case_number="JL-1")
        refusal = await problem(system, "P09", case_number="JL-1")
        assert (refusal.status, refusal.code, refusal.retry_after_seconds) == (409, "case_bound", None)
        assert [system.entries()[-1][name] for name in ("kind", "code")] == ["refusal", "case_bound"]
        await system.ask("P12", case_number="JL-1")
        await system.ask("P09", case_number="JL-2")


async def test_a_case_of_another_consumer_is_another_case(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks, served(here, mocks) as system:
        await system.ask("P12", case_number="JL-1")
        unit = {"id": "op-1", "name": "样例警员", "unit_code": "220201000000"}
        question = system.question("P09", case_number="JL-1", operator=unit, materials=[RESIDENCE])
        assert (await system.other.verify(question)).materials


async def test_the_budget_of_people_outlives_a_restart_and_operators_see_it(tmp_path: Path):
    before = len(LINES)
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        async with served(here, mocks, subjects_per_day=2) as system:
            for who in ("P12", "P09", "P12", "P09"):
                await system.ask(who)
            refusal = await problem(system, "P03")
            assert (refusal.status, refusal.code) == (429, "subject_budget")
            assert 23 * 3600 < (refusal.retry_after_seconds or 0) <= 25 * 3600
            shown = (await system.get("/metrics", admin=True)).text
            assert 'gateway_limited_total{consumer="counter",limit="subject_budget"} 1.0' in shown
        async with served(here, mocks) as system:
            assert (await problem(system, "P03")).code == "subject_budget"
            await system.ask("P12")
    assert sum('"consumer.over_budget"' in line for line in LINES[before:]) == 2


async def test_neither_guardians_nor_names_are_tried_out_for_nothing(tmp_path: Path):
    async with (
        site(tmp_path / "home") as here,
        mocked(here) as mocks,
        served(here, mocks, subjects_per_day=3) as system,
    ):
        for guardian in ("P01", "P02"):
            await system.ask("P03", guardian, materials=[GUARDIANSHIP], case_number="JL-1")
        refusal = await problem(system, "P03", "P05", materials=[GUARDIANSHIP], case_number="JL-1")
        assert refusal.code == "subject_budget"
        another = {**system.person("P03"), "name": "测试某"}
        refusal = await problem(system, "P03", materials=[RESIDENCE], case_number="JL-1", subject=another)
        assert refusal.code == "subject_budget"


async def test_a_name_that_was_wrong_has_told_something_and_binds_the_case(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks, served(here, mocks) as system:
        another = {**system.person("P09"), "name": "测试某"}
        asked = {"materials": [RESIDENCE], "case_number": "JL-1"}
        told = await system.ask("P09", subject=another, **asked)
        assert {str(source.status) for source in told.materials[0].sources} == {"subject_mismatch"}
        assert (await problem(system, "P12", **asked)).code == "case_bound"
        await system.ask("P09", **asked)


async def test_a_rate_is_each_consumers_own(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks, served(here, mocks, per_minute=2) as system:
        first = await system.send(system.asked())
        assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == (
            '"asking";q=2;w=60', '"asking";r=1;t=30',
        )  # fmt: skip
        identifier = first.json["verification_id"]
        read = await system.send(reading(system.asked(), f"{PATH}/{identifier}"))
        assert (read.status, read.headers["ratelimit"].partition(";t")[0]) == (200, '"asking";r=0')
        over = await system.send(system.asked())
        assert (over.status, over.code) == (429, "rate_limited")
        assert 0 < int(over.headers["retry-after"]) <= 30
        assert over.headers["ratelimit"].startswith('"asking";r=0;t=')
        theirs = reading(system.asked(key=system.key(OTHER), keyid=OTHER_KEY), f"{PATH}/{identifier}")
        assert (await system.send(theirs)).code == "not_found"
        kinds = [entry["kind"] for entry in system.entries()]
        assert kinds == ["intent", "outcome", "reading", "limited", "refusal"]


async def test_a_consumers_own_file_says_more_than_the_settings(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        here.change(lambda settings: settings.update(limits={"per_minute": 1}))
        file = here.home / "consumers" / "counter.yaml"
        content = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
        file.write_text(yaml.dump({**content, "limits": {"per_minute": 7}}, allow_unicode=True), "utf-8")
        async with served(here, mocks) as system:
            assert (await system.send(system.asked())).headers["ratelimit-policy"] == '"asking";q=7;w=61'
            theirs = system.asked(key=system.key(OTHER), keyid=OTHER_KEY)
            assert (await system.send(theirs)).headers["ratelimit-policy"] == '"asking";q=1;w=60'


async def test_h50_a_canary_is_answered_like_anybody(tmp_path: Path):
    before = len(LINES)
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        number = told()[1].people["P12"].citizen_id
        made = CliRunner().invoke(app, ["canaries", "--home", str(here.home)], input=f"{number}\n")
        assert made.exit_code == 0
        assert number not in made.stdout
        (here.home / "canaries.txt").write_text(f"# never asked about\n{made.stdout}")
        here.change(lambda settings: settings.update(canaries="canaries.txt"))
        async with served(here, mocks) as system:
            ordinary, watched = (
                await system.send(system.asked(system.question("P09"))),
                await system.send(system.asked()),
            )
            shown = (await system.get("/metrics", admin=True)).text
    assert (ordinary.status, watched.status) == (200, 200)
    assert set(ordinary.headers) == set(watched.headers)
    assert len(ordinary.body) == len(watched.body)
    assert 'gateway_canary_questions_total{consumer="counter"} 1.0' in shown
    (line,) = (json.loads(line) for line in LINES[before:] if "canary" in line)
    assert set(line) == {"event", "level", "timestamp", "consumer", "entry_id"}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("materials", [[RESIDENCE], None])
async def test_every_answer_about_anybody_is_of_one_length(system: System, materials: list[str] | None):
    """Over the whole cast: there, not there, somebody else's name, refused, silent, ambiguous; with a guardian and without."""
    sizes: dict[int, str] = {}
    guardians = {pair.people[0]: pair.people[1] for pair in system.cast.pairs}
    for who in system.cast.people:
        asked = system.question(who, guardians.get(who, "A99"), materials=materials)
        reply = await system.send(system.asked(asked))
        sizes[len(reply.body)] = who
    assert set(sizes) == {ANSWER_STEP}


@pytest.mark.asyncio(loop_scope="module")
async def test_refusals_that_a_number_decides_are_of_one_length(system: System):
    bodies = [
        system.question("P12", subject={"citizen_id": "229901201206011030", "name": "测试子"}),
        system.question("P14", "A14", application_date="2017-06-01"),
        system.question("P12", purpose="curiosity"),
    ]
    replies = [await system.send(system.asked(body)) for body in bodies]
    assert [reply.code for reply in replies] == ["subject_format", "application_date", "scope"]
    assert {len(reply.body) for reply in replies} == {PROBLEM_STEP}


@pytest.mark.asyncio(loop_scope="module")
async def test_our_own_work_is_the_same_whoever_it_is_about(system: System):
    """Somebody with a permit, nobody of that number, somebody of another name: as many writes, and as many calls."""
    await system.recover()  # the whole cast was asked about before, and some of it trips breakers
    nobody = in_a_row(1)[0].citizen_id
    assert nobody[17] == check_character(nobody[:17])
    subjects: Mapping[str, dict[str, str]] = {
        "there": system.person("P12"),
        "not there": {"citizen_id": nobody, "name": "测试某"},
        "another name": {**system.person("P09"), "name": "测试某"},
    }
    work = {}
    for name, subject in subjects.items():
        before = (system.running.ledger.counts, len(system.entries()), system.calls())
        asked = system.question("P12", subject=subject, case_number=name.replace(" ", "-"), materials=[RESIDENCE])
        reply = await system.send(system.asked(asked))
        assert reply.status == 200
        after = (system.running.ledger.counts, len(system.entries()), system.calls())
        work[name] = (after[0].entries - before[0].entries, after[1] - before[1], after[2] - before[2])
    assert len(set(work.values())) == 1, work
    assert work["there"] == (4, 2, 2), "intent, two calls, outcome"
