"""Strict YAML: no duplicate keys, no anchors, no tags, no guessed scalars, and a place for every problem."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.contract.strict_json import MAX_NUMBER_CHARACTERS
from gateway.contract.words import explain
from gateway.errors import BrokenFiles, Problem

Scalars = Literal["text", "json"]
"""`text`: every scalar is text and the model decides its type. `json`: null, true, false and JSON numbers as in JSON."""

Place = tuple[int, int]
Pointer = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: dict[str, Any] = {"null": None, "true": True, "false": False}


class FileModel(BaseModel):
    """The base of every file's model: nothing unknown, nothing changed after load."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=False)


class Document:
    """One file's tree with the place of every value."""

    def __init__(
        self, file: str, tree: Any, places: dict[Pointer, Place], problems: list[Problem], sha256: str = ""
    ) -> None:
        self.file = file
        self.tree = tree
        self.places = places
        self.problems = problems
        self.sha256 = sha256
        """Of the file's exact bytes, lower-case hex; empty where the file could not be read as YAML."""

    def place(self, pointer: Pointer) -> Place:
        """Line and column of a value, or of the nearest thing around it that stands in the file."""
        while pointer and pointer not in self.places:
            pointer = pointer[:-1]
        return self.places.get(pointer, (1, 1))

    def problem(self, pointer: Pointer, text: str) -> Problem:
        return Problem(self.file, *self.place(pointer), text)


def read(path: Path, *, scalars: Scalars = "text", shown_as: str | None = None) -> Document:
    """Reads one YAML file. What is wrong with it stands in the document's `problems`; nothing is raised."""
    file = shown_as or str(path)
    reader = _Reader(file, scalars)
    try:
        data = path.read_bytes()
        loader = _Loader(data.decode())
        node = loader.get_single_node()
    except OSError as error:
        return Document(file, None, {}, [Problem(file, 1, 1, f"cannot be read: {error.strerror}")])
    except UnicodeDecodeError as error:
        return Document(file, None, {}, [Problem(file, 1, 1, f"is not UTF-8 (byte {error.start})")])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Document(file, None, {}, [Problem(file, line, column, f"is not YAML: {error.problem}")])
    except yaml.YAMLError:
        return Document(file, None, {}, [Problem(file, 1, 1, "is not YAML: it holds a character that YAML forbids")])
    except RecursionError:
        return Document(file, None, {}, [Problem(file, 1, 1, "is nested too deep")])
    if node is None:
        return Document(file, None, {}, [Problem(file, 1, 1, "is empty")])
    reader.problems += (Problem(file, mark.line + 1, mark.column + 1, text) for mark, text in loader.forbidden)
    tree = reader.build(node, ())
    return Document(file, tree, reader.places, reader.problems, hashlib.sha256(data).hexdigest())


def load(
    path: Path, model: type[M], problems: list[Problem], *, scalars: Scalars = "text"
) -> tuple[M | None, Document]:
    """Reads and validates one file; adds what is wrong to `problems` and then gives None for the model."""
    document = read(path, scalars=scalars)
    problems += document.problems
    if document.problems:
        return None, document
    return validate(document, model, problems), document


def validate(document: Document, model: type[M], problems: list[Problem]) -> M | None:
    """The document as the model, or None with every problem added."""
    try:
        return model.model_validate(document.tree)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            fault = explain(item, model)
            problems.append(document.problem(fault.pointer, fault.text))
        return None


def load_or_raise(path: Path, model: type[M]) -> M:
    """One file that stands alone.

    Raises:
        BrokenFiles: with every problem of the file.
    """
    problems: list[Problem] = []
    loaded, _ = load(path, model, problems)
    if loaded is None:
        raise BrokenFiles(problems)
    return loaded


class _Loader(yaml.BaseLoader):
    """PyYAML's own, which leaves every scalar text; it notes what strict YAML does without."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.forbidden: list[tuple[yaml.Mark, str]] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            self.forbidden.append((mark, "an alias (*name) is not allowed: write the value out"))
        elif getattr(event, "anchor", None) is not None:
            self.forbidden.append((mark, "an anchor (&name) is not allowed"))
        if getattr(event, "tag", None) is not None:
            self.forbidden.append((mark, "a tag (!name) is not allowed"))
        return super().compose_node(parent, index)


class _Reader:
    """Turns composed YAML nodes into values, noting each one's place and each thing that strict YAML forbids."""

    def __init__(self, file: str, scalars: Scalars) -> None:
        self.file = file
        self.scalars = scalars
        self.places: dict[Pointer, Place] = {}
        self.problems: list[Problem] = []
        self.seen: set[int] = set()

    def build(self, node: yaml.Node, pointer: Pointer) -> Any:
        self.places.setdefault(pointer, (node.start_mark.line + 1, node.start_mark.column + 1))
        if id(node) in self.seen:  # an alias, noted by the loader: not followed, it may hold itself
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return {key: self.build(value, (*pointer, key)) for key, value in self.members(node, pointer)}
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*pointer, index)) for index, item in enumerate(node.value)]
        return self.scalar(node)

    def members(self, node: yaml.MappingNode, pointer: Pointer) -> Iterator[tuple[str, yaml.Node]]:
        known: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.note(key, "a key must be plain text")
                continue
            if key.value in known:
                self.note(key, f"the key {key.value!r} stands here twice")
                continue
            known.add(key.value)
            self.places[(*pointer, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
            yield key.value, value

    def scalar(self, node: yaml.Node) -> Any:
        text: str = node.value
        if self.scalars == "text" or getattr(node, "style", None) is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        number = _NUMBER.fullmatch(text)
        if number is None:
            return text
        if len(text) > MAX_NUMBER_CHARACTERS:
            self.note(node, "a number this long is not allowed")
            return None
        return float(text) if number.group(2) or number.group(3) else int(text)

    def note(self, node: yaml.Node, text: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, text))
