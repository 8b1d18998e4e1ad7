"""`gateway keys`: the life of a key, step by step; whole or not at all; and how each command ends."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from gateway import installation
from gateway.commands import keys_cli, ring_files
from gateway.commands.keys import revoke
from gateway.contract.consumers import KeyState
from gateway.contract.ring import ALGORITHMS, USES, RingFile
from gateway.security import keys
from tests.commands.keyed import ring, run, told


def test_init_writes_one_active_key_for_each_use(home: Path) -> None:
    found = told(home, "list")["keys"]
    assert [(key["use"], key["state"]) for key in found[: len(USES)]] == [(use, "active") for use in USES]
    assert all("public_key" not in key and key["key"].startswith("file:keys/") for key in found)


def test_a_new_key_is_pending_and_its_private_half_the_owners_alone(home: Path) -> None:
    made = told(home, "new", "answers", "--days", "90")["key"]
    key = ring(home)[made["id"]]
    assert (key.state, key.use, key.alg) == ("pending", "answers", "ed25519")
    assert key.expires is not None
    assert (key.expires - key.created).days == 90
    private = home / "keys" / f"{key.id}.pem"
    assert (made["key"], private.stat().st_mode & 0o777) == (f"file:keys/{key.id}.pem", 0o600)
    assert (home / "keys" / f"{key.id}.pub.pem").read_text() == key.public_key


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_every_algorithm_can_be_made_and_take_over(home: Path, alg: str) -> None:
    made = told(home, "new", "answers", "--alg", alg)["key"]
    assert told(home, "rotate", "answers")["key"]["id"] == made["id"]
    assert installation.read(home).keys.answers().alg == alg


def test_two_on_one_day_have_two_ids_and_no_file_is_ever_replaced(home: Path) -> None:
    first, second = (told(home, "new", "receipts")["key"]["id"] for _ in range(2))
    assert second == f"{first}-2"
    taken = home / "keys" / "mine.pem"
    taken.write_text("somebody's")
    result = run(home, "new", "answers", "--id", "mine")
    assert (result.exit_code, taken.read_text(), "mine" in ring(home)) == (2, "somebody's", False)


@pytest.mark.parametrize("keyid", ["../mine", "a/b", ".hidden", "", "a b"])
def test_an_id_that_is_no_file_name_makes_none(home: Path, keyid: str) -> None:
    before = sorted(home.rglob("*"))
    assert run(home, "new", "answers", "--id", keyid).exit_code == (0 if not keyid else 2)
    assert not keyid or sorted(home.rglob("*")) == before


def test_rotation_and_its_overlap(home: Path) -> None:
    made = told(home, "new", "answers")["key"]["id"]
    done = told(home, "rotate", "answers", "--overlap-days", "7")
    assert [(done[which]["id"], done[which]["state"]) for which in ("key", "other")] == [
        (made, "active"), ("gateway-answers", "retiring"),
    ]  # fmt: skip
    after = ring(home)
    assert (after[made].state, after["gateway-answers"].state) == ("active", "retiring")
    until = after["gateway-answers"].until
    assert until is not None
    assert 6 <= (until - datetime.now(until.tzinfo)).days <= 7  # noqa: TID251 - the command asked the machine's clock


def test_a_rotation_without_a_pending_key_is_the_answer_no_and_changes_nothing(home: Path) -> None:
    before = (home / "keys" / "ring.yaml").read_bytes()
    result = run(home, "rotate", "answers")
    assert (result.exit_code, "keys new answers" in result.stderr) == (1, True)
    assert (home / "keys" / "ring.yaml").read_bytes() == before


def test_a_key_that_cannot_sign_never_takes_over(home: Path) -> None:
    made = told(home, "new", "answers")["key"]["id"]
    (home / "keys" / f"{made}.pem").write_bytes(keys.new_ed25519()[0])
    result = run(home, "rotate", "answers")
    assert (result.exit_code, "the private half is not that of public_key" in result.stderr) == (2, True)
    assert ring(home)["gateway-answers"].state == "active"


def test_revoking_says_when_and_why_and_needs_a_successor(home: Path) -> None:
    alone = run(home, "revoke", "gateway-answers", "--reason", "lost")
    assert (alone.exit_code, ring(home)["gateway-answers"].state) == (1, "active")
    made = told(home, "new", "answers")["key"]["id"]
    assert told(home, "revoke", "gateway-answers", "--reason", "lost")["other"]["id"] == made
    gone = ring(home)["gateway-answers"]
    assert (gone.state, gone.reason, gone.revoked_at is not None) == ("revoked", "lost", True)
    assert installation.read(home).keys.answers().keyid == made


def test_revoking_says_which_other_key_cannot_be_used(home: Path) -> None:
    made = run(home, "new", "answers", "--id", "next")
    assert made.exit_code == 0
    (home / "keys" / "checkpoints.pem").unlink()
    result = run(home, "revoke", "gateway-answers", "--reason", "lost")
    assert (result.exit_code, ring(home)["gateway-answers"].state) == (0, "revoked")
    assert ("file:keys/checkpoints.pem" in result.stderr, "cannot be used now" in result.stderr) == (True, True)
    (home / "keys" / "ring.yaml").write_text((home / "keys" / "ring.yaml").read_text() + "keys: []\n")
    assert run(home, "revoke", "gateway-receipts", "--reason", "lost").exit_code == 2


def test_without_anybody_to_ask_a_reason_must_be_given(home: Path) -> None:
    result = run(home, "revoke", "gateway-answers")
    assert (result.exit_code, "--reason" in result.stderr) == (2, True)
    result = run(home, "revoke", "gateway-receipts", "--reason", "two\nlines")
    assert (result.exit_code, "two" in result.stderr) == (1, False), "a successor is looked for first"


def test_nobody_waits_for_a_person_who_thinks_of_a_reason(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Person(io.StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, size: int | None = -1, /) -> str:
            told(home, "new", "receipts", "--id", "meanwhile")
            return "lost\n"

    monkeypatch.setattr("sys.stdin", Person())
    assert revoke(home, "gateway-receipts", None, as_json=True) == 0
    after = ring(home)
    assert (after["gateway-receipts"].reason, after["meanwhile"].state) == ("lost", "active")


def test_what_is_handed_out_has_no_private_part_and_no_key_of_other_people(home: Path) -> None:
    exported = told(home, "export")
    assert [key["use"] for key in exported["keys"]] == ["answers", "receipts", "checkpoints"]
    assert all(
        set(key) == {"id", "use", "alg", "state", "public_key", "created", "expires"} for key in exported["keys"]
    )
    assert {key["use"] for key in told(home, "export", "--use", "outbound")["keys"]} == {"outbound"}


def test_a_crash_between_leaves_the_old_ring(home: Path) -> None:
    """What a command left aside is not the ring, and does not stop the next command."""
    (home / "keys" / ".ring.yaml.new").write_text("keys: [")
    made = told(home, "new", "answers")["key"]["id"]
    assert made in ring(home)
    assert not (home / "keys" / ".ring.yaml.new").exists()


def test_two_commands_do_not_change_it_at_once(home: Path) -> None:
    with ring_files.alone(home / "keys" / "ring.yaml"):
        result = run(home, "new", "answers")
    assert (result.exit_code, "another command is changing the keys" in result.stderr) == (2, True)


def test_a_key_that_is_elsewhere_is_taken_in_when_it_signs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public = keys.new_p256()
    monkeypatch.setenv("THE_KEY", private.decode())
    (home / "given.pub.pem").write_bytes(public)
    given = ("--key", "env:THE_KEY", "--public-key", str(home / "given.pub.pem"))
    made = told(home, "new", "answers", "--id", "given", *given)["key"]
    assert (made["alg"], made["key"]) == ("ecdsa-p256-sha256", "env:THE_KEY")
    monkeypatch.setenv("THE_KEY", keys.new_p256()[0].decode())
    assert run(home, "new", "answers", "--id", "wrong", *given).exit_code == 2
    assert run(home, "new", "answers", "--id", "lone", *given[:2]).exit_code == 2
    assert run(home, "new", "answers", "--id", "lone", *given[2:]).exit_code == 2


def test_of_a_file_with_both_halves_only_the_public_one_is_taken_in(home: Path) -> None:
    private, public = keys.new_ed25519()
    (home / "keys" / "x.pem").write_bytes(private)
    (home / "both.pem").write_bytes(public + private)
    told(home, "new", "answers", "--id", "x", "--key", "file:keys/x.pem", "--public-key", str(home / "both.pem"))
    assert ring(home)["x"].public_key == public.decode()
    assert "PRIVATE" not in run(home, "export").stdout


def test_a_private_half_that_a_person_put_into_the_ring_is_not_handed_out(home: Path) -> None:
    file = home / "keys" / "ring.yaml"
    found = ring_files.read(file)
    first = found.keys[0]
    more = first.public_key + keys.new_ed25519()[0].decode()
    ring_files.write(file, RingFile(keys=[first.model_copy(update={"public_key": more}), *found.keys[1:]]))
    for command in ("export", "list"):
        result = run(home, command)
        assert (result.exit_code, "and nothing else" in result.stderr, result.stdout) == (2, True, "")
        assert "PRIVATE" not in result.stderr


@pytest.mark.parametrize("arguments", [("new", "answer"), ("rotate", "everything"), ("new", "answers", "--alg", "rsa")])
def test_words_that_are_none_are_usage(home: Path, arguments: tuple[str, ...]) -> None:
    assert run(home, *arguments).exit_code == 2


def test_every_command_and_state_has_its_row_in_the_document() -> None:
    rows = (Path(__file__).parents[2] / "docs" / "keys.md").read_text("utf-8")
    for command in keys_cli.app.registered_commands:
        assert f"| `gateway keys {command.name}" in rows
    for word in (*USES, *get_args(KeyState)):
        assert f"`{word}`" in rows


def test_in_words(home: Path) -> None:
    made = run(home, "new", "outbound").stdout
    assert "keys export --use outbound" in made
    assert "各部门" in made
    assert "keys rotate outbound" in made
    listed = run(home, "list").stdout
    assert "待启用 pending" in listed
    assert "file:keys/answers.pem" in listed
