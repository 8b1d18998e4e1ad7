"""What each flaw of a ledger means, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.commands.tree import Said
from gateway.ledger.flaws import Kind

MEANINGS: Final[Mapping[Kind, Said]] = {
    Kind.FORM: ("数据库结构被改动", "tables, indexes or triggers are not those of a ledger"),
    Kind.STRAY: ("有不属于任何分片的条目", "entries belong to no shard"),
    Kind.MISSING: ("条目缺失", "entries are missing"),
    Kind.BEHIND: ("末尾之后有多余条目", "entries stand behind the end of the shard"),
    Kind.BODY: ("正文与叶子散列不符，已被改动", "the body is not that of its leaf hash: it was changed"),
    Kind.UNPRUNED: ("正文缺失，且不在清除范围内", "the body is gone, and was not to be pruned"),
    Kind.UNSAID: ("正文已清除，但没有相应记录", "bodies are gone, and no entry says that they were pruned"),
    Kind.NODE: ("这些叶子的散列与所存子树根不符", "their leaf hashes do not give the root that is kept of them"),
    Kind.NODE_MISSING: ("子树根缺失", "the root that is kept of them is missing"),
    Kind.NODE_EXTRA: ("有多余的子树根", "a root is kept of entries that are not there"),
    Kind.EDGE: ("树的右缘与条目不符", "the tree's edge is not that of the entries"),
    Kind.CHECKPOINT: ("检查点缺失、损坏或不属于本分片", "the checkpoint is missing, damaged or another log's"),
    Kind.SIGNATURE: ("检查点签名无效", "the checkpoint's signature is no known key's"),
    Kind.CUT: ("检查点签过的条目不在账本中：末尾被截断", "entries that were signed are not there: the end was cut off"),
    Kind.REWRITTEN: (
        "条目与签过的检查点不符：历史被改写",
        "the entries are not those that were signed: history was rewritten",
    ),
    Kind.KEPT_UNREADABLE: ("留存文件不是检查点", "the kept file is no checkpoint"),
    Kind.KEPT_SIGNATURE: (
        "留存检查点的签名无效，不足为证",
        "the kept checkpoint is signed by no known key: it proves nothing",
    ),
    Kind.KEPT_OTHER: ("留存检查点属于另一账本", "the kept checkpoint is another ledger's"),
    Kind.ROLLED_BACK: (
        "账本比留存检查点短：被回退",
        "the ledger is shorter than the kept checkpoint: it was rolled back",
    ),
    Kind.FORK: (
        "与留存检查点是两段不同历史：分叉或改写",
        "the kept checkpoint signs another history of the same name: a fork, or a rewritten past",
    ),
    Kind.UNREADABLE: ("条目内容不合格式", "the entry does not say what its kind must"),
    Kind.COLUMNS: ("编号或类别列与正文不符", "the columns of id and kind are not what the body says"),
    Kind.NO_INTENT: ("所指的询问不存在", "the question that it names is not there"),
    Kind.INTENT_HASH: ("所记询问的散列不符", "it names its question by another hash"),
    Kind.EVIDENCE_MISSING: ("所指的调用记录不存在", "a call that it names is not there"),
    Kind.EVIDENCE_HASH: ("所记调用的散列不符", "it names a call by another hash"),
    Kind.ENDED_TWICE: ("同一询问结束了两次", "its question had ended before"),
    Kind.NEVER_ENDED: ("询问没有结果，也未关闭", "the question has no outcome and was not closed"),
    Kind.ANSWER: ("留存的应答与其结果条目不符", "the answer that is kept is not the one that was given"),
}
