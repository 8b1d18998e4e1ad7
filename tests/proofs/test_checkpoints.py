import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs import checkpoints, notes
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.lines import Malformed
from gateway.proofs.notes import Kind, NotSigned
from tests.proofs.signing import BY_WITNESS, LOG, SIGNER, WITNESS, checkpoint_bytes, cosignature, head, line, pair

ROOT = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
BY_LOG = (
    "— gw.example/audit StjrHbzq8ZviIFYT07lzAWe2R3LJdTSh/AIKLFmjD5GiFtELqHHy3WERcbAot0ehMEnST6DH6VEyYJImdqIocCn8NQQ=\n"
)
COSIGNED = (
    "— witness.example/w1 "
    "QnjYvwAAAABrA4IAg2mzBvXhebQm3elcCSHuD8Q+Z4JL2odEtnjzliwGGUduMs2KYwdiW021ykmKdlqyIuTstyu5iT80Af6u3p2pDQ==\n"
)
SIGNED = f"gw.example/audit\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n{BY_LOG}{COSIGNED}".encode()


def test_the_shared_vectors_come_out_byte_for_byte() -> None:
    """Item 15: RFC 9421's test key signs the head over the eight reference leaves, as the log and as its witness."""
    assert head().root == ROOT
    assert checkpoint_bytes() == SIGNED


def test_both_lines_verify() -> None:
    signed = checkpoints.parse(SIGNED)
    assert signed.checkpoint == Checkpoint("gw.example/audit", 8, ROOT)
    signers = signed.verify([LOG], [BY_WITNESS])
    assert [each.key.name for each in signers.verified] == ["gw.example/audit", WITNESS]


def test_a_witness_alone_does_not_vouch_for_a_log() -> None:
    made = head()
    for log in ([], [LOG]):
        with pytest.raises(NotSigned, match="key of the log"):
            checkpoints.parse(made.signed(cosignature(made))).verify(log, [BY_WITNESS])


def test_the_log_that_signed_under_another_name_is_another_log() -> None:
    made = head()
    signer, key = pair("gw.example/audit/1", Kind.SIGNATURE)
    with pytest.raises(NotSigned):
        checkpoints.parse(made.signed(line(made, key, signer))).verify([LOG])


@pytest.mark.parametrize("at", range(len(SIGNED)))
def test_no_byte_can_be_altered(at: int) -> None:
    """Whatever it becomes: malformed, or not signed, or a line that is said to be by an unknown key."""
    for value in {0, 10, 32, 43, 48, 61, 65, SIGNED[at] ^ 1, SIGNED[at] ^ 0x20, SIGNED[at] ^ 0x80} - {SIGNED[at]}:
        altered = SIGNED[:at] + bytes([value]) + SIGNED[at + 1 :]
        try:
            signers = checkpoints.parse(altered).verify([LOG], [BY_WITNESS])
        except (Malformed, NotSigned):
            continue
        assert signers.unknown, "an altered checkpoint passes with nothing unknown in it"


@given(st.integers(0, len(SIGNED)), st.integers(0, 255), st.booleans())
def test_nor_added_or_taken_away(at: int, value: int, is_added: bool) -> None:
    altered = SIGNED[:at] + (bytes([value]) + SIGNED[at:] if is_added else SIGNED[at + 1 :])
    if altered == SIGNED:
        return
    try:
        signers = checkpoints.parse(altered).verify([LOG], [BY_WITNESS])
    except (Malformed, NotSigned):
        return
    assert signers.unknown


ENCODED = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
MALFORMED = {
    "nothing": "",
    "two lines": f"a\n{ENCODED}\n",
    "no end": f"a\n8\n{ENCODED}",
    "no origin": f"\n8\n{ENCODED}\n",
    "no size": f"a\n\n{ENCODED}\n",
    "a leading zero": f"a\n08\n{ENCODED}\n",
    "a sign": f"a\n+8\n{ENCODED}\n",
    "digits of another script": f"a\n٨\n{ENCODED}\n",
    "a size beyond all": f"a\n{2**63}\n{ENCODED}\n",
    "a short root": "a\n8\nXcna\n",
    "a long root": f"a\n8\nXcna{ENCODED}\n",
    "no root": "a\n8\n\n",
    "an empty extension": f"a\n8\n{ENCODED}\n\n",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_checkpoint_is_refused(what: str) -> None:
    with pytest.raises(Malformed):
        checkpoints.parse_text(MALFORMED[what].encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Malformed):
        checkpoints.parse_text(b"\xff\n8\n" + ENCODED.encode() + b"\n")


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [("", 8, ROOT, ()), ("a\nb", 8, ROOT, ()), ("a", -1, ROOT, ()), ("a", 2**63, ROOT, ()), ("a", 8, b"short", ()),
     ("a", 8, ROOT, ("",)), ("a", 8, ROOT, ("b\n",)), ("\ud800", 8, ROOT, ())],
)  # fmt: skip
def test_what_cannot_be_written_is_none(origin: str, size: int, root: bytes, extensions: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        Checkpoint(origin, size, root, extensions)


lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(lines, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_every_checkpoint_comes_back_from_its_bytes(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    made = Checkpoint(origin, size, root, tuple(extensions))
    data = made.signed(line(made))
    signed = checkpoints.parse(data)
    assert signed.checkpoint == made
    assert signed.note.encode() == data
    assert signed.verify([LOG]).verified[0].line == notes.Line(LOG.name, LOG.id, SIGNER.sign(made.text))
