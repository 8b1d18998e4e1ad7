import json
from pathlib import Path

import pytest

from gateway.commands import witness
from gateway.commands.screen import Exit
from gateway.ledger.witness import Held, Witness
from tests.ledger.test_witness import LOGS, SHARD, body
from tests.proofs.signing import AT, BY_WITNESS, SIGNER
from tests.security.test_signatures import PUBLIC

DOCUMENT = {"keys": [{"id": "c", "use": "checkpoints", "state": "active", "public_key": PUBLIC.decode()}]}


def made(folder: Path, document: object = DOCUMENT) -> Path:
    (folder / "keys.json").write_text(json.dumps(document))
    log = f"gw.example/audit={folder / 'keys.json'}"
    assert witness.init(folder / "w", "witness.example/w1", 0, [log], False) is Exit.DONE
    return folder / "w"


def test_a_new_witness_shows_what_it_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = made(tmp_path)
    assert [each.keyid for each in witness.log_keys(home / "log-0.keys.json")] == ["c"]
    with Held(home / "held") as held:
        assert Witness(BY_WITNESS, SIGNER, LOGS, held).add(body(0, 5), AT).status == 200
    capsys.readouterr()
    assert witness.show(home, True) is Exit.DONE
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["origin"], shown["size"], Path(shown["file"]).exists()) == (SHARD, 5, True)


def test_nothing_that_is_there_is_replaced(tmp_path: Path) -> None:
    key = (made(tmp_path) / "witness.pem").read_bytes()
    with pytest.raises(SystemExit):
        made(tmp_path)
    assert (tmp_path / "w" / "witness.pem").read_bytes() == key


@pytest.mark.parametrize("document", [{}, [], {"keys": []}, {"keys": [{**DOCUMENT["keys"][0], "state": "revoked"}]}])
def test_a_log_without_keys_cannot_be_witnessed(tmp_path: Path, document: object) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(document))
    with pytest.raises(witness.BadWitness):
        witness.log_keys(tmp_path / "keys.json")
