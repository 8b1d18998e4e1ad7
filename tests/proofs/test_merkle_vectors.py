"""The published proofs of transparency-dev/merkle, good and bad ones, through our checks."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from gateway.proofs.proving import ProofRefused, check_consistency, check_inclusion

PLACEHOLDERS = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json": 'both roots are the text "don\'t care 2"'
    ": no hash, and the code it was written for compares no more than sizes and roots. Ours refuses what is not 32 bytes.",
}
"""Published as good, and refused here: the reason."""
COUNT = 98


def vectors(kind: str) -> list[Any]:
    folder = os.environ.get("GATEWAY_SHARED_DATA")  # noqa: TID251 - no setting of the gateway, only where vectors lie
    if not folder:
        return [pytest.param({}, marks=pytest.mark.skip("GATEWAY_SHARED_DATA is not set: no Merkle vectors"))]
    found = json.loads((Path(folder) / "merkle_vectors.json").read_text())["vectors"][kind]
    assert len(found) == COUNT
    return [pytest.param(vector, id=vector["name"]) for vector in found]


def proof_of(vector: dict[str, Any]) -> list[bytes]:
    return [b64decode(each) for each in vector["proof"] or []]


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_inclusion(vector: dict[str, Any]) -> None:
    leaf, root = b64decode(vector["leafHash"]), b64decode(vector["root"])
    place = vector["leafIdx"], vector["treeSize"]
    if vector["wantErr"]:
        with pytest.raises(ProofRefused):
            check_inclusion(leaf, *place, proof_of(vector), root)
    else:
        check_inclusion(leaf, *place, proof_of(vector), root)


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_consistency(vector: dict[str, Any]) -> None:
    sizes, roots = (vector["size1"], vector["size2"]), (b64decode(vector["root1"]), b64decode(vector["root2"]))
    if vector["wantErr"] or vector["name"] in PLACEHOLDERS:
        with pytest.raises(ProofRefused):
            check_consistency(*sizes, proof_of(vector), *roots)
    else:
        check_consistency(*sizes, proof_of(vector), *roots)


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_a_placeholder_is_one(vector: dict[str, Any]) -> None:
    """A good vector with roots that are none: it must be on the list, with its reason, and nothing else may be."""
    is_placeholder = not vector["wantErr"] and len(b64decode(vector["root1"])) != 32
    assert is_placeholder is (vector["name"] in PLACEHOLDERS)
