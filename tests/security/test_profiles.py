"""The lists are a contract with every consumer: they are written out here once more, as the wire carries them."""

from dataclasses import FrozenInstanceError

import pytest

from gateway.security import profiles
from gateway.security.profiles import Profile

REQUEST = '"@method" "@authority" "@path"'
REPLY = '"@status" "content-type" "content-digest" "@method";req "@authority";req "@path";req'


@pytest.mark.parametrize(
    ("profile", "label", "tag", "covered"),
    [
        (profiles.VERIFY, "gw", "gdx-verify-v1", f'({REQUEST} "content-type" "content-digest")'),
        (
            profiles.VERIFY_KEYED,
            "gw",
            "gdx-verify-v1",
            f'({REQUEST} "content-type" "content-digest" "idempotency-key")',
        ),
        (profiles.READ, "gw", "gdx-read-v1", f"({REQUEST})"),
        (profiles.ANSWER, "gw", "gdx-answer-v1", f"({REPLY})"),
        (profiles.ANSWER_BOUND, "gw", "gdx-answer-v1", f'({REPLY} "signature";req;key="gw")'),
        (profiles.EXCHANGE, "gdx", "gdx-exchange-v1", f'({REQUEST} "content-type" "content-digest")'),
        (profiles.EXCHANGE_REPLY, "gdx", "gdx-exchange-reply-v1", f'({REPLY} "signature";req;key="gdx")'),
    ],
)
def test_profiles_are_the_lists_of_the_design(profile: Profile, label: str, tag: str, covered: str) -> None:
    assert (profile.label, profile.tag, profile.covered) == (label, tag, covered)


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        profiles.READ.tag = "other"  # type: ignore[misc]
