"""Why a receipt is not believed: the codes, and for each a sentence in both languages that holds nothing of the input."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.errors import GatewayError


class Sentence(NamedTuple):
    """One sentence for whoever holds the receipt."""

    zh: str
    en: str


REFUSALS: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "file_malformed": Sentence(
            "这不是回执文件，或其中内容已被改动。",
            "This file is not a receipt, or something in it was changed.",
        ),
        "keys_malformed": Sentence(
            "公钥文件不是网关的公钥文件，或其中的密钥无法读取。",
            "The keys file is not a document of the gateway's keys, or a key in it cannot be read.",
        ),
        "key_unknown": Sentence(
            "签发此回执的密钥不在公钥文件的回执密钥之中：回执被改动过，或公钥文件过旧，或属于另一网关。",
            "The keys file has no such key for receipts: the receipt was changed, or the file is too old or another gateway's.",
        ),
        "key_revoked": Sentence(
            "签发此回执的密钥已被吊销，其签名一律无效。",
            "The key that signed this receipt was revoked: nothing that it signed counts.",
        ),
        "key_retired": Sentence(
            "签发此回执的密钥在答复之前已停止使用。",
            "The key that signed this receipt had been retired before the answer was given.",
        ),
        "algorithm_unavailable": Sentence(
            "此回执采用国密 SM2 签名，本机未安装所需的库：请安装 'run-once-gateway[sm]'。",
            "This receipt is signed with SM2, and the library for it is not installed here: install 'run-once-gateway[sm]'.",
        ),
        "signature_invalid": Sentence(
            "回执的签名与内容不符：内容或签名已被改动。",
            "The signature does not fit the receipt: its content or its signature was changed.",
        ),
        "content_malformed": Sentence(
            "签名正确，但内容不是本版本能读懂的回执。",
            "The signature is right, but what it signs is not a receipt that this version can read.",
        ),
        "entries_differ": Sentence(
            "回执中的账目互不相符：问题、查询与答复不属于同一次核验。",
            "The entries in the receipt do not belong together: they are not of one verification.",
        ),
        "ledger_unknown": Sentence(
            "回执附有账本证明，但公钥文件中没有账本信息：请向网关索取新的公钥文件。",
            "The receipt carries a proof of the ledger, but the keys file says nothing about a ledger: ask for a newer one.",
        ),
        "ledger_other": Sentence(
            "回执所属的账本不是公钥文件中的账本。",
            "The receipt names another ledger than the keys file.",
        ),
        "proof_malformed": Sentence(
            "账本证明的格式不正确，或已被改动。",
            "The proof of the ledger is malformed, or was changed.",
        ),
        "proof_misplaced": Sentence(
            "账本证明指向另一条账目，不属于此回执。",
            "The proof of the ledger is about another entry than the receipt's.",
        ),
        "checkpoint_signer": Sentence(
            "账本检查点上有公钥文件未列出、已吊销或已停用的密钥的签名，或缺少网关的签名。",
            "The ledger's checkpoint is not signed by the gateway, or also by a key that the keys file does not list or count.",
        ),
        "checkpoint_signature": Sentence(
            "账本检查点的签名与内容不符。",
            "A signature on the ledger's checkpoint does not fit it.",
        ),
        "inclusion_invalid": Sentence(
            "账本证明不成立：此答复不在该检查点的账本之中。",
            "The proof does not hold: the answer is not in the ledger of that checkpoint.",
        ),
    }
)


class ReceiptRefused(GatewayError):
    """A receipt is not believed. `code` is stable, one of REFUSALS."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.sentence = REFUSALS[code]
        super().__init__(f"{code}: {self.sentence.en}")
