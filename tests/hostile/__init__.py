"""What a hostile sender tries, line by line: every line H1 to H57 of the list that this gateway was built against.

A test of line H26 is named `test_h26_...`, so `pytest -k h26` finds it. Where framing is the point the bytes go over a raw
socket. Lines that are held where the thing itself is tested, by exactly these tests:

    H11  proxies that may say which host was meant       tests/web: forwarding headers
    H20  pending and revoked keys (unknown: here)        tests/security: states of a key
    H45  purpose, grant, region, expiry                  tests/security, tests/paths: grants
    H46  a material beyond the grant                     the same
    H49  a budget of people per consumer                 tests/ledger: limits
    H50  people whom nobody may ask about                tests/ledger: canaries
    H53 to H57, what authorities answer                  `lines.ELSEWHERE`, by name

Common rule, held in `doorstep`: a refusal is signed, has a stable code, quotes nothing, reaches nobody, is counted, and
spends no nonce before a signature verified. What each costs is measured: `python -m benchmarks --workload door`.

`fuzz` changes good requests at random: `python -m tests.hostile.fuzz --count 1000000`.
"""
