"""The folder of consumers: strict at the start, forgiving afterwards, and never in the way of a revocation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.errors import BrokenFiles, Problem
from gateway.security import keys
from gateway.security.consumer_files import ConsumerFolder, Terms
from gateway.security.grants import Consumers

TERMS = Terms(frozenset({"exit_entry"}), frozenset({"permit", "proof"}), frozenset({"22", "1101"}))
NOW = 0.0


def key(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "public_key": keys.new_ed25519()[1].decode(), **more}


def grant(**more: Any) -> dict[str, Any]:
    return {"purpose": "exit_entry", "materials": ["permit"], "regions": ["22"], **more}


class Folder:
    """A folder of consumers on the disk, and its reader."""

    def __init__(self, path: Path, terms: Terms | None = TERMS) -> None:
        self.path = path
        self.reader = ConsumerFolder(path, terms)

    def write(self, name: str, *made: dict[str, Any], grants: list[dict[str, Any]] | None = None, **more: Any) -> None:
        tree = {
            "consumer": name,
            "title": {"zh": "窗口", "en": "counter"},
            "keys": list(made),
            "grants": [grant()] if grants is None else grants,
            **more,
        }
        (self.path / f"{name}.yaml").write_text(yaml.dump(tree, allow_unicode=True, sort_keys=False), "utf-8")

    def read(self) -> Consumers:
        return self.reader.read()

    def problems(self) -> list[str]:
        return texts(self.read().problems)

    def refused(self) -> list[str]:
        with pytest.raises(BrokenFiles) as broken:
            self.read()
        return texts(broken.value.problems)


def texts(problems: Any) -> list[str]:
    return [f"{Path(each.file).name}:{each.line}: {each.text}" for each in problems if isinstance(each, Problem)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def known(consumers: Consumers, *ids: str) -> list[str]:
    return [each for each in ids if consumers.get(each, NOW) is not None]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"purpose": "exit_entri"}, "unknown purpose; did you mean 'exit_entry'?"),
        ({"purpose": "zzz"}, "unknown purpose; known here: exit_entry"),
        ({"materials": ["permit", "prof"]}, "unknown material; did you mean 'proof'?"),
        ({"regions": ["22", "23"]}, "no policy is in force in this region"),
    ],
)
def test_a_word_that_no_policy_knows_is_a_problem(folder: Folder, changed: dict[str, Any], said: str):
    folder.write("counter", key("k"), grants=[grant(), grant(**changed)])
    (found,) = folder.problems()
    assert found.endswith(said)
    assert int(found.split(":")[1]) > 12, "the place is in the second grant"
    assert "entri" not in found
    assert Folder(folder.path, terms=None).problems() == []


@pytest.mark.parametrize("region", ["22", "2201", "229901", "11", "110105"])
def test_a_region_may_be_smaller_or_larger_than_the_policies(folder: Folder, region: str):
    folder.write("counter", key("k"), grants=[grant(regions=[region])])
    assert folder.problems() == []


def test_all_problems_are_said_at_once(folder: Folder):
    folder.write("a", key("k"), key("k"), grants=[grant(purpose="x", materials=["y"])])
    folder.write("b", {"id": "k", "public_key": "SECRET"}, consumer="c")
    (folder.path / "d.yaml").write_text("consumer: [", "utf-8")
    found = "\n".join(folder.problems())
    for said in (
        "stands twice in this file", "unknown purpose", "unknown material", "must be the file's name, 'b'",
        "this key id stands in a.yaml, too", "not a public key in PEM", "d.yaml:1: is not YAML",
    ):  # fmt: skip
        assert said in found, said
    assert "SECRET" not in found


def test_a_broken_file_keeps_its_last_good_version_and_stops_no_others_revocation(folder: Folder):
    a, b = key("a-1"), key("b-1")
    folder.write("a", a)
    folder.write("b", b)
    assert known(folder.read(), "a-1", "b-1") == ["a-1", "b-1"]
    folder.write("a", a, grants=[grant(purpose="x")])
    folder.write("b", b | {"state": "revoked"})
    found = folder.read()
    assert known(found, "a-1", "b-1") == ["a-1"]
    assert [each.file.grants[0].purpose for each in found.loaded.values()] == ["exit_entry"] * 2
    assert len(found.problems) == 1
    folder.write("a", a | {"state": "pending"})
    found = folder.read()
    assert (known(found, "a-1", "b-1"), found.problems) == ([], ())


def test_a_new_file_that_is_broken_is_nobody(folder: Folder):
    folder.write("a", key("a-1"))
    folder.read()
    folder.write("b", key("b-1"), grants=[grant(purpose="x")])
    found = folder.read()
    assert (set(found.loaded), len(found.problems)) == ({"a"}, 1)


def test_a_file_that_is_taken_away_takes_its_consumer_along_and_does_not_come_back(folder: Folder):
    folder.write("a", key("a-1"))
    assert known(folder.read(), "a-1")
    (folder.path / "a.yaml").unlink()
    assert not known(folder.read(), "a-1")
    (folder.path / "a.yaml").write_text("broken", "utf-8")
    assert not known(folder.read(), "a-1")


def test_while_a_file_is_broken_every_stamp_is_another(folder: Folder):
    folder.write("a", key("a-1"))
    folder.read()
    assert folder.reader.stamp() == folder.reader.stamp()
    folder.write("a", key("a-1"), grants=[grant(purpose="x")])
    folder.read()
    assert folder.reader.stamp() != folder.reader.stamp()
    folder.write("a", key("a-1"))
    folder.read()
    assert folder.reader.stamp() == folder.reader.stamp()


def test_what_did_not_change_is_not_read_again(folder: Folder):
    for name in ("a", "b"):
        folder.write(name, key(f"{name}-1"))
    before = folder.read().loaded
    folder.write("b", key("b-2"))
    after = folder.read().loaded
    assert after["a"] is before["a"]
    assert after["b"].file.keys[0].id == "b-2"


def test_of_two_files_with_one_key_the_new_one_gives_way_and_the_rest_goes_on(folder: Folder):
    made, other = key("k"), key("c-1")
    folder.write("b", made)
    folder.write("c", other)
    folder.read()
    folder.write("a", made)  # before it by name, but new
    folder.write("c", other | {"state": "revoked"})
    found = folder.read()
    assert ("a" in found.loaded, known(found, "k", "c-1")) == (False, ["k"])
    assert found.get("k", NOW).consumer.name == "b"
    assert {each.text for each in found.problems} == {
        "this key id stands in a.yaml, too", "this public key stands in a.yaml, too",
    }  # fmt: skip
    (folder.path / "b.yaml").unlink()
    found = folder.read()
    assert (found.get("k", NOW).consumer.name, found.problems) == ("a", ())


def test_a_key_that_moves_while_its_old_place_is_broken_stays(folder: Folder):
    made, own = key("k"), key("b-1")
    folder.write("a", key("a-1"), made)
    folder.write("b", own)
    folder.read()
    (folder.path / "a.yaml").write_text("broken", "utf-8")
    folder.write("b", own, made)
    found = folder.read()
    assert found.get("k", NOW).consumer.name == "a"
    assert len(found.loaded["b"].file.keys) == 1
    (folder.path / "a.yaml").unlink()
    assert folder.read().get("k", NOW).consumer.name == "b"


def test_a_file_can_be_taken_away_whatever_else_is_wrong(folder: Folder):
    made = key("k")
    folder.write("a", made)
    folder.write("c", key("c-1"))
    folder.read()
    folder.write("b", made)
    (folder.path / "c.yaml").unlink()
    found = folder.read()
    assert (known(found, "k", "c-1"), len(found.problems)) == (["k"], 2)


def test_a_revoked_key_does_not_come_back_under_another_id(folder: Folder):
    made = key("k", state="revoked")
    folder.write("a", made)
    folder.write("b", {"id": "k-2", "public_key": made["public_key"] + "\n"})
    found = folder.read()
    assert (known(found, "k-2"), [each.text for each in found.problems]) == (
        [],
        ["this public key stands in a.yaml, too"],
    )
    folder.write("a", made, {"id": "k-2", "public_key": made["public_key"]})
    assert "this public key stands twice in this file" in "".join(folder.problems())


@pytest.mark.parametrize("before", ["our new key\n", "\n\n# ", "-----BEGIN PUBLIC KEY-----\n"])
def test_nor_does_it_with_other_text_around_it(folder: Folder, before: str):
    made = key("k", state="revoked")
    folder.write("a", made)
    folder.write("b", {"id": "k-2", "public_key": before + made["public_key"]})
    found = folder.read()
    assert (known(found, "k-2"), len(found.problems), "our new" in str(found.problems)) == ([], 1, False)
    folder.write("a", made, {"id": "k-3", "public_key": before + made["public_key"]})
    assert known(folder.read(), "k-3") == []


def test_a_folder_that_is_not_there_is_said_and_an_empty_one_is_nobody(folder: Folder, tmp_path: Path):
    assert folder.read().loaded == {}
    assert Folder(tmp_path / "nowhere").refused() == ["nowhere:1: cannot be read: No such file or directory"]


def test_what_is_granted_beside_materials_is_read_as_well(tmp_path: Path):
    folder = Folder(tmp_path)
    folder.write("portal", key("p-1"), grants=[], accesses={"from": "2018-05-02"})
    folder.write("counter", key("c-1"))
    portal, counter = (folder.read().get(keyid, NOW) for keyid in ("p-1", "c-1"))
    assert portal is not None
    assert [portal.consumer.ground_for_accesses(date(2018, 5, day)) is not None for day in (1, 2)] == [False, True]
    assert counter is not None
    assert counter.consumer.ground_for_accesses(date(2018, 5, 2)) is None
