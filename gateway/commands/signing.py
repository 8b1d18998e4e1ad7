"""`gateway sign`: one question from a file, signed as a consumer would; the headers, or a curl command. Nothing is sent."""

from __future__ import annotations

import shlex
from pathlib import Path

import httpx

from gateway.client.auth import VALID_SECONDS
from gateway.commands.asking import client
from gateway.commands.screen import Exit, failures, say, say_json

_SIGNED_HEADERS = ("Content-Type", "Content-Digest", "Signature-Input", "Signature", "Accept-Encoding")
"""What belongs to the signature, with the one that keeps the answer's bytes as they were signed."""


def sign(home: Path, counter: str, question: Path, as_curl: bool, as_json: bool) -> Exit:
    """Prints what to send. The body is the file, byte for byte."""
    with failures(), client(home, counter) as asking:
        request = asking.conversation.question(question.read_bytes(), None)
        asking.conversation.auth.signed(request)
    headers = {name: request.headers[name] for name in _SIGNED_HEADERS}
    if as_json:
        content = {"method": request.method, "url": str(request.url), "headers": headers, "body_file": str(question)}
        say_json(content | ({"curl": curl(request, headers, question)} if as_curl else {}))
    elif as_curl:
        say(f"# once, within {VALID_SECONDS} s; the body must stay byte for byte what stands in the file")
        say(curl(request, headers, question))
    else:
        for name, value in headers.items():
            say(f"{name}: {value}")
    return Exit.DONE


def curl(request: httpx.Request, headers: dict[str, str], body: Path) -> str:
    """A command for a POSIX shell. `--data-binary` because `--data` would drop line ends."""
    parts = [f"curl -sS -i --noproxy '*' -X {request.method} {shlex.quote(str(request.url))}"]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    parts.append(f"--data-binary {shlex.quote(f'@{body}')}")
    return " \\\n  ".join(parts)
