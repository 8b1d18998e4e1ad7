"""What `gateway signature explain` says of each cause and how to mend it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.security.doctor.cases import Cause, Word


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in both languages."""

    zh: str
    en: str


def cause(of: Cause) -> Said:
    """Why it is refused."""
    zh, en, _, _ = WORDS[of.word]
    more = "" if not of.facts.get("also") else "; {also}"
    return Said(_filled(zh + more.replace("; ", "；"), of, in_chinese=True), _filled(en + more, of, in_chinese=False))


def mend(of: Cause) -> Said:
    """What to do about it."""
    _, _, zh, en = WORDS[of.word]
    return Said(_filled(zh, of, in_chinese=True), _filled(en, of, in_chinese=False))


def _filled(text: str, of: Cause, *, in_chinese: bool) -> str:
    unknown = "未知" if in_chinese else "not known"
    values = {"signed": of.signed, "arrived": of.arrived, **of.facts}
    for name, value in values.items():
        shown = unknown if value is None else value or ("（空）" if in_chinese else "(empty)")
        text = text.replace(f"{{{name}}}", _translated(shown) if in_chinese and name in ("way", "form") else shown)
    return text


def _translated(way: str) -> str:
    return "，".join(_WAYS.get(part, part) for part in way.split(", "))


_WAYS: Final[Mapping[str, str]] = {
    "no bytes at all": "空正文",
    "with a line feed at the end": "末尾多一个换行（LF）",
    "with CR LF at the end": "末尾多一个换行（CR LF）",
    "without the line end": "末尾没有换行",
    "with LF line ends": "换行为 LF",
    "with CR LF line ends": "换行为 CR LF",
    "with a byte order mark": "带 BOM",
    "JSON written anew": "JSON 重新序列化",
    "JSON inside a JSON string": "JSON 又被包成字符串",
    "compact": "紧凑",
    "spaced": "分隔符后有空格",
    "indented by 2": "缩进 2 格",
    "indented by 4": "缩进 4 格",
    "indented by tabs": "用制表符缩进",
    "names sorted": "键已排序",
    "non-ASCII escaped": "中文转义为 \\u",
    "with CR LF between the lines": "行间用 CR LF",
    "without the line @signature-params": "缺 @signature-params 行",
    "component names without quotes": "组件名没有引号",
    "the SHA-256 of the base as hex text": "签名基 SHA-256 的十六进制文本",
    "the SHA-256 of the base": "签名基的 SHA-256",
    "the base as hex text": "签名基的十六进制文本",
    "the base as base64 text": "签名基的 base64 文本",
    "hex": "十六进制",
    "der": "DER 编码",
    "spacing": "多余空格或引号",
    "without Z": "没有 Z",
    "the id is empty": "用户标识为空",
    "the id is the key id": "用户标识用了 keyid",
}

WORDS: Final[Mapping[Word, tuple[str, str, str, str]]] = {
    "host_not_served": (
        "Host 不是本网关的名称", "the Host is not a name of this gateway",
        "请求应使用其中之一：{names}；若经代理，代理须原样传递 Host", "use one of {names}; a proxy must pass Host unchanged",
    ),
    "query": (
        "地址带有查询串，查询串不受签名保护", "the target has a query string, which no signature covers",
        "去掉 ? 及其后内容", "leave out the ? and what follows",
    ),
    "encoding": ("正文被压缩", "the body is encoded", "不要压缩正文，也不要让代理压缩", "send it, and let it pass, unencoded"),
    "media_type": (
        "Content-Type 不是 application/json", "Content-Type is not application/json",
        "使用 application/json", "send application/json",
    ),
    "idempotency_key": (
        "Idempotency-Key 写法不对（{count} 行）", "Idempotency-Key is not as it must be ({count} lines of it)",
        "仅随 POST 发送一行，带引号，16 至 64 个 A-Z a-z 0-9 - _", "with a POST: one line, in quotes, 16 to 64 of A-Za-z0-9-_",
    ),
    "method_not_served": ("不支持此方法", "the method is not one of the API", "用 POST 提问、GET 读取", "POST asks, GET reads"),
    "unsigned": (
        "没有签名头（或被代理删掉）", "there are no signature headers, or a proxy removed them",
        "发送 Signature-Input 和 Signature", "send Signature-Input and Signature",
    ),
    "header_form": (
        "签名头写法不规范：{detail}", "a signature header is not in canonical form: {detail}",
        "按 RFC 9421 规范序列化，见 docs/integrate.md", "serialise it as RFC 9421 does, see docs/integrate.md",
    ),
    "label": (
        "签名标签是 {given}，应为 {wanted}", "the signature is labelled {given}, it must be {wanted}",
        "把标签改为 {wanted}", "label it {wanted}",
    ),
    "signature_form": (
        "签名值的编码不对（{form}）", "the signature's value is written wrongly ({form})",
        "须为 r||s 或 Ed25519 的 64 个字节，标准 base64，两侧冒号", "64 bytes (r||s, or Ed25519's), base64 between colons",
    ),
    "order": (
        "覆盖的组件正确但顺序不对", "the right components in another order",
        "按此顺序：{wanted}", "in this order: {wanted}",
    ),
    "coverage": (
        "覆盖的组件不对；缺：{missing}；多：{more}", "other components are covered; missing: {missing}; too many: {more}",
        "恰好覆盖 Accept-Signature 所列组件", "cover exactly those of Accept-Signature",
    ),
    "tag": ("tag 不对", "the tag is another one", "使用 tag=\"{wanted}\"", "use tag=\"{wanted}\""),
    "clock_milliseconds": (
        "created 是毫秒，应为秒", "created is in milliseconds, it must be in seconds",
        "除以 1000 取整", "divide by 1000, and round down",
    ),
    "clock_time_zone": (
        "时间相差 {off_hours} 小时：像是时区换算错误", "the time is {off_hours} hours off: a time zone taken for UTC",
        "created 须为 UTC 的 Unix 秒", "created is Unix seconds (UTC)",
    ),
    "clock_ahead": (
        "created 比网关时间快 {off_seconds} 秒（允许 {skew_seconds} 秒）",
        "created is {off_seconds} s ahead of the gateway's time ({skew_seconds} s are allowed)",
        "校准时钟（NTP）", "set the clock (NTP)",
    ),
    "clock_expired": (
        "签名已过期：created 与网关时间相差 {off_seconds} 秒",
        "the signature has expired: created is {off_seconds} s from our time",
        "每次发送都重新签名并校准时钟；若是旧抓包，用 --now 给出到达时间",
        "sign anew for each sending, set the clock; for an old capture, say with --now when it arrived",
    ),
    "clock_span": (
        "expires 与 created 相差 {span_seconds} 秒，应为 1 至 {most_seconds} 秒",
        "expires is {span_seconds} s after created, it must be 1 to {most_seconds} s", "取 60 秒", "take 60 s",
    ),
    "key": (
        "没有登记这个 keyid；相近的是：{nearest}", "no consumer has this key id; the nearest is {nearest}",
        "核对 keyid，或请网关管理员登记公钥", "check the key id, or have the public key registered",
    ),
    "key_state": (
        "密钥 {given} 已登记，但目前不可用（{state}）", "the key {given} is registered and may not sign now ({state})",
        "换用有效密钥，或由管理员启用", "use an active key, or have this one made active",
    ),
    "key_id": (
        "私钥属于 {key}，但 keyid 写成了 {given}", "the private key is that of {key}, the key id says {given}",
        "keyid 改为 {key}", "use the key id {key}",
    ),
    "algorithm": (
        "alg 不是登记密钥的算法（应为 {wanted}）", "alg is not the algorithm of the registered key ({wanted})",
        "alg=\"{wanted}\"", "alg=\"{wanted}\"",
    ),
    "capture_short": (
        "抓包不完整，正文少 {bytes} 字节", "the capture lacks {bytes} bytes of the body",
        "重新抓取完整报文", "capture the whole message",
    ),
    "digest_missing": (
        "没有 Content-Digest", "there is no Content-Digest",
        "发送 Content-Digest: sha-256=:base64:", "send Content-Digest: sha-256=:base64:",
    ),
    "digest_form": (
        "Content-Digest 写法不对（{form}）", "Content-Digest is not spelled right ({form})",
        "恰好为 sha-256=:32 字节的 base64:", "exactly sha-256=:base64 of 32 bytes:",
    ),
    "digest_of_nothing": (
        "Content-Digest 是空正文的摘要", "Content-Digest is that of no bytes at all",
        "先取得正文字节再计算摘要", "take the digest of the body's bytes, not before they are there",
    ),
    "body_reserialised": (
        "Content-Digest 对应另一种写法的正文（{way}）", "Content-Digest is that of the same body in other bytes ({way})",
        "序列化一次，对这些字节计算摘要并原样发送", "serialise once, and digest and send those very bytes",
    ),
    "body_other_bytes": (
        "Content-Digest 对应的是别的字节", "Content-Digest is that of other bytes",
        "对实际发送的字节计算摘要；检查改写正文的代理", "digest what is sent; look for a proxy that changes bodies",
    ),
    "authority": (
        "签名的主机是 {signed}，到达的是 {arrived}", "signed for the host {signed}, arrived for {arrived}",
        "代理须原样传递 Host，或按网关看到的名称签名", "let the proxy pass Host unchanged, or sign the name the gateway sees",
    ),
    "path": (
        "签名的路径是 {signed}，到达的是 {arrived}", "signed for the path {signed}, arrived as {arrived}",
        "代理不得改写路径；签名用原始路径，不含查询串", "let no proxy rewrite the path; sign the raw one, without a query",
    ),
    "method": (
        "签名的方法是 {signed}，到达的是 {arrived}", "signed for the method {signed}, arrived as {arrived}",
        "方法用大写且不得被改写", "in capitals, and as sent",
    ),
    "content_type": (
        "签名的 Content-Type 是 {signed}，到达的是 {arrived}", "signed with the Content-Type {signed}, arrived with {arrived}",
        "HTTP 库可能自行添加 charset：显式设置并按实际发送值签名",
        "an HTTP library may add a charset: set it, and sign what is sent",
    ),
    "content_digest": (
        "签名的 Content-Digest 与到达的不同", "another Content-Digest was signed than arrived",
        "先定正文与摘要，再签名", "fix the body and its digest, then sign",
    ),
    "order_of_lines": (
        "签名基的行序为 {order}，与 Signature-Input 所列不同", "the lines were signed in the order {order}, not as listed",
        "按 Signature-Input 的顺序排列各行", "put the lines in the order of Signature-Input",
    ),
    "parameters": (
        "签名的参数行是 {signed}", "the signed parameters are {signed}",
        "@signature-params 行须与 Signature-Input 中标签之后的文本逐字相同",
        "the line @signature-params is, to the letter, what follows the label in Signature-Input",
    ),
    "base_form": (
        "签名的内容不是签名基本身，而是：{form}", "what was signed is not the base itself but: {form}",
        "各行以 LF 连接，末尾无换行，直接签名", "join the lines with LF, none at the end, and sign that",
    ),
    "sm2_id": (
        "SM2 的 e 计算不对：{form}", "SM2's e is not made as agreed: {form}",
        "e = SM3(Z || 签名基)，用户标识为 1234567812345678", "e = SM3(Z || base), with the id 1234567812345678",
    ),
    "wrong_key": (
        "签名用的是 {key} 的私钥，而 keyid 是 {given}", "signed with the private key of {key}, under the key id {given}",
        "换用与 keyid 对应的私钥", "use the private key that belongs to the key id",
    ),
    "body_changed": (
        "发出的摘要正确，但网关收到的正文不同", "the digest is right here, but other bytes arrived at the gateway",
        "检查中间改写正文的代理", "look for a proxy that changes bodies",
    ),
    "key_refused": (
        "签名本身正确，但网关不接受此 keyid", "the signature is right, and the gateway does not take this key id",
        "核对 keyid；请管理员登记或启用该密钥", "check the key id; ask the operator to register the key or to make it active",
    ),
    "registered_key": (
        "签名在此验证通过且各行一致：网关登记的是另一把公钥",
        "it verifies here and every line is the same: another public key is registered there",
        "请管理员登记当前公钥", "have this public key registered",
    ),
    "unexplained": (
        "签名不是该密钥对此报文的签名，已知的改写都不能解释",
        "not this key's signature over this message, and no known change explains it",
        "多半私钥不对；若按另一个主机名签名，用 --served-as 给出；逐行比较签名基的 SHA-256",
        "most likely another private key; if you signed another host, name it with --served-as; compare each line's SHA-256",
    ),
}  # fmt: skip
