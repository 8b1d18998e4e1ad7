"""Strict YAML: what it refuses, what it leaves alone, and that every problem has its place and no wrong value."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from gateway.contract.files import FileModel, Scalars, load, load_or_raise, read
from gateway.errors import BrokenFiles, Problem


def texts(path: Path, content: str | bytes, scalars: Scalars = "text") -> list[str]:
    """The problems of a file, without its name: `line:column text`."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [f"{p.line}:{p.column} {p.text}" for p in read(path, scalars=scalars).problems]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "file.yaml"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1 the key 'a' stands here twice"),
        ("a: {b: 1, b: 2}\n", "1:11 the key 'b' stands here twice"),
        ("a: &x 1\n", "1:4 an anchor (&name) is not allowed"),
        ("a: &x {b: 1}\n", "1:4 an anchor (&name) is not allowed"),
        ("a: !!int 1\n", "1:4 a tag (!name) is not allowed"),
        ("a: !!str x\n", "1:4 a tag (!name) is not allowed"),
        ("a: !!python/object/apply:os.system [x]\n", "1:4 a tag (!name) is not allowed"),
        ("!mine {a: 1}\n", "1:1 a tag (!name) is not allowed"),
        ("? [1, 2]\n: x\n", "1:3 a key must be plain text"),
        ("a:\n\tb: 1\n", "2:1 is not YAML: found character '\\t' that cannot start any token"),
        ("a: [1\n", "2:1 is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "2:1 is not YAML: but found another document"),
        ("a: *x\n", "1:4 is not YAML: found undefined alias 'x'"),
        ("", "1:1 is empty"),
        ("# only a comment\n", "1:1 is empty"),
        (b"a: \xb2\xe2\xca\xd4\n", "1:1 is not UTF-8 (byte 3)"),
        ("a: \x01\n", "1:1 is not YAML: it holds a character that YAML forbids"),
        ("[" * 5000, "1:1 is nested too deep"),
    ],
)
def test_refused(file, content, expected):
    assert texts(file, content) == [expected]


def test_a_missing_file_is_one_problem(file):
    assert [p.text for p in read(file).problems] == ["cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("a: &x [1]\nb: *x\n", ["1:4 an anchor (&name) is not allowed", "2:4 an alias (*name) is not allowed"]),
        ("a: &x [*x]\n", ["1:4 an anchor (&name) is not allowed", "1:8 an alias (*name) is not allowed"]),
        ("a: &x k\n*x : v\n", ["1:4 an anchor (&name) is not allowed", "2:1 an alias (*name) is not allowed"]),
    ],
)
def test_aliases_are_noted_and_not_followed(file, content, columns):
    assert [
        found.partition(":")[0] and found[: len(want)]
        for found, want in zip(texts(file, content), columns, strict=True)
    ] == columns


def test_a_billion_laughs_costs_nothing(file):
    lines = ["a0: &a0 [x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    found = texts(file, "\n".join(lines))
    assert len(found) == 10 + 9 * 9
    assert all("is not allowed" in text for text in found)


def test_every_problem_at_once(file):
    found = texts(file, "a: 1\na: 2\nb: &x 1\nc: *x\nd: !t 1\n")
    assert sorted(text[:3] for text in found) == ["2:1", "3:4", "4:4", "5:4"]


@pytest.mark.parametrize(
    "word", ["NO", "yes", "on", "~", "01234567", "0o17", "0x1F", "1_000", "1:30", "2018-05-02", ".5", "+1"]
)
def test_scalars_are_never_guessed(file, word):
    file.write_text(f"a: {word}\n")
    assert read(file).tree == {"a": word}
    assert read(file, scalars="json").tree == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e2", 100.0),
        ("-0.5", -0.5),
    ],
)
def test_json_scalars_are_those_of_json(file, word, value):
    file.write_text(f"a: {word}\nb: '{word}'\n'{word}': c\n")
    tree = read(file, scalars="json").tree
    assert tree == {"a": value, "b": word, word: "c"}
    assert type(tree["a"]) is type(value)
    assert read(file).tree == {"a": word, "b": word, word: "c"}


def test_a_number_without_end_is_refused(file):
    assert texts(file, f"a: {'9' * 5000}\n", "json") == ["1:4 a number this long is not allowed"]


def test_a_byte_order_mark_is_no_part_of_the_first_key(file):
    file.write_bytes(b"\xef\xbb\xbfa: x\n")
    assert read(file).tree == {"a": "x"}


class Inner(FileModel):
    colour: Literal["red", "green"] = "red"
    seconds: float = Field(default=1, gt=0, le=60)


class Outer(FileModel):
    name: str
    since: date | None = Field(default=None, alias="from")
    inner: dict[str, Inner] = {}
    many: list[Inner] = []


WRONG = """\
nam: SECRET-1
from: 20180501
inner:
  one: {color: SECRET-2}
  two:
    colour: SECRET-3
many:
  - {seconds: SECRET-4}
  - seconds: 61
    secnds: 5
"""


def test_problems_have_their_place_the_right_word_and_never_the_value(file):
    file.write_text(WRONG)
    problems: list[Problem] = []
    loaded, _ = load(file, Outer, problems)
    assert loaded is None
    assert sorted(str(p).removeprefix(f"{file}:") for p in problems) == sorted(
        [
            "1:1: 'name' is missing",
            "1:1: this name is not known here; did you mean 'name'?",
            "2:1: datetimes provided to dates should have zero time - e.g. be exact dates",
            "4:9: this name is not known here; did you mean 'colour'?",
            "6:5: must be one of 'red' or 'green'",
            "8:6: input should be a valid number, unable to parse string as a number",
            "9:5: input should be less than or equal to 60",
            "10:5: this name is not known here; did you mean 'seconds'?",
        ]
    )
    assert "SECRET" not in "".join(map(str, problems))


def test_broken_files_sort_their_problems_and_say_each_once(file):
    file.write_text(WRONG)
    with pytest.raises(BrokenFiles) as broken:
        load_or_raise(file, Outer)
    assert broken.value.problems == sorted(set(broken.value.problems))
    assert str(broken.value).splitlines()[0].startswith(f"{file}:1:1: ")
    twice = BrokenFiles(
        [Problem("b", 1, 1, "x"), Problem("a", 2, 1, "x"), Problem("b", 1, 1, "x"), Problem("a", 1, 9, "x")]
    )
    assert str(twice) == "a:1:9: x\na:2:1: x\nb:1:1: x"


def test_a_good_file_is_its_model(file):
    file.write_text("name: NO\nfrom: 2018-05-01\ninner: {one: {colour: green}}\n")
    loaded = load_or_raise(file, Outer)
    assert (loaded.name, loaded.since, loaded.inner["one"].colour) == ("NO", date(2018, 5, 1), "green")


def test_a_place_that_is_not_in_the_file_is_the_nearest_around_it(file):
    file.write_text("a:\n  - b: 1\n")
    document = read(file, shown_as="shown.yaml")
    assert document.place(("a", 0, "missing", "deeper")) == (2, 5)
    assert document.place(("nowhere",)) == (1, 1)
    assert str(document.problem(("a",), "why")) == "shown.yaml:1:1: why"


def test_a_document_has_the_digest_of_the_exact_bytes(file):
    file.write_bytes(b"a: 1\r\n")
    assert read(file).sha256 == hashlib.sha256(b"a: 1\r\n").hexdigest()
    file.write_bytes(b"a: [")
    assert read(file).sha256 == ""
