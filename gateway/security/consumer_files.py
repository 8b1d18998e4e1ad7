"""The folder of consumer files, read strictly; a file that breaks later is replaced by its last good version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import watching
from gateway.contract.consumers import ConsumerFile, ConsumerKey
from gateway.contract.files import Document, load
from gateway.contract.words import unknown
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.security import keys
from gateway.security.grants import Consumers, Loaded


@dataclass(frozen=True, slots=True)
class Terms:
    """The words that a grant can mean something with: those of the policies that are loaded."""

    purposes: frozenset[str]
    materials: frozenset[str]
    regions: frozenset[str]


class ConsumerFolder:
    """The files of one folder. One reader at a time."""

    def __init__(self, path: Path, terms: Terms | None) -> None:
        """Without terms (the policies are broken themselves) the words of grants are not looked at."""
        self._path = path
        self._terms = terms
        self._last: dict[str, Loaded] = {}
        self._sound: dict[str, tuple[object, Loaded]] = {}
        """Files without a problem of their own, by their stamps: a hundred that did not change cost a third of a second."""
        self._is_whole = True

    def stamp(self) -> object:
        """As `Watched` wants it. While a file is broken no two are equal: what could not be read is tried again."""
        return watching.stamp(self._path) if self._is_whole else object()

    def read(self) -> Consumers:
        """Every consumer. Of a file that is broken the last good version stands, so that it stops no other's revocation.

        Raises:
            BrokenFiles: the folder cannot be read.
        """
        try:
            paths = watching.files(self._path)
        except OSError as error:
            raise BrokenFiles([Problem(str(self._path), 1, 1, f"cannot be read: {error.strerror}")]) from error
        problems: list[Problem] = []
        self._sound = {path.stem: self._sound[path.stem] for path in paths if path.stem in self._sound}
        read = {path.stem: self._load(path, problems) for path in paths}
        problems += (clash.problem for clash in _clashes({name: each for name, (each, _) in read.items() if each}))
        standing = {name: each if is_good else self._last.get(name) for name, (each, is_good) in read.items()}
        self._last = self._at_peace({name: each for name, each in standing.items() if each is not None}, problems)
        self._is_whole = not problems
        return Consumers(self._last.values(), sorted(set(problems)))

    def _at_peace(self, standing: dict[str, Loaded], problems: list[Problem]) -> dict[str, Loaded]:
        """Of files that claim one key, those that are new or changed give way to their last good version, if any.

        The last good versions are at peace with each other, so this ends, at the latest when all of them stand again.
        """
        while clashes := list(_clashes(standing)):
            problems += (clash.problem for clash in clashes)
            for name in {name for clash in clashes for name in clash.names}:
                last = self._last.get(name)
                if last is None:
                    del standing[name]
                else:
                    standing[name] = last
        return standing

    def _load(self, path: Path, problems: list[Problem]) -> tuple[Loaded | None, bool]:
        """One file as far as it can be read, and whether all is well with it."""
        seen, before = _seen(path), len(problems)
        if (kept := self._sound.get(path.stem)) is not None and kept[0] == seen:
            return kept[1], True
        model, document = load(path, ConsumerFile, problems)
        if model is None:
            return None, False
        if model.consumer != path.stem:  # so that no two files are one consumer, who may read both's answers
            problems.append(document.problem(("consumer",), f"must be the file's name, {path.stem!r}"))
        problems += _key_problems(model, document)
        problems += _word_problems(model, document, self._terms) if self._terms is not None else ()
        if len(problems) > before:
            return Loaded(model, document), False
        self._sound[path.stem] = (seen, Loaded(model, document))
        return self._sound[path.stem][1], True


def _seen(path: Path) -> object:
    """Its stamp; one that equals no other where it cannot be looked at."""
    try:
        return watching.stamp_of(path)
    except OSError:
        return object()


def _key_problems(file: ConsumerFile, document: Document) -> Iterator[Problem]:
    ids: set[str] = set()
    texts: set[str] = set()
    for number, key in enumerate(file.keys):
        if key.id in ids:
            yield document.problem(("keys", number, "id"), "this key id stands twice in this file")
        elif _text(key) in texts:
            yield document.problem(("keys", number, "public_key"), "this public key stands twice in this file")
        ids.add(key.id)
        texts.add(_text(key))
        try:
            keys.public_half(key.id, key.public_key)
        except (GatewayError, ValueError) as error:
            yield document.problem(("keys", number, "public_key"), str(error))


def _text(key: ConsumerKey) -> str:
    """What one key has one of: of a file without a problem the text is the only way to write that key."""
    return "".join(key.public_key.split())


def _word_problems(file: ConsumerFile, document: Document, terms: Terms) -> Iterator[Problem]:
    """A slip of the finger in a grant would deny in silence, so a word that no policy knows is a problem."""
    for number, grant in enumerate(file.grants):
        at = ("grants", number)
        if grant.purpose not in terms.purposes:
            yield document.problem((*at, "purpose"), unknown("purpose", grant.purpose, terms.purposes))
        for place, material in enumerate(grant.materials):
            if material not in terms.materials:
                yield document.problem((*at, "materials", place), unknown("material", material, terms.materials))
        for place, region in enumerate(grant.regions):
            if not any(region.startswith(each) or each.startswith(region) for each in terms.regions):
                yield document.problem((*at, "regions", place), "no policy is in force in this region")


@dataclass(frozen=True, slots=True)
class _Clash:
    """Two files that claim one key, and the problem at its second place."""

    names: tuple[str, str]
    problem: Problem


def _clashes(loaded: Mapping[str, Loaded]) -> Iterator[_Clash]:
    """One key, one consumer: neither an id nor a public key stands in two files, so none comes back that was revoked."""
    owners: dict[tuple[str, str], str] = {}
    for name, each in loaded.items():
        for number, key in enumerate(each.file.keys):
            for part, value in (("id", key.id), ("public_key", _text(key))):
                owner = owners.setdefault((part, value), name)
                if owner != name:
                    text = f"this {_PARTS[part]} stands in {owner}.yaml, too"
                    yield _Clash((owner, name), each.document.problem(("keys", number, part), text))


_PARTS = {"id": "key id", "public_key": "public key"}
