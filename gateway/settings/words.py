"""The words of the settings: names, addresses, and references, which say where a secret is and never what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_FILE, _VARIABLE, _CREDENTIAL = (
    r"file:[^\x00-\x1f\x7f]{1,400}",
    r"env:[A-Za-z_][A-Za-z0-9_]{0,127}",
    r"credential:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}",
)
_SECRET: Final = re.compile(f"{_FILE}|{_VARIABLE}|{_CREDENTIAL}", re.ASCII)
_ELSEWHERE: Final = re.compile(r"unix:(/[^#\x00-\x1f\x7f]{1,100})#([!$-\[\]-~]{1,128})", re.ASCII)


def is_reference(text: str) -> bool:
    """Whether the text says where a secret is, rather than being a value."""
    return _SECRET.fullmatch(text) is not None


def signer_at(text: str) -> tuple[str, str] | None:
    """The socket and the key's name there, where a private key is with a signer process."""
    found = _ELSEWHERE.fullmatch(text)
    return (found[1], found[2]) if found is not None else None


def _where(takes: Callable[[str], object], forms: str) -> AfterValidator:
    def check(text: str) -> str:
        if not takes(text):
            raise ValueError(f"must say where the secret is: {forms}; the secret itself never stands here")
        return text

    return AfterValidator(check)


def _plain_or_where(text: str) -> str:
    if re.match(r"(file|env|credential):", text) and not is_reference(text):
        raise ValueError("begins as a reference and is none: file:NAME, env:NAME or credential:NAME")
    return text


SecretReference = Annotated[str, _where(is_reference, "file:NAME, env:NAME or credential:NAME")]
"""`file:NAME` (relative to the folder of the settings), `env:NAME`, or `credential:NAME` (of systemd)."""
KeyReference = Annotated[
    str,
    _where(
        lambda text: is_reference(text) or signer_at(text), "file:NAME, env:NAME, credential:NAME or unix:/SOCKET#KEY"
    ),
]
"""The same, or `unix:/SOCKET#KEY`: a signer process that holds the key and never gives it away."""
AccountValue = Annotated[str, AfterValidator(_plain_or_where)]

FileName = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""Relative to the folder of the settings file."""
KeyId = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,128}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?$", max_length=200)]
Authority = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+(:[0-9]{1,5})?$", max_length=200)]
HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+$", max_length=200)]
HostAndPort = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+:[1-9][0-9]{0,4}$", max_length=200)]
Suite = Literal["international", "sm"]
Port = Annotated[int, Field(ge=0, le=65535)]
"""0 asks the system for a free one."""


class Section(BaseModel):
    """One part of the settings: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
