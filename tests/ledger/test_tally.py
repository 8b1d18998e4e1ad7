from __future__ import annotations

from gateway.ledger.tally import EVERY_SECONDS, Counted, Tally
from tests.still import START_UNIX as NOW


def test_the_first_is_said_at_once_and_the_rest_once_a_minute() -> None:
    tally = Tally()
    assert tally.count("intake", NOW) == Counted(1, None)
    assert [tally.count("intake", NOW + second) for second in range(EVERY_SECONDS)] == [None] * EVERY_SECONDS
    assert tally.count("intake", NOW + EVERY_SECONDS) == Counted(EVERY_SECONDS + 1, NOW)
    assert tally.count("intake", NOW + EVERY_SECONDS + 1) is None


def test_consumers_are_counted_apart() -> None:
    tally = Tally()
    assert tally.count("intake", NOW) == Counted(1, None)
    assert tally.count("other", NOW) == Counted(1, None)


def test_a_clock_set_back_silences_nobody() -> None:
    tally = Tally()
    tally.count("intake", NOW)
    assert tally.count("intake", NOW - 3600) == Counted(1, NOW)
