"""Random histories of a ledger: after every step all of it stands, and begins with every head that was ever signed."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway import errors, model
from gateway.proofs import checkpoints
from gateway.proofs.checkpoints import Checkpoint
from tests.ledger import standing
from tests.ledger.asking import call, in_a_row, signed, verdict, verification
from tests.ledger.started import Place, Started

KINDS = ("intent", "outcome", "evidence", "reading", "refusal", "act")
MOST_LIVES = 3
WHO = st.integers(0, MOST_LIVES - 1)
PEOPLE = in_a_row(40)
ROOMY = model.Limits(per_minute=100_000, subjects_per_day=100_000)


class History(RuleBasedStateMachine):
    """Up to three processes (each a store of its own, with its shard) on one database, in one loop.

    A crash is what the disk holds at that moment, copied away and gone on with; the lives that wrote it write no more of
    it. Its log may end within a batch that nobody was told of, as when the process is killed while it writes. It loses
    nothing that was synced: a disk that lies is not simulated. Killed processes themselves are in `test_killed`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.crashes = self.asked = 0
        self.place = Place(self._new_home())
        self.lives: list[tuple[Started, AsyncExitStack]] = []
        self.begun: dict[int, list[model.Intent]] = {}
        self.promised: dict[str, str] = {}
        self.spent: list[model.SignedRequest] = []
        self.heads: list[tuple[int, Checkpoint]] = []
        self.start()

    def _new_home(self) -> Path:
        home = self.folder / str(self.crashes)
        home.mkdir()
        return home

    def life(self, who: int) -> Started:
        return self.lives[who % len(self.lives)][0]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    # What may happen

    @precondition(lambda self: len(self.lives) < MOST_LIVES)
    @rule()
    def start(self) -> None:
        """One process more. Of every shard that nobody held, what was under way is closed now."""
        stack = AsyncExitStack()
        life = self.run(stack.enter_async_context(self.place.started()))
        self.lives.append((life, stack))
        held = {each.store.shard for each, _ in self.lives}
        self.begun = {shard: intents if shard in held else [] for shard, intents in self.begun.items()}
        self.begun[life.store.shard] = []
        open_now = {intent.entry_id for intents in self.begun.values() for intent in intents}
        assert set(standing.open_intents(self.place.path)) == open_now

    @rule(who=WHO, kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=40))
    def append(self, who: int, kinds: list[str]) -> None:
        """So many at once."""
        self.run(self._together([self._append(self.life(who), kind) for kind in kinds]))

    @precondition(lambda self: len(self.lives) > 1)
    @rule(kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=40))
    def append_by_all(self, kinds: list[str]) -> None:
        """Several processes at the same time."""
        self.run(self._together([self._append(self.life(who), kind) for who, kind in enumerate(kinds)]))

    @rule(who=WHO)
    def fill(self, who: int) -> None:
        """A subtree of 256 leaves becomes full."""
        self.run(self._together([self.life(who).acts(1) for _ in range(200)]))

    @rule(who=WHO)
    def sign(self, who: int) -> None:
        """A checkpoint, unless there is nothing to sign."""
        life = self.life(who)
        self.run(life.checkpointer.sign())
        if life.store.edge.size:
            (note,) = self.place.row(f"SELECT checkpoint FROM shard WHERE number = {life.store.shard}")
            self.heads.append((life.store.shard, checkpoints.parse(note).checkpoint))
            assert self.heads[-1][1].root == life.store.edge.root

    @rule(who=WHO, share=st.floats(0, 1))
    def prune(self, who: int, share: float) -> None:
        """Bodies go, of the first so many that are signed."""
        shard = self.life(who).store.shard
        self.run(self.life(who).store.write(lambda connection: _pruned(connection, shard, share)))

    @rule(who=WHO)
    def replay(self, who: int) -> None:
        """Nothing that was taken once is taken again, by whichever process."""
        for request in self.spent[-5:]:
            try:
                self.run(self.life(who).ledger.read("intake", request, "v-0"))
            except errors.Replayed:
                continue
            raise AssertionError("a nonce was taken twice")

    @rule(who=WHO)
    def stop(self, who: int) -> None:
        """One process ends as it should, and another begins."""
        _, stack = self.lives.pop(who % len(self.lives))
        self.run(stack.aclose())
        if not self.lives:
            self.start()

    @rule(who=WHO, share=st.floats(0, 1), kinds=st.lists(st.sampled_from(KINDS), max_size=20))
    def crash(self, who: int, share: float, kinds: list[str]) -> None:
        """All of them at once, while one writes a batch whose log reaches the disk up to somewhere within it."""
        told, spent = dict(self.promised), list(self.spent)
        self.crashes += 1
        home, path = self._new_home(), self.place.path
        log = path.with_name("ledger.db-wal")
        for each in (path, log):
            shutil.copy(each, home / each.name)
        shutil.copytree(self.place.home, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("ledger.db*"))
        before = log.stat().st_size
        self.run(self._together([self._append(self.life(who), kind) for kind in kinds]))
        written = log.read_bytes()
        if len(written) > before:  # else it was folded in and began anew: then the batch did not reach the disk at all
            (home / log.name).write_bytes(written[: before + int(share * (len(written) - before))])
        self.promised, self.spent = told, spent
        self._leave()
        self.place.home = home
        self.start()

    # What must hold

    @invariant()
    def all_of_it_stands(self) -> None:
        logs = standing.check(self.place.path, {number: self.place.keys(number) for number in range(MOST_LIVES)})
        for shard, head in self.heads:
            standing.begins_with(logs[shard], head)
        leaves = {leaf.hex() for log in logs for leaf in log.leaves}
        assert set(self.promised.values()) <= leaves
        ends = [kinds for intent, kinds in standing.ends(logs).items() if intent not in self._open()]
        assert [kinds for kinds in ends if len(kinds) != 1] == []

    def teardown(self) -> None:
        self._leave()
        self.runner.close()
        shutil.rmtree(self.folder)

    # How

    def _open(self) -> set[str]:
        return {intent.entry_id for intents in self.begun.values() for intent in intents}

    def _leave(self) -> None:
        for _, stack in self.lives:
            self.run(stack.aclose())
        self.lives.clear()

    async def _together(self, work: list[Coroutine[Any, Any, None]]) -> None:
        await asyncio.gather(*work)

    async def _append(self, life: Started, kind: str) -> None:
        self.asked += 1
        name, begun = f"v-{self.asked}", self.begun[life.store.shard]
        request = signed(f"nonce-{self.asked}", ROOMY)
        if kind == "intent" or (kind in ("outcome", "evidence") and not begun):
            person = PEOPLE[self.asked % len(PEOPLE)]
            question = verification(name, subject=person, case_number=f"case-{self.asked}")
            intent = await life.ledger.intend(question, request, "jilin-2018-05", 0.0)
            begun.append(intent)
            self.promised[intent.entry_id] = intent.entry_hash
        elif kind == "outcome":
            intent = begun.pop()
            answered = verdict(intent.verification.verification_id)
            receipt = await life.ledger.conclude(intent, answered, b"{}")
            self.promised[receipt.entry_id] = receipt.entry_hash
        elif kind == "evidence":
            life.ledger.record(begun[-1], _call(self.place.clock.identifier()))
        else:
            await _other(life, kind, request)
        if kind in ("intent", "reading", "refusal"):
            self.spent.append(request)


async def _other(life: Started, kind: str, request: model.SignedRequest) -> None:
    if kind == "reading":
        await life.ledger.read("intake", request, "v-0")
    elif kind == "refusal":
        await life.ledger.refused("intake", request, "scope")
    else:
        await life.acts(1)


def _call(name: str) -> model.Evidence:
    return call(name, model.Status.ANSWERED, "b" * 64)


def _pruned(connection: Any, shard: int, share: float) -> None:
    (covered,) = connection.execute("SELECT covered FROM shard WHERE number = ?", (shard,)).fetchone()
    first, end = shard << 40, (shard << 40) + int(covered * share)
    connection.execute(
        "UPDATE entry SET body = NULL WHERE place >= ? AND place < ? AND kind NOT IN ('intent', 'outcome', 'closed')",
        (first, end),
    )
    connection.execute("UPDATE shard SET pruned = MAX(pruned, ?) WHERE number = ?", (end - first, shard))


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=5, stateful_step_count=15, deadline=None)
