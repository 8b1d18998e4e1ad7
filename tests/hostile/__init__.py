"""What a hostile sender tries, line by line: every line H1 to H57 of the list that this gateway was built against.

A test of line H26 is named `test_h26_...`, so `pytest -k h26` finds it. Where framing is the point the bytes go over a raw
socket. `test_lines` holds this package against the list. Lines that are held where the thing itself is tested:

    H11          proxies that may say which host was meant   tests/web/test_hosts.py
    H20          keys in every state (unknown: here too)      tests/paths/test_revocation.py
    H45, H46     purpose, grant, region, expiry               tests/web/test_api.py
    H49, H50     a budget of people; silent alarms            tests/ledger/test_limits.py
    H53 to H57   what authorities answer                      named in `lines.ELSEWHERE`

Common rule, held in `doorstep`: a refusal is signed, has a stable code, quotes nothing, reaches nobody, is counted, and
spends no nonce before a signature verified. What each costs is measured: `python -m benchmarks --workload door`.

`fuzz` changes good requests at random: `python -m tests.hostile.fuzz --count 1000000`.
"""
