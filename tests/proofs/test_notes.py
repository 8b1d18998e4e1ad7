import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs import notes
from gateway.proofs.lines import MOST, Malformed
from gateway.proofs.notes import Kind, Line, Note, NoteKey, NotSigned
from gateway.security import keys
from gateway.security.algorithms import UnusableKey
from tests.proofs.signing import AT, BY_WITNESS, LOG, ORIGIN, SIGNER, pair

OTHERS = {
    # The example of signed-note itself, and that of Go's sumdb/note.
    "C2SP": (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "This is an example message.\n\n— example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
    ),
    "Go": (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    ),
}
VKEYS = [
    OTHERS["C2SP"][0],
    OTHERS["Go"][0],
    "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",  # with a plus in the base64
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",  # a witness's
]
TEXT = b"one\n\ntwo\n"
SIGNED = Note(TEXT, (LOG.line(SIGNER.sign(TEXT)), BY_WITNESS.line(SIGNER.sign(notes.cosigned(TEXT, AT)), AT)))


@pytest.mark.parametrize("whose", OTHERS)
def test_notes_that_others_signed_verify(whose: str) -> None:
    vkey, text = OTHERS[whose]
    note = notes.parse(text.encode())
    assert note.encode() == text.encode()
    (verified,) = note.verify([notes.parse_vkey(vkey)]).verified
    assert (verified.key.vkey, verified.at) == (vkey, None)


@pytest.mark.parametrize("vkey", VKEYS)
def test_keys_that_others_wrote_are_read_and_written_alike(vkey: str) -> None:
    assert notes.parse_vkey(vkey).vkey == vkey


def test_both_kinds_of_lines_verify_and_a_witness_says_when() -> None:
    signers = notes.parse(SIGNED.encode()).verify([LOG, BY_WITNESS])
    assert [(each.key, each.at) for each in signers.verified] == [(LOG, None), (BY_WITNESS, AT)]
    assert signers.unknown == ()


def test_a_line_of_an_unknown_key_is_told_and_proves_nothing() -> None:
    assert SIGNED.verify([LOG]).unknown == SIGNED.lines[1:]
    with pytest.raises(NotSigned):
        SIGNED.verify([])


def test_one_key_under_another_name_or_kind_is_another_key() -> None:
    assert len({LOG.id, NoteKey("gw.example/other", LOG.kind, LOG.public).id, BY_WITNESS.id}) == 3
    with pytest.raises(NotSigned, match="no key that is known"):
        SIGNED.verify([NoteKey(ORIGIN, Kind.COSIGNATURE, LOG.public)])


def test_a_false_line_of_a_known_key_spoils_the_note() -> None:
    signer, other = pair(ORIGIN, Kind.SIGNATURE)
    false = Line(ORIGIN, LOG.id, signer.sign(TEXT))
    with pytest.raises(NotSigned, match="is not that key's"):
        Note(TEXT, (SIGNED.lines[1], false)).verify([BY_WITNESS, LOG, other])


@pytest.mark.parametrize(
    "signature",
    [b"x", b"x" * 63, b"x" * 65, b"\0" * 8 + SIGNED.lines[0].signature, b"\xff" * 8 + SIGNED.lines[0].signature],
)
def test_a_signature_of_another_length_is_no_signature(signature: bytes) -> None:
    for key in (LOG, BY_WITNESS):
        with pytest.raises(NotSigned):
            Note(TEXT, (Line(key.name, key.id, signature),)).verify([key])


def test_the_time_of_a_cosignature_is_signed() -> None:
    line = SIGNED.lines[1]
    later = Line(line.name, line.id, (AT + 1).to_bytes(8, "big") + line.signature[8:])
    with pytest.raises(NotSigned):
        Note(TEXT, (later,)).verify([BY_WITNESS])


def test_a_line_is_made_from_what_its_kind_takes_only() -> None:
    for key, signature, at in ((LOG, b"x" * 64, AT), (BY_WITNESS, b"x" * 64, None), (LOG, b"x" * 63, None)):
        with pytest.raises(ValueError):
            key.line(signature, at)
    for at in (-1, MOST + 1):
        with pytest.raises(ValueError):
            notes.cosigned(TEXT, at)


LINE = SIGNED.lines[0].encode().decode()
_, NAME, ENCODED = LINE.rstrip().split(" ")
MALFORMED = {
    "nothing": "",
    "no text": LINE,
    "no lines": "one\n",
    "an empty line and no lines": "one\n\n",
    "text without its end": f"one{LINE}",
    "one line feed between": f"one\n{LINE}",
    "no end": f"one\n\n{LINE[:-1]}",
    "something behind": f"one\n\n{LINE}x",
    "an empty line behind": f"one\n\n{LINE}\n",
    "space behind": f"one\n\n{LINE[:-1]} \n",
    "CRLF": f"one\r\n\r\n{LINE}",
    "a tab": f"o\tne\n\n{LINE}",
    "a zero byte": f"o\0ne\n\n{LINE}",
    "a hyphen": f"one\n\n- {NAME} {ENCODED}\n",
    "no space": f"one\n\n—{NAME} {ENCODED}\n",
    "two spaces": f"one\n\n— {NAME}  {ENCODED}\n",
    "no name": f"one\n\n—  {ENCODED}\n",
    "a plus in the name": f"one\n\n— {NAME}+ {ENCODED}\n",
    "a wide space in the name": f"one\n\n— {NAME}\u3000x {ENCODED}\n",
    "a hard space in the name": f"one\n\n— {NAME}\u00a0x {ENCODED}\n",
    "no signature": f"one\n\n— {NAME}\n",
    "an id alone": f"one\n\n— {NAME} {base64.b64encode(LOG.id).decode()}\n",
    "not padded": f"one\n\n— {NAME} {ENCODED.rstrip('=')}\n",
    "the other alphabet": f"one\n\n— {NAME} {ENCODED[:-4]}-_A=\n",
    "a bit left over": f"one\n\n— {NAME} {ENCODED[:-2]}R=\n",
    "too many lines": f"one\n\n{LINE * 33}",
    "too long": f"{'x' * notes.MAX_BYTES}\n\n{LINE}",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_note_is_refused(what: str) -> None:
    with pytest.raises(Malformed):
        notes.parse(MALFORMED[what].encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    for data in (b"\xff", b"o\xc3\n\n" + LINE.encode(), b"\xed\xa0\x80\n\n" + LINE.encode()):
        with pytest.raises(Malformed):
            notes.parse(data)


def test_sixteen_signatures_are_no_trouble() -> None:
    many = Note(TEXT, SIGNED.lines * 8)
    assert notes.parse(many.encode()) == many


@pytest.mark.parametrize(
    "vkey",
    ["", "a", "a+b", "a++", LOG.vkey + " ", LOG.vkey[:-1], LOG.vkey.upper(), LOG.vkey.replace("+AS", "+AT"),
     LOG.vkey.replace("audit", "audit2"), LOG.vkey.replace("+AS", "+Ag"), LOG.vkey.replace("4ad8eb1d", "4AD8EB1D"),
     "+" + LOG.vkey.partition("+")[2], LOG.vkey.replace("audit", "au dit")],
)  # fmt: skip
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(Malformed):
        notes.parse_vkey(vkey)


def test_only_ed25519_signs_notes() -> None:
    with pytest.raises(UnusableKey, match="ed25519"):
        notes.key_of_pem(ORIGIN, Kind.SIGNATURE, keys.new_p256()[1].decode())
    with pytest.raises(UnusableKey):
        NoteKey(ORIGIN, Kind.SIGNATURE, b"short")


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="+"), min_size=1)
texts = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1).map("\n".join)


@given(texts, st.lists(st.tuples(names, st.binary(min_size=5, max_size=80)), min_size=1, max_size=32))
def test_every_note_comes_back_from_its_bytes(text: str, signed: list[tuple[str, bytes]]) -> None:
    note = Note(f"{text}\n".encode(), tuple(Line(name, data[:4], data[4:]) for name, data in signed))
    assert notes.parse(note.encode()) == note


@given(st.binary(max_size=300))
def test_whatever_is_read_is_written_alike(data: bytes) -> None:
    try:
        note = notes.parse(data)
    except Malformed:
        return
    assert note.encode() == data


@given(names, st.sampled_from(list(Kind)), st.binary(min_size=32, max_size=32))
def test_every_key_comes_back_from_its_line(name: str, kind: Kind, public: bytes) -> None:
    assert notes.parse_vkey(NoteKey(name, kind, public).vkey) == NoteKey(name, kind, public)
