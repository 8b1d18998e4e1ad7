"""Errors in words: the nearest right name is given, the wrong one never."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gateway.contract.words import Explained, explain, nearest


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: Colour = Colour.RED
    word: Annotated[str, StringConstraints(pattern="^[a-z]+$")] = "a"

    @model_validator(mode="after")
    def _no_z(self) -> Leaf:
        if self.word == "z":
            raise ValueError("must not be the last letter")
        return self


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    leaf: Leaf
    either: Leaf | None = None
    by_name: dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], list[Leaf]] = {}
    kind: Literal["one", "two"] = "one"
    renamed: int = Field(default=0, alias="other_name")


def explained(tree: Any) -> list[Explained]:
    with pytest.raises(ValidationError) as error:
        Tree.model_validate(tree)
    return [explain(item, Tree) for item in error.value.errors(include_url=False, include_input=False)]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, Explained(("leaf",), "missing_field", "'leaf' is missing", "leaf")),
        (
            {"leaf": {"color": 1}},
            Explained(
                ("leaf", "color"), "unknown_field", "this name is not known here; did you mean 'colour'?",
                "colour, word", "colour",
            ),
        ),
        (
            {"leaf": {"qqqqqq": 1}},
            Explained(
                ("leaf", "qqqqqq"), "unknown_field", "this name is not known here; known here: colour, word", "colour, word"
            ),
        ),
        (
            {"leaf": {}, "by_name": {"x": [{}, {"wrd": 1}]}},
            Explained(
                ("by_name", "x", 1, "wrd"), "unknown_field", "this name is not known here; did you mean 'word'?",
                "colour, word", "word",
            ),
        ),
        (
            {"leaf": {}, "either": {"wrd": 1}},
            Explained(
                ("either", "wrd"), "unknown_field", "this name is not known here; did you mean 'word'?", "colour, word",
                "word",
            ),
        ),
        (
            {"leaf": {}, "othername": 1},
            Explained(
                ("othername",), "unknown_field", "this name is not known here; did you mean 'other_name'?",
                "by_name, either, kind, leaf, other_name", "other_name",
            ),
        ),
        (
            {"leaf": {"colour": "blue"}},
            Explained(("leaf", "colour"), "unknown_value", "must be one of 'red' or 'green'", "'red' or 'green'"),
        ),
        (
            {"leaf": {}, "kind": "three"},
            Explained(("kind",), "unknown_value", "must be one of 'one' or 'two'", "'one' or 'two'"),
        ),
        ({"leaf": {"word": "z"}}, Explained(("leaf",), "invalid_value", "must not be the last letter")),
        (
            {"leaf": {}, "by_name": {"X1": []}},
            Explained(("by_name", "X1"), "invalid_value", "string should match pattern '^[a-z]+$'"),
        ),
    ],
)  # fmt: skip
def test_one_error_in_our_words(tree, expected):
    assert explained(tree) == [expected]


SECRET = st.text(alphabet="klmnopqrstuvwxyz0123456789", min_size=12, max_size=20)


@given(SECRET, SECRET)
def test_no_explanation_holds_the_wrong_value_or_the_wrong_name(name, value):
    tree = {
        "leaf": {name: value, "colour": value, "word": value.upper()},
        "kind": value,
        "other_name": value + "x",
        "by_name": {"x": value},
    }
    for found in explained(tree):
        said = f"{found.text} {found.expected} {found.nearest}"
        assert value not in said
        assert value.upper() not in said
        assert name not in said


@pytest.mark.parametrize(
    ("word", "right"),
    [("socal_insurance", "social_insurance"), ("SOCIAL_INSURANCE", "social_insurance"), ("xyz", None), ("", None)],
)
def test_nearest(word, right):
    assert nearest(word, ["residence_permit", "social_insurance"]) == right


def test_nearest_gives_the_word_as_it_is_written():
    assert nearest("zone", ["Zone", "Other"]) == "Zone"
