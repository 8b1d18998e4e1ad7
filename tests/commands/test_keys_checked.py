"""What the doctor says about our own keys: which sign, and which end soon."""

from __future__ import annotations

from pathlib import Path

from gateway import installation
from gateway.clock import SystemClock
from gateway.commands import keys_checked
from tests.commands.keyed import told


def test_the_doctor_warns_thirty_days_ahead_and_refuses_what_has_expired(home: Path) -> None:
    made = told(home, "new", "receipts", "--days", "29")["key"]["id"]
    now = SystemClock().unix()

    def expiry(later_days: int) -> list[tuple[str, int]]:
        found = installation.read(home)
        rows = keys_checked.rows(found, now + later_days * 86400)
        assert all(mend for name, _, mend, _ in rows if name == "expiry")
        return [
            (text.split()[0], worth)
            for name, text, _, worth in keys_checked.rows(found, now + later_days * 86400)
            if name == "expiry"
        ]

    assert expiry(0) == [(made, 0)]
    assert expiry(28) == [(made, 0)]
    assert (made, 2) in expiry(30)
    assert {name for name, worth in expiry(366) if worth == 2} >= {"gateway-answers", made}


def test_the_doctor_says_which_key_does_not_sign(home: Path) -> None:
    made = told(home, "new", "answers")["key"]["id"]
    (home / "keys" / f"{made}.pem").unlink()
    rows = {text.split()[0]: (text, worth) for name, text, _, worth in keys_checked.rows(installation.read(home), 0)}
    assert "signs" in rows["gateway-answers"][0]
    assert ("does not sign" in rows[made][0], rows[made][1]) == (True, 2)
