"""Replies whose content is right and whose signature is not."""

from __future__ import annotations

from mocks.faults.fault import Fault

FAULTS = {
    "wrong_signature": Fault(zh="签名错了一位", en="one bit of the signature is wrong", signature="wrong"),
    "missing_signature": Fault(zh="没有签名", en="no signature at all", signature="missing"),
    "old_signature": Fault(zh="签名是一小时前的", en="signed rightly, an hour ago", signature="old"),
    "key_rotated": Fault(
        zh="换了新密钥，网关还没有：平台使旧密钥立即失效并拒绝这次调用",
        en="signed with a next key that the caller was not given; the platform drops its secrets and refuses the call",
        signature="next_key",
        rotates=True,
    ),
}
