"""Pages of a mock: a record whose rows come so many at a time, and tokens that each lead to one page of one person."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from gateway.contract.authority import OperationMapping
from gateway.contract.scenarios import Pages
from mocks.trees import at, put


class NoSuchPage(Exception):
    """The token leads to no page of this person: it is made up, or another's."""


def page_asked(mapping: OperationMapping) -> str | None:
    """The place in a request where the token of a page stands."""
    return next((path for path, rule in mapping.request.items() if rule.source == "walk.page"), None)


def token(scope: Sequence[str], page: int) -> str:
    """What leads to this page, the same in every run. `scope`: authority, operation, and whom it is about."""
    return urlsafe_b64encode(sha256("\n".join((*scope, str(page))).encode()).digest()[:18]).decode()


def find(scope: Sequence[str], asked: Any, count: int) -> int:
    """The page that a request asks for, of so many; the first is 0, and is asked for without a token.

    Raises:
        NoSuchPage: no page of theirs has this token.
    """
    if asked is None:
        return 0
    for page in range(1, count):
        if token(scope, page) == asked:
            return page
    raise NoSuchPage("no page of this person has this token")


def count(record: Any, pages: Pages | None) -> int:
    """How many pages a whole record takes: one at least, also without a row."""
    return max(1, -(-len(_rows(record, pages)) // pages.size)) if pages is not None else 1


def cut(record: Any, pages: Pages, page: int) -> None:
    """Leaves the rows of that page alone in the record."""
    start = page * pages.size
    put(record, pages.rows, _rows(record, pages)[start : start + pages.size])


def _rows(record: Any, pages: Pages | None) -> list[Any]:
    found = at(record, pages.rows) if pages is not None else None
    return found if isinstance(found, list) else []
