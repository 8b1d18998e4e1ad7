"""Every kind of problem: its HTTP status, its title, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, its title, and what to do about it, in both languages."""

    status: int
    title: str
    zh: str
    en: str


KINDS: Mapping[str, Kind] = {
    "signature_missing": Kind(
        401, "Signature missing", "请按 Accept-Signature 的要求签名。", "Sign as Accept-Signature says."
    ),
    "signature_malformed": Kind(
        401,
        "Signature malformed",
        "签名头格式不规范（RFC 9421 规范写法）。",
        "Write the signature headers in canonical form (RFC 9421).",
    ),
    "signature_count": Kind(
        401, "Not exactly one signature", "只接受一个签名。", "Send exactly one signature, labelled gw."
    ),
    "coverage": Kind(
        401,
        "Other components covered",
        "签名覆盖的组件或顺序不对。",
        "Cover exactly the components of Accept-Signature, in that order.",
    ),
    "tag": Kind(401, "Wrong tag", "签名 tag 不对。", "Use the tag of Accept-Signature."),
    "alg_mismatch": Kind(401, "Wrong algorithm", "算法与登记的密钥不符。", "Use the algorithm registered for the key."),
    "key": Kind(401, "Key not accepted", "该密钥不可用。", "This key id may not sign. Ask the gateway's operator."),
    "clock": Kind(
        401,
        "Outside the time window",
        "签名时间不在允许范围内，请校准时钟。",
        "created and expires do not fit our time (header Date). Set your clock.",
    ),
    "digest": Kind(
        401,
        "Digest does not match",
        "Content-Digest 与收到的字节不符。",
        "Content-Digest must be the SHA-256 of the exact bytes sent.",
    ),
    "signature_invalid": Kind(
        401,
        "Signature does not verify",
        "签名验证失败：请核对每一行签名基。",
        "The signature is not this key's over this request. Compare the signature base.",
    ),
    "replay": Kind(
        409, "Used before", "该请求已使用过（nonce 重复）。", "This nonce was used before. Sign again with a new one."
    ),
    "case_bound": Kind(
        409,
        "Case of another person",
        "该受理编号已用于核验另一人，未向任何部门查询。",
        "This case number was answered for another person before. Nothing was asked: use this applicant's own.",
    ),
    "rate_limited": Kind(
        429,
        "Too many requests",
        "请求过于频繁，请按 Retry-After 稍后重试。",
        "More requests than your rate allows. Nothing was asked: wait as long as Retry-After says.",
    ),
    "subject_budget": Kind(
        429,
        "Too many different people",
        "一日内查询的人数已达上限，未向任何部门查询；确有需要请联系网关管理方。",
        "You asked about as many people as you may in a day. Nothing was asked: see Retry-After, or ask the operator.",
    ),
    "scope": Kind(
        403,
        "Not granted",
        "未授权查询此事项。",
        "No grant allows this purpose, material and region. Nothing was asked.",
    ),
    "other_unit": Kind(
        403,
        "Another unit's answer",
        "该核验由其他单位发起，只能由发起单位登记核查结果。",
        "Another unit of yours asked this: only its officers may add what they found.",
    ),
    "may_not_overrule": Kind(
        403,
        "Not for an officer to overrule",
        "政策不允许人工核查结果推翻该结论。",
        "The policy does not let an officer overrule this decision. The answer stays as it is.",
    ),
    "authority_not_served": Kind(
        421, "Host not served", "Host 不是本网关的名称。", "The Host is not a name of this gateway."
    ),
    "not_found": Kind(404, "Not found", "没有此资源。", "There is nothing here for you."),
    "receipt_unavailable": Kind(
        410,
        "Receipt no longer to be had",
        "账本已不再保存该答复的全部记录，无法出具回执。",
        "The ledger no longer holds every entry of this answer, or holds them in an older form: there is no receipt.",
    ),
    "finding_too_late": Kind(
        410,
        "Question no longer kept",
        "账本已不再保存该问题或其政策，无法登记核查结果；请重新提问。",
        "The ledger no longer holds this question, or its policy is gone: nothing can be added to it. Ask anew.",
    ),
    "overtaken": Kind(
        409,
        "Overtaken",
        "同时有其他更新，请稍后重新签名提交。",
        "Other revisions of this answer kept coming first. Nothing was written: read it again, then sign and send anew.",
    ),
    "method_not_allowed": Kind(405, "Method not allowed", "不支持此方法。", "See the Allow header."),
    "query_not_allowed": Kind(400, "No query string", "不接受查询参数。", "Send no query string; it is not signed."),
    "body_not_allowed": Kind(400, "No body", "此请求不得带正文。", "Send no body with this request."),
    "body_too_large": Kind(413, "Body too large", "正文过大。", "One question has at most 64 KiB."),
    "body_too_slow": Kind(
        408, "Body too slow", "正文接收超时。", "The body did not arrive in time. Send it again, signed anew."
    ),
    "body_incomplete": Kind(400, "Body incomplete", "正文不完整。", "The body broke off. Send it again, signed anew."),
    "content_type": Kind(
        415, "Wrong content type", "须为 application/json（UTF-8）。", "Send application/json in UTF-8."
    ),
    "content_encoding": Kind(415, "Encoded body", "不接受压缩正文。", "Send the body without Content-Encoding."),
    "json_malformed": Kind(400, "Not JSON", "JSON 格式错误。", "The body is not JSON."),
    "json_duplicate_key": Kind(400, "Duplicate key", "JSON 键重复。", "A name stands twice in one object."),
    "json_number": Kind(
        400,
        "Number not accepted",
        "不接受该数字（NaN、无穷或过长）。",
        "NaN, infinities and very long numbers are refused.",
    ),
    "json_depth": Kind(400, "Nested too deep", "JSON 嵌套过深。", "Nest less than 32 levels."),
    "json_encoding": Kind(400, "Not UTF-8", "须为无 BOM 的 UTF-8。", "Send UTF-8 without a byte order mark."),
    "invalid_question": Kind(
        400,
        "The question is not valid",
        "请求内容不符合要求，见 faults。",
        "See faults: each has a place and what would be right.",
    ),
    "subject_format": Kind(
        400,
        "Identity number not valid",
        "公民身份号码格式或校验码不正确。",
        "An identity number is malformed or its check character is wrong.",
    ),
    "application_date": Kind(
        422, "Application date out of bounds", "申请日期超出允许范围。", "The application date is too far from today."
    ),
    "no_policy": Kind(
        422, "No policy", "该日期和地区没有适用的政策。", "No policy is in force on that date for the operator's unit."
    ),
    "unknown_material": Kind(
        422, "Unknown material", "政策中没有此材料。", "The policy in force has no such material; see faults."
    ),
    "audit_unavailable": Kind(
        503,
        "Audit log unavailable",
        "审计日志暂不可写，未向任何部门查询，请稍后重试。",
        "The ledger cannot be written, so nothing was asked. Try again soon.",
    ),
    "answer_unrecorded": Kind(
        503,
        "Answer not recorded",
        "查询结果未能记账，不予答复，请稍后重新提问。",
        "The answer could not be written to the ledger, so it is not given. Ask again soon.",
    ),
    "overloaded": Kind(
        503,
        "Too much at once",
        "网关繁忙，未处理此请求，请按 Retry-After 稍后重试。",
        "There is more work here than can be done in time. Nothing was asked: wait as long as Retry-After says.",
    ),
    "draining": Kind(
        503,
        "Closing down",
        "本实例正在停机，未处理此请求，请重新连接后重试。",
        "This gateway is closing down. Nothing was asked: ask again on a new connection.",
    ),
    "idempotency_key": Kind(
        400,
        "Idempotency-Key not accepted",
        "此处不接受该 Idempotency-Key：仅限 POST /v1/verifications，一行，带引号，16 至 64 个 A-Z a-z 0-9 - _。",
        "Idempotency-Key goes with POST /v1/verifications only: one line, in quotes, 16 to 64 of A-Z a-z 0-9 - _.",
    ),
    "idempotency_key_reused": Kind(
        422,
        "Idempotency-Key of another question",
        "该 Idempotency-Key 已用于另一请求，未向任何部门查询；新的请求须用新的键。",
        "This Idempotency-Key was sent with another body within a day. Nothing was asked: a new question needs a new key.",
    ),
    "in_progress": Kind(
        409,
        "Still being asked",
        "同一请求正在处理，请按 Retry-After 用同一键重新签名再问。",
        "This very question is being asked. Sign it anew with the same key after Retry-After.",
    ),
    "framing": Kind(
        400,
        "Not a request",
        "不是规范的 HTTP 请求。",
        "These bytes are not one well-formed HTTP/1.1 request. The connection is closed.",
    ),
    "head_too_slow": Kind(
        408, "Headers too slow", "请求头接收超时。", "The headers did not arrive in time. The connection is closed."
    ),
    "expectation": Kind(417, "Expectation not met", "不支持此 Expect。", "Only Expect: 100-continue is met."),
    "signer_unavailable": Kind(
        503,
        "Answers cannot be signed",
        "应答暂无法签名，不予答复，请稍后重新提问。",
        "Nothing can be signed now, so nothing is answered. This document is unsigned. Ask again soon.",
    ),
    "internal": Kind(500, "Our fault", "网关内部错误。", "Something failed inside the gateway. The operators see it."),
}
"""By code. The code is the last part of the problem's `type` and never changes its meaning."""
