"""Ways to change the signature headers of a good request on purpose."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from gateway.security.algorithms import P256_ORDER
from gateway.security.sm2 import N as SM2_ORDER
from tests.hostile.parts import Parts, Rng

NUMBERS: tuple[Callable[[str], str], ...] = (
    lambda n: f"={int(n) + 1}", lambda n: f"={int(n) - 1}", lambda n: f"=0{n}", lambda n: f"=+{n}", lambda n: f"={n}.0",
    lambda n: f'="{n}"',
)  # fmt: skip
ONE: tuple[Callable[[str, Rng], str], ...] = (
    lambda text, rng: f"{text};{text}",
    lambda text, rng: "",
    lambda text, rng: f" {text}",
    lambda text, rng: text.swapcase(),
    lambda text, rng: re.sub(r"=(\d+)$", lambda found: rng.choice(NUMBERS)(found[1]), text),
    lambda text, rng: text + rng.choice((';x="y"', ";req", ';tag="gdx-read-v1"', ';context="a"')),
)


def parameters(parts: Parts, rng: Rng) -> None:
    """Of Signature-Input: order, spelling, number, kind."""

    def edit(value: str) -> str:
        covered, _, rest = value.partition(");")
        given = rest.split(";")
        at = rng.randrange(len(given))
        if rng.random() < 0.2:
            rng.shuffle(given)
        else:
            given[at] = rng.choice(ONE)(given[at], rng)
        return f"{covered});" + ";".join(filter(None, given))

    parts.change(parts.index(rng, "signature-input"), edit)


def components(parts: Parts, rng: Rng) -> None:
    def edit(value: str) -> str:
        label, _, rest = value.partition("=(")
        inner, _, after = rest.partition(")")
        names = inner.split(" ")
        at = rng.randrange(len(names))
        match rng.randrange(6):
            case 0:
                rng.shuffle(names)
            case 1:
                del names[at]
            case 2:
                names.append(names[at])
            case 3:
                names[at] += rng.choice((";req", ";sf", ";bs", ';key="gw"', ";tr"))
            case 4:
                names[at] = names[at].replace("-", "_").upper()
            case _:
                return f"{rng.choice(('sig1', 'gw2', 'GW', '*gw'))}=({inner}){after}"
        return f"{label}=({' '.join(names)}){after}"

    parts.change(parts.index(rng, "signature-input"), edit)


def label(parts: Parts, rng: Rng) -> None:
    """Both fields under another label: nothing signs the label, so it must be refused for itself."""
    new = rng.choice(("sig1", "gw2", "g"))
    for name in ("signature", "signature-input"):
        parts.change(parts.index(rng, name), lambda value: new + value[2:] if value.startswith("gw") else value)


def encoding(parts: Parts, rng: Rng) -> None:
    """Of the signature or the digest: the same bytes in another base64, or in none."""

    def edit(value: str) -> str:
        start, _, rest = value.partition("=:")
        text, _, end = rest.rpartition(":")
        raw = base64.b64decode(text + "==")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        last = text.rstrip("=")[-1:] or "A"
        neighbour = alphabet[alphabet.find(last) ^ 1]
        made = rng.choice(
            (
                text.rstrip("="), text + "=", text.replace("+", "-").replace("/", "_"), " " + text,
                text.rstrip("=")[:-1] + neighbour + "==", text[:20] + "\t" + text[20:], raw.hex(), "",
                base64.b64encode(raw + b"\0").decode(), base64.b64encode(raw[:-1]).decode(),
            )
        )  # fmt: skip
        return f"{start}=:{made}:{end}"

    at = parts.index(rng, "signature", "content-digest")
    if "=:" in parts.lines[at][1]:
        parts.change(at, lambda value: edit(value) if re.fullmatch(r"[^:]*=:[A-Za-z0-9+/]*={0,2}:.*", value) else value)


def twin(parts: Parts, rng: Rng) -> None:
    """Another signature that anybody can make from this one: n - s, s + n, the two numbers swapped, or r negated."""

    def edit(value: str) -> str:
        text = value.removeprefix("gw=:").removesuffix(":")
        raw = base64.b64decode(text + "==")
        if len(raw) != 64:
            return value
        order = rng.choice((P256_ORDER, SM2_ORDER))
        r, s = int.from_bytes(raw[:32], "big") % order, int.from_bytes(raw[32:], "big") % order
        r, s = rng.choice(((r, order - s), (order - r, s), (s, r), (r, 0), (0, s)))
        return f"gw=:{base64.b64encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big')).decode()}:"

    at = parts.index(rng, "signature")
    if re.fullmatch(r"gw=:[A-Za-z0-9+/]+={0,2}:", parts.lines[at][1]):
        parts.change(at, edit)
