"""What a signature must cover, in which order, under which label and tag: the fixed lists of DESIGN section 9."""

from __future__ import annotations

from dataclasses import dataclass, field

BOUND_TO_QUESTION = '"signature";req;key="gw"'
"""In an answer: the request's signature, as a dictionary member (RFC 9421 section 2.1.2). Its value is `:base64:`."""

BOUND_TO_EXCHANGE = '"signature";req;key="gdx"'
"""The same in an authority's reply to us."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One exact list of serialised component identifiers; another order or another member is another profile."""

    label: str
    tag: str
    components: tuple[str, ...]
    covered: str = field(init=False, repr=False, compare=False)
    """The components as an RFC 9651 inner list, the only text that is accepted for them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "covered", f"({' '.join(self.components)})")


_REQUEST = ('"@method"', '"@authority"', '"@path"')
_CONTENT = ('"content-type"', '"content-digest"')
_REPLY = ('"@status"', *_CONTENT, *(f"{component};req" for component in _REQUEST))

VERIFY = Profile("gw", "gdx-verify-v1", (*_REQUEST, *_CONTENT))
"""A consumer's request with a body."""

VERIFY_KEYED = Profile("gw", "gdx-verify-v1", (*VERIFY.components, '"idempotency-key"'))
"""The same when it carries an Idempotency-Key."""

READ = Profile("gw", "gdx-read-v1", _REQUEST)
"""A consumer's request without a body."""

ANSWER = Profile("gw", "gdx-answer-v1", _REPLY)
"""Our answer to a request whose signature did not verify."""

ANSWER_BOUND = Profile("gw", "gdx-answer-v1", (*_REPLY, BOUND_TO_QUESTION))
"""Our answer to a request whose signature verified: it answers that one request and no other."""

EXCHANGE = Profile("gdx", "gdx-exchange-v1", (*_REQUEST, *_CONTENT))
"""Our request to an authority that speaks the dialect `rfc9421`."""

EXCHANGE_REPLY = Profile("gdx", "gdx-exchange-reply-v1", (*_REPLY, BOUND_TO_EXCHANGE))
"""That authority's reply."""
