"""How long an answer is must not tell what it says: bodies are filled up with spaces, which JSON allows behind its value.

Filled before digest and signature, and the same way every time: an answer read again is the same to the byte.
"""

from __future__ import annotations

ANSWER_STEP = 4096
"""More than any answer under the shipped policies needs, so all of them are of one length; a test holds it over the cast."""
PROBLEM_STEP = 1024


def filled(body: bytes, step: int) -> bytes:
    """The body with spaces behind it, up to the next multiple of `step` bytes."""
    return body.ljust(-(-len(body) // step) * step)
