"""A missing program is a skip with its reason, or a failure where it is demanded."""

from __future__ import annotations

import pytest

from tests.demands import VARIABLE, is_missing, needs


def test_what_is_missing_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv(VARIABLE, "node java")
    mark = needs("no-such-program").mark
    assert (mark.args, mark.kwargs) == ((True,), {"reason": "not installed here: no-such-program"})
    assert needs("sh").mark.args == (False,)
    assert (is_missing("x", is_there=False), is_missing("x", is_there=True)) == (True, False)


@pytest.mark.parametrize("demand", [{"CI": "true"}, {VARIABLE: "java no-such-program"}])
def test_what_is_demanded_is_never_skipped(monkeypatch: pytest.MonkeyPatch, demand: dict[str, str]) -> None:
    monkeypatch.delenv("CI", raising=False)
    for name, value in demand.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(RuntimeError, match="no-such-program"):
        needs("sh", "no-such-program")
    with pytest.raises(RuntimeError, match="no-such-program"):
        is_missing("no-such-program", is_there=False)
