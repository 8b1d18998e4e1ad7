"""How consumers and their grants are printed: a tree or a table in a terminal, lines elsewhere, a document for machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.clock import local_day
from gateway.commands import consumers_words as words
from gateway.commands.screen import console, say
from gateway.commands.tree import Node, Said
from gateway.contract.consumers import Grant, Term
from gateway.contract.files import Pointer
from gateway.contract.policies import PolicyFile
from gateway.security.explaining import OfConsumer, OfMaterial
from gateway.security.grants import Consumers, Loaded

_STATE_STYLES = {"active": "green", "retiring": "yellow", "pending": "cyan", "retired": "red", "revoked": "red"}
_GRANTS_WIDTH = 37
"""The longest material's two names on one line."""


@dataclass(frozen=True, slots=True)
class Told:
    """The standing of every consumer that was asked about, towards one question at `now` (Unix seconds)."""

    home: Path
    policy: PolicyFile
    purpose: str
    unit_code: str
    now: float
    standings: tuple[OfConsumer, ...]

    @property
    def is_for_this(self) -> bool:
        """Whether the policy is for this purpose at all."""
        return self.purpose in self.policy.purposes

    @property
    def is_allowed(self) -> bool:
        return self.is_for_this and any(each.is_allowed for each in self.standings)


def told(all_: Told) -> Node:
    """The standings as a tree."""
    said = words.question(all_.purpose, all_.unit_code, all_.policy, str(local_day(all_.now)))
    below = [] if all_.is_for_this else [Node(words.not_for_this(all_.purpose, all_.policy), style="red")]
    below += [_consumer(all_, each) for each in all_.standings]
    return Node(said, tuple(below) or (Node(words.NO_CONSUMERS, style="red"),), "bold")


def _consumer(all_: Told, standing: OfConsumer) -> Node:
    file, is_allowed = standing.file, standing.is_allowed and all_.is_for_this
    below = []
    if not standing.may_sign:
        below.append(Node(words.SUSPENDED if file.state == "suspended" else words.NO_KEY, style="red"))
    if not file.grants:
        below.append(Node(words.NO_GRANTS, style="red"))
    shown: set[int] = set()
    below += [_material(all_, standing, each, shown) for each in standing.materials if each.nearest is not None]
    said = words.consumer(file, is_allowed, bool(standing.may_sign))
    return Node(said, tuple(below), "bold green" if is_allowed else "bold red")


def _material(all_: Told, standing: OfConsumer, each: OfMaterial, shown: set[int]) -> Node:
    """What a grant says stands once, under the first material that it allows."""
    near = each.nearest
    assert near is not None
    place = _place(all_.home, standing.loaded, ("grants", near.number))
    if not each.is_granted:
        lacking = (words.lack(what, near.grant, all_.purpose, each.material, all_.unit_code) for what in near.lacks)
        return Node(words.forbidden(each.material, place), tuple(Node(said, style="yellow") for said in lacking), "red")
    lines = [] if near.number in shown else [words.terms(near.grant)]
    if lines and near.grant.legal_basis is not None:
        lines.append(words.basis(near.grant.legal_basis))
    if lines and near.grant.disclose_after_days:
        lines.append(words.disclosure(near.grant.disclose_after_days))
    shown.add(near.number)
    return Node(words.granted(each.material, place), tuple(Node(line, style="dim") for line in lines), "green")


def document(all_: Told) -> dict[str, Any]:
    """The standings for machines. Nothing of the applicant stands in it."""
    return {
        "policy": all_.policy.policy,
        "purpose": all_.purpose,
        "purpose_is_of_the_policy": all_.is_for_this,
        "unit_code": all_.unit_code,
        "today": local_day(all_.now).isoformat(),
        "allowed": all_.is_allowed,
        "consumers": [
            {
                "consumer": each.file.consumer,
                "allowed": each.is_allowed and all_.is_for_this,
                "state": each.file.state,
                "may_sign": list(each.may_sign),
                "materials": [_of_material(all_, each, material) for material in each.materials],
            }
            for each in all_.standings
        ],
    }


def _of_material(all_: Told, standing: OfConsumer, each: OfMaterial) -> dict[str, Any]:
    near = each.nearest
    if near is None:
        return {"material": each.material, "granted": False, "nearest": None, "lacks": []}
    lacks = [
        {"lacks": what, "message": _both(words.lack(what, near.grant, all_.purpose, each.material, all_.unit_code))}
        for what in near.lacks
    ]
    place = _place(all_.home, standing.loaded, ("grants", near.number))
    basis = near.grant.legal_basis
    said = {"material": each.material, "granted": each.is_granted, "nearest": place, "lacks": lacks}
    return said | {
        "legal_basis": basis.model_dump() if basis is not None else None,
        "disclose_after_days": near.grant.disclose_after_days,
    }


def show_list(home: Path, consumers: Consumers, now: float) -> None:
    """A table, or lines."""
    screen = console()
    if not consumers.loaded:
        say(" ".join(words.NO_CONSUMERS))
    elif not screen.is_terminal:
        for each in consumers.loaded.values():
            name, keys, grants = _cells(home, each, consumers, now)
            say(" / ".join(str(name).split("\n")))
            for line in (*str(keys).split("\n"), *str(grants).split("\n")):
                say(f"   {line}")
    else:
        table = Table(show_lines=True, header_style="bold")
        for title, width in (("使用方 consumer", None), ("密钥 keys", None), ("授权 grants", _GRANTS_WIDTH)):
            table.add_column(title, overflow="fold", min_width=width)
        for each in consumers.loaded.values():
            table.add_row(*_cells(home, each, consumers, now))
        screen.print(table)


def _cells(home: Path, loaded: Loaded, consumers: Consumers, now: float) -> tuple[Text, Text, Text]:
    file = loaded.file
    name = [(file.consumer, "bold"), (file.title.zh, ""), (file.title.en, "dim")]
    if file.lane == "bulk":
        name.append((" ".join(words.BULK), "cyan"))
    if file.state == "suspended":
        name += [(" ".join(words.SUSPENDED_STATE), "red"), *([(file.reason, "red")] if file.reason else [])]
    keys: list[tuple[str, str]] = []
    for key in file.keys:
        state, (zh, en), when = words.key_state(key, now)
        style = "red" if file.state == "suspended" else _STATE_STYLES[state]
        keys += [(key.id, style), *((f"  {line}", "dim") for line in (f"{zh} {en}", when, key.reason) if line)]
    grants: list[tuple[str, str]] = []
    for number, grant in enumerate(file.grants):
        grants += _grant(grant, now)
        grants.append((f"  {_place(home, loaded, ('grants', number))}", "dim"))
    if file.accesses is not None:
        grants += [(" ".join(words.ACCESSES), "bold"), *_term(file.accesses, now)]
        grants.append((f"  {_place(home, loaded, ('accesses',))}", "dim"))
    if file.findings is not None:
        grants += [(" ".join(words.FINDINGS), "bold"), (f"  地区 regions {', '.join(file.findings.regions)}", "")]
        grants += _term(file.findings, now)
        grants.append((f"  {_place(home, loaded, ('findings',))}", "dim"))
    return _lines(name), _lines(keys), _lines(grants or [(" ".join(words.NO_GRANTS), "yellow")])


def _grant(grant: Grant, now: float) -> Iterator[tuple[str, str]]:
    yield grant.purpose, "bold"
    for material in grant.materials:
        yield f"  {words.name_of(material)} {material}", ""
    yield f"  地区 regions {', '.join(grant.regions)}", ""
    yield from _term(grant, now)
    if grant.disclose_after_days:
        yield "  " + " ".join(words.disclosure(grant.disclose_after_days)), "yellow"


def _term(term: Term, now: float) -> Iterator[tuple[str, str]]:
    if term.since is not None or term.until is not None:
        is_on = term.holds_on(local_day(now))
        yield f"  {term.since or '...'} – {term.until or '...'}", "" if is_on else "red"
    if term.legal_basis is not None:
        yield f"  {term.legal_basis.zh} {term.legal_basis.en}", "dim"


def _lines(lines: list[tuple[str, str]]) -> Text:
    return Text("\n").join(Text(text, style) for text, style in lines)


def summary(home: Path, loaded: Loaded, consumers: Consumers, now: float) -> dict[str, Any]:
    """One consumer for machines; its public keys are left out."""
    file = loaded.file
    keys = [
        key.model_dump(mode="json", exclude={"public_key"}) | {"may_sign": consumers.get(key.id, now) is not None}
        for key in file.keys
    ]
    grants = [
        grant.model_dump(mode="json", by_alias=True) | {"place": _place(home, loaded, ("grants", number))}
        for number, grant in enumerate(file.grants)
    ]
    rest = file.model_dump(mode="json", by_alias=True, exclude={"keys", "grants"})
    return rest | {"keys": keys, "grants": grants}


def _both(said: Said) -> dict[str, str]:
    return {"zh": said[0], "en": said[1]}


def _place(home: Path, loaded: Loaded, pointer: Pointer) -> str:
    file, line = loaded.document.file, loaded.document.place(pointer)[0]
    path = Path(file)
    return f"{path.relative_to(home) if path.is_relative_to(home) else path}:{line}"
