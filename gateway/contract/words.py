"""What is wrong with a value, in words: the right name nearest to a wrong one, never the wrong value itself."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Explained:
    """One validation error: where, a stable code, what would be right, and the nearest right word."""

    pointer: tuple[str | int, ...]
    code: str
    text: str
    expected: str | None = None
    nearest: str | None = None


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The right word that a slip of the finger is closest to, or None when none is close."""
    found = difflib.get_close_matches(word.lower(), {w.lower(): w for w in words}, n=1, cutoff=0.6)
    return next((w for w in words if w.lower() == found[0]), None) if found else None


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """That a name is not known, with the right one, or with all of them where none is near."""
    names = sorted(known)
    near = nearest(word, names)
    return f"unknown {what}" + (f"; did you mean {near!r}?" if near else f"; known here: {', '.join(names)}")


def explain(error: ErrorDetails, model: type[BaseModel]) -> Explained:
    """One pydantic error in our words. The wrong value is never part of it; a wrong *name* of a key is not either."""
    kind, pointer = error["type"], _pointer(error["loc"], model)
    if kind == "extra_forbidden":
        pointer = (
            *_pointer(error["loc"][:-1], model),
            error["loc"][-1],
        )  # the last is what they wrote, brackets or not
        names = sorted(_names(model, pointer[:-1]))
        near = nearest(str(pointer[-1]), names)
        hint = f"; did you mean {near!r}?" if near else f"; known here: {', '.join(names)}"
        return Explained(pointer, "unknown_field", f"this name is not known here{hint}", ", ".join(names) or None, near)
    if kind == "missing":
        return Explained(pointer, "missing_field", f"{pointer[-1]!r} is missing", str(pointer[-1]))
    if kind in ("enum", "literal_error"):
        expected = str(error.get("ctx", {}).get("expected", ""))
        return Explained(pointer, "unknown_value", f"must be one of {expected}", expected)
    if kind == "value_error":
        return Explained(pointer, "invalid_value", str(error.get("ctx", {}).get("error", "is not valid")))
    return Explained(pointer, "invalid_value", error["msg"][:1].lower() + error["msg"][1:])


def _pointer(loc: tuple[str | int, ...], model: type[BaseModel]) -> tuple[str | int, ...]:
    """pydantic's location without the names of union branches and validators that it mixes in."""
    return tuple(
        part for part in loc if not (isinstance(part, str) and (part == "[key]" or "[" in part or "(" in part))
    )


def _names(model: Any, pointer: tuple[str | int, ...]) -> set[str]:
    """The field names that are right at a place of the model."""
    for branch in _branches(model):
        if isinstance(branch, type) and issubclass(branch, BaseModel):
            if not pointer:
                return {field.alias or name for name, field in branch.model_fields.items()}
            for name, field in branch.model_fields.items():
                if pointer[0] in (name, field.alias):
                    return _names(field.annotation, pointer[1:])
        elif pointer and (found := _names_inside(branch, pointer)):
            return found
    return set()


def _names_inside(branch: Any, pointer: tuple[str | int, ...]) -> set[str]:
    origin, args = get_origin(branch), get_args(branch)
    if origin is None or not args:
        return set()
    inner = args[-1] if isinstance(origin, type) and issubclass(origin, Mapping) else args[0]
    return _names(inner, pointer[1:])


def _branches(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _branches(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [branch for arg in get_args(annotation) for branch in _branches(arg)]
    return [annotation]
