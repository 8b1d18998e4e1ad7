"""Builds an authority's request: what the mapping file says stands where, compiled once, filled in per call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from gateway.clock import CHINA
from gateway.contract.authority import OperationMapping, RequestRule, Source
from gateway.errors import ConfigFault
from gateway.mapping import citizen_ids, pointers
from gateway.mapping.conversions import WRITERS
from gateway.mapping.pointers import Keys
from gateway.model import Check, Intent


class _Question(NamedTuple):
    """Everything a request may speak of."""

    check: Check
    intent: Intent
    request_id: str
    now_unix: float
    account: Mapping[str, str]


_SOURCES: Final[dict[Source, Callable[[_Question], str | date | datetime]]] = {
    "person.citizen_id": lambda q: q.check.about["person"].citizen_id,
    "person.name": lambda q: q.check.about["person"].name,
    "other.citizen_id": lambda q: q.check.about["other"].citizen_id,
    "other.name": lambda q: q.check.about["other"].name,
    "as_of": lambda q: q.check.as_of,
    "case_number": lambda q: q.intent.verification.case_number,
    "purpose": lambda q: q.intent.verification.purpose,
    "operator.id": lambda q: q.intent.verification.operator.id,
    "operator.name": lambda q: q.intent.verification.operator.name,
    "operator.unit_code": lambda q: q.intent.verification.operator.unit_code,
    "request_id": lambda q: q.request_id,
    "requested_at": lambda q: datetime.fromtimestamp(q.now_unix, CHINA),
    "walk.year": lambda q: _year(q.check),
    "walk.page": lambda q: q.check.page or "",
}


def _year(check: Check) -> str:
    if check.year is None:  # `problems` refuses such files, so this is a fault of ours, and no year may be made up
        raise ConfigFault("the request names a year, and this question is not asked by years")
    return f"{check.year:04}"


class RequestBuilder:
    """One operation's request, ready to be filled in. Made by `compile_request`.

    Every method takes the check (with `about` by the roles `person` and `other`), its intent, the request's own id, the
    wall clock in Unix seconds, and the installation's account with this authority. All raise:
        ConfigFault: the account lacks a value that the mapping names.
    """

    def __init__(
        self,
        fields: tuple[tuple[Keys, Callable[[_Question], str]], ...],
        accounts: frozenset[str],
        page: Keys | None = None,
    ) -> None:
        self._fields = fields
        self._page = page
        """Where the token of a page stands: left out of the request for the first one."""
        self.accounts = accounts
        """The names that the account must hold: check them at start-up."""

    def values(
        self, check: Check, intent: Intent, request_id: str, now_unix: float, account: Mapping[str, str]
    ) -> dict[Keys, str]:
        """The text for every place of the request."""
        question = _Question(check, intent, request_id, now_unix, account)
        left_out = self._page if check.page is None else None
        return {keys: value(question) for keys, value in self._fields if keys != left_out}

    def tree(
        self, check: Check, intent: Intent, request_id: str, now_unix: float, account: Mapping[str, str]
    ) -> dict[str, Any]:
        """The nested objects of a JSON body, or the parts of a SOAP message: text, or a tree for a part that is a document."""
        root: dict[str, Any] = {}
        for keys, text in self.values(check, intent, request_id, now_unix, account).items():
            place = root
            for key in keys[:-1]:
                place = place.setdefault(key, {})
            place[keys[-1]] = text
        return root


def compile_request(operation: OperationMapping) -> RequestBuilder:
    """The builder of one operation's request. What `problems` reports must have been mended before."""
    fields = tuple((pointers.parse(path), _field(rule)) for path, rule in operation.request.items())
    names = (rule.account for rule in operation.request.values())
    page = next((path for path, rule in operation.request.items() if rule.source == "walk.page"), None)
    accounts = frozenset(name for name in names if name is not None)
    return RequestBuilder(fields, accounts, None if page is None else pointers.parse(page))


def _field(rule: RequestRule) -> Callable[[_Question], str]:
    if rule.source is not None:
        source, writer = _SOURCES[rule.source], WRITERS[rule.convert]
        if rule.equals is not None:
            return _condition(rule.equals, lambda question: writer(source(question)))
        return lambda question: writer(source(question))
    if rule.account is not None:
        return _from_account(rule.account)
    constant = rule.value or ""
    return lambda question: constant


def _condition(column: str, value: Callable[[_Question], str]) -> Callable[[_Question], str]:
    """A condition on one column. Its text is read as a query over there, so nothing but an identity number gets into it."""

    def condition(question: _Question) -> str:
        try:
            return f"{column}='{citizen_ids.canonical(value(question))}'"
        except ValueError as error:
            raise ConfigFault("only an identity number may stand in a condition") from error

    return condition


def _from_account(name: str) -> Callable[[_Question], str]:
    def value(question: _Question) -> str:
        try:
            return question.account[name]
        except KeyError:
            raise ConfigFault(f"the account with this authority has no value {name!r}") from None

    return value
