"""What operators see of the consumers in force, and what is logged and measured when their files change."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.security.consumer_files import ConsumerFolder
from gateway.store.commits import Counts
from gateway.watching import Watched
from gateway.web.in_force import in_force, reloading
from gateway.web.metrics import Metrics
from tests.paths.margins import LINES
from tests.security.test_consumer_files import TERMS, Folder, grant, key
from tests.still import START_UNIX, StillClock


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.write("counter", key("k"))
    return made


def measured(metrics: Metrics) -> tuple[float, float]:
    families = text_string_to_metric_families(metrics.exposition(Counts()).decode())
    values = {sample.name: sample.value for family in families for sample in family.samples}
    return values["gateway_consumers_good"], values["gateway_consumers_read_timestamp_seconds"]


def watched(folder: Folder) -> Watched:
    reader = ConsumerFolder(folder.path, TERMS)
    return Watched(reader.read, reader.stamp)


async def test_a_broken_file_is_said_once_measured_and_shown_until_it_is_mended(folder: Folder):
    clock, consumers, start = StillClock(), watched(folder), len(LINES)
    metrics = Metrics(clock)
    reload = reloading(consumers, metrics)

    def said(event: str) -> int:
        return sum(f'"{event}"' in line for line in LINES[start:])

    assert measured(metrics) == (1, START_UNIX)
    clock.move(5)
    await reload()
    assert said("consumers.reloaded") == 0, "nothing changed"
    folder.write("counter", key("k"), grants=[grant(materials=["SECRET"])])
    for _ in range(3):
        await reload()
    assert said("consumers.reload_failed") == 1
    line = next(line for line in LINES[start:] if "consumers.reload_failed" in line)
    assert "counter.yaml:" in line
    assert "string should match pattern" in line
    assert "SECRET" not in line
    assert measured(metrics) == (0, START_UNIX)
    shown = in_force(consumers)
    assert (shown["good"], len(shown["problems"])) == (False, 1)
    assert shown["consumers"] == [{"consumer": "counter", "state": "active", "keys": [{"id": "k", "state": "active"}]}]
    folder.write("counter", key("k", state="revoked"))
    await reload()
    assert said("consumers.reloaded") == 1
    assert measured(metrics) == (1, START_UNIX + 5)
    assert in_force(consumers) == {
        "good": True, "problems": [],
        "consumers": [{"consumer": "counter", "state": "active", "keys": [{"id": "k", "state": "revoked"}]}],
    }  # fmt: skip


async def test_another_trouble_is_said_again(folder: Folder):
    consumers, start = watched(folder), len(LINES)
    reload = reloading(consumers, Metrics(StillClock()))
    folder.write("counter", key("k"), grants=[grant(purpose="x")])
    await reload()
    (folder.path / "counter.yaml").unlink()
    folder.path.rename(folder.path.with_name("elsewhere"))
    await reload()
    assert sum("consumers.reload_failed" in line for line in LINES[start:]) == 2
    assert consumers.current.get("k", 0.0) is not None, "a folder that is gone revokes nobody"
