"""An installation read from its folder: what `gateway init` writes is good, and everything wrong is said at once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from gateway.commands import scaffold
from gateway.contract.folders import load_authorities, shipped
from gateway.errors import BrokenFiles
from gateway.installation import read, read_consumers, read_contracts
from tests.still import StillClock

POLICY = "contracts/policies/jilin-2018-05.yaml"
CONSUMER = "consumers/counter.yaml"
SETTINGS = "gateway.yaml"
RING = "keys/ring.yaml"
MAPPING = "contracts/authorities/residence_permit/mapping.yaml"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """An installation with its own copy of the contracts, written once."""
    home = tmp_path_factory.mktemp("installation") / "home"
    folders = load_authorities(shipped())
    ports = {(name, channel): 1 for name, folder in folders.items() for channel in folder.contract.channels}
    scaffold.write(home, folders, scaffold.Addresses(8443, 9443, ports), StillClock(), 31)
    shutil.copytree(shipped(), home / "contracts")
    change(home / SETTINGS, "consumers: consumers", "consumers: consumers\ncontracts: contracts")
    return home


@pytest.fixture
def home(written, tmp_path):
    return shutil.copytree(written, tmp_path / "home")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems_of(home: Path) -> list[str]:
    """Each problem as `file: text`, with the file as seen from the installation."""
    with pytest.raises(BrokenFiles) as broken:
        read(home)
    return [f"{Path(p.file).relative_to(home)}: {p.text}" for p in broken.value.problems]


def test_what_init_writes_is_good(home):
    installation = read(home)
    assert set(installation.authorities) == set(installation.endpoints)
    assert set(installation.consumers.current.loaded) == {"counter"}
    assert installation.ledger_path == home / "ledger.sqlite3"
    account = installation.endpoints["household_registry"]["query"].account
    assert account["md5"] == (home / "keys" / "registry-md5.txt").read_text().strip()
    assert [policy.sha256 for policy in installation.policies] == [
        hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted((home / "contracts/policies").iterdir())
    ]
    assert [policy.name for policy in installation.policies] == [
        "jilin-2017", "jilin-2018-05", "nation-2018-09", "nation-2019-04", "sample-2018-05",
    ]  # fmt: skip


def test_without_its_own_contracts_the_shipped_ones_serve(home):
    change(home / SETTINGS, "contracts: contracts\n", "")
    assert set(read(home).authorities) == set(load_authorities(shipped()))


ONE_CHANGE = [
    (SETTINGS, "port: 8443", "port: 84430", f"{SETTINGS}: input should be less than or equal to 65535"),
    (SETTINGS, "served_as:", "served_at:", f"{SETTINGS}: this name is not known here; did you mean 'served_as'?"),
    (SETTINGS, "suite: international", "suite: NO", f"{SETTINGS}: must be one of 'international'"),
    (SETTINGS, "listen:", "listen: {}\nlisten:", f"{SETTINGS}: the key 'listen' stands here twice"),
    (SETTINGS, "url: http://127.0.0.1:1", "url: ftp://127.0.0.1", f"{SETTINGS}: string should match pattern"),
    (SETTINGS, "  residence_permit:", "  residence_permits:", f"{SETTINGS}: unknown authority; did you mean 'resid"),
    (SETTINGS, "  residence_permit:", "  residence_permits:", f"{SETTINGS}: residence_permit.share has a contract but"),
    (SETTINGS, "    share:", "    shares:", f"{SETTINGS}: unknown channel; did you mean 'share'?"),
    (SETTINGS, "keys/soap.crt", "keys/nothing.crt", f"{SETTINGS}: "),
    (RING, "keys/answers.pem", "keys/soap.pem", f"{RING}: key 'gateway-answers': the private half is not that of"),
    (RING, "keys/answers.pem", "keys/receipts.pem", f"{RING}: key 'gateway-answers': the private half is not that of"),
    (RING, "use: answers", "use: receipts", f"{RING}: another key is active for receipts already"),
    (RING, "use: answers", "use: answer", f"{RING}: must be one of 'answers', 'receipts', 'checkpoints' or 'outbound'"),
    (RING, "state: active", "state: pending", f"{RING}: no key is active for answers, so there would be nothing to s"),
    (RING, "state: active", "state: retiring", f"{RING}: 'until' belongs to 'state: retiring', and to it alone"),
    (RING, "state: active", "state: revoked", f"{RING}: 'revoked_at' belongs to 'state: revoked', and to it alone"),
    (RING, "id: gateway-answers", "id: gateway-receipts", f"{RING}: this key id stands twice in the ring"),
    (RING, "key: file:keys/answers.pem", "key: keys/answers.pem", f"{RING}: must say where the secret is: file:NAME"),
    (RING, "key: file:keys/outbound.pem", "key: unix:/run/s#k", f"{RING}: a key for outbound requests cannot be with"),
    (RING, "BEGIN PUBLIC KEY", "BEGIN PUBLIC KEI", f"{RING}: key 'gateway-answers': not a public key in PEM"),
    (SETTINGS, "key: file:keys/soap.pem", "key: keys/soap.pem", f"{SETTINGS}: must say where the secret is: file:NAME"),
    (SETTINGS, "app_key: file:", "app_key: ", f"{SETTINGS}: must say where the secret is: file:NAME, env:NAME or cred"),
    (SETTINGS, "md5: file:keys/registry-md5.txt", "md5: 0123", f"{SETTINGS}: is a secret: say where it is (file:, env:"),
    (SETTINGS, "md5: file:keys/registry-md5.txt", "md5: 'env:A B'", f"{SETTINGS}: begins as a reference and is none"),
    (SETTINGS, "md5: file:keys/registry-md5.txt", "md5: env:NO_SUCH_ONE", f"{SETTINGS}: env:NO_SUCH_ONE: the environm"),
    (SETTINGS, "file:keys/registry-md5.txt", "file:keys/nothing.txt", f"{SETTINGS}: "),
    (POLICY, "policy: jilin-2018-05", "policy: jilin-2018-06", f"{POLICY}: must be the file's name, 'jilin-2018-05'"),
    (POLICY, "effective: {from: 2018-05-01", "effective: {from: 2018-05-32", f"{POLICY}: input should be a valid date"),
    (POLICY, "until: 2018-09-01", "until: 2018-04-01", f"{POLICY}: must be after 'from'"),
    (POLICY, "y: guardianship_archive", "y: guardianship_archives", f"{POLICY}: unknown authority; did you mean 'guard"),
    (POLICY, "question: prior_proof", "question: prior_prof", f"{POLICY}: unknown question; did you mean 'prior_proof'?"),
    (POLICY, "question: prior_proof", "question: prior_prof", f"{POLICY}: no judge of this material"),
    (POLICY, "step: subject", "step: sbject", f"{POLICY}: the question has no such step"),
    (POLICY, "residence: {}", "", f"{POLICY}: needs exactly one of 'guardianship', 'residence', 'insurance' and 'record'"),
    (POLICY, "contradicted: paper_required", "contradicted: waived", f"{POLICY}: must be one of"),
    (CONSUMER, "consumer: counter", "consumer: other", f"{CONSUMER}: must be the file's name, 'counter'"),
    (CONSUMER, "purpose:", "porpose:", f"{CONSUMER}: this name is not known here; did you mean 'purpose'?"),
    (CONSUMER, "exit_entry_application", "exit_entry_aplication", f"{CONSUMER}: unknown purpose; did you mean 'exit_en"),
    (CONSUMER, "residence_permit", "residence_permits", f"{CONSUMER}: unknown material; did you mean 'residence_permit"),
    (CONSUMER, "- '22'", "- '91'", f"{CONSUMER}: no policy is in force in this region"),
    (POLICY, "purposes: [exit_entry_application]", "purposes: []", f"{POLICY}: list should have at least 1 item"),
    (CONSUMER, "consumer: counter", "consumer: counter\nlimits: {per_minut: 1}", f"{CONSUMER}: this name is not known"),
    (CONSUMER, "consumer: counter", "consumer: counter\nlimits: {per_minute: 0}", f"{CONSUMER}: input should be greater"),
    (SETTINGS, "served_as:", "limits: {subjects_per_day: no}\nserved_as:", f"{SETTINGS}: input should be a valid int"),
    (CONSUMER, "consumer: counter", "consumer: counter\nlimits: {subjects_per_day: 1}", f"{CONSUMER}: input should be gr"),
    (SETTINGS, "served_as:", "limits: {subjects_per_day: 1}\nserved_as:", f"{SETTINGS}: input should be greater"),
    (SETTINGS, "served_as:", "canaries: nothing.txt\nserved_as:", "nothing.txt: cannot be read: No such file"),
    (CONSUMER, "- '22'", "- '2'", f"{CONSUMER}: string should match pattern"),
    (CONSUMER, "BEGIN PUBLIC KEY", "BEGIN PUBLIC KEI", f"{CONSUMER}: "),
    (MAPPING, "optional: true", "optional: true, echo: person", f"{MAPPING}: a fact with 'echo' must always be there"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), ONE_CHANGE)
def test_one_change_is_said(home, file, old, new, expected):
    change(home / file, old, new)
    found = problems_of(home)
    assert any(text.startswith(expected) for text in found), found


def test_the_problems_of_every_file_are_said_at_once(home):
    change(home / POLICY, "question: prior_proof", "question: prior_prof")
    change(home / CONSUMER, "purpose:", "porpose:")
    change(home / RING, "keys/answers.pem", "keys/nothing-1.pem")
    change(home / RING, "keys/outbound.pem", "keys/nothing-2.pem")
    change(home / "keys/epochs.yaml", "keys/pseudonyms-epoch-1.key", "keys/nothing-3.key")
    change(home / SETTINGS, "keys/soap.pem", "keys/nothing-4.pem")
    change(home / SETTINGS, "file:keys/registry-md5.txt", "file:keys/nothing-5.txt")
    change(home / "contracts/authorities/guardianship_archive/contract.yaml", "wire: rest", "wire: rset")
    change(home / "contracts/authorities/residence_permit/openapi.yaml", "openapi: 3.1.0", "openapi: 2.0")
    found = "\n".join(problems_of(home))
    for wanted in ("prior_proof", "purpose", *(f"nothing-{n}" for n in range(1, 6)), "'rest' or 'soap'", "OpenAPI 3.1"):
        assert wanted in found, wanted


def test_while_a_policy_is_broken_the_words_of_grants_are_not_held_against_the_rest(home):
    change(home / POLICY, "material: residence_permit", "material: residence_permitt")
    change(home / POLICY, "question: prior_proof", "question: prior_prof")
    assert not [text for text in problems_of(home) if text.startswith(CONSUMER)]


def test_without_a_folder_of_consumers_it_does_not_start(home):
    shutil.rmtree(home / "consumers")
    assert problems_of(home) == ["consumers: cannot be read: No such file or directory"]


def test_policies_and_consumers_alone_need_no_key(home):
    shutil.rmtree(home / "keys")
    policies, consumers = read_consumers(home)
    assert (len(policies), set(consumers.loaded)) == (5, {"counter"})


def test_a_broken_settings_file_alone(home):
    (home / SETTINGS).unlink()
    assert problems_of(home) == ["gateway.yaml: cannot be read: No such file or directory"]


def test_two_consumers_with_one_key_id_and_one_name(home):
    shutil.copy(home / CONSUMER, home / "consumers" / "second.yaml")
    assert problems_of(home) == [
        "consumers/second.yaml: must be the file's name, 'second'",
        "consumers/second.yaml: this key id stands in counter.yaml, too",
        "consumers/second.yaml: this public key stands in counter.yaml, too",
    ]


def test_an_endpoint_without_its_account_file_names_the_file_and_not_the_secret(home):
    (home / "keys" / "registry-md5.txt").unlink()
    (found,) = problems_of(home)
    assert found.endswith("registry-md5.txt cannot be read: No such file or directory")


@pytest.mark.parametrize(
    ("folder", "said"), [("policies", "holds no policy"), ("authorities", "holds no folder under 'authorities'")]
)
def test_an_empty_folder_is_a_problem(home, folder, said):
    shutil.rmtree(home / "contracts" / folder)
    (home / "contracts" / folder).mkdir()
    assert any(said in text for text in problems_of(home))


def test_two_policies_on_the_same_days(home):
    path = home / POLICY
    text = path.read_text("utf-8").replace("policy: jilin-2018-05", "policy: jilin-2018-06")
    path.with_name("jilin-2018-06.yaml").write_text(text, "utf-8")
    (found,) = problems_of(home)
    assert found.startswith("contracts/policies/jilin-2018-06.yaml: the policy 'jilin-2018-05' is in force for '22'")


def test_contracts_alone():
    authorities, policies = read_contracts(shipped())
    assert set(authorities) == set(load_authorities(shipped()))
    assert len(policies) == 5


def test_contracts_alone_with_problems(home):
    change(home / POLICY, "question: prior_proof", "question: prior_prof")
    with pytest.raises(BrokenFiles):
        read_contracts(home / "contracts")
