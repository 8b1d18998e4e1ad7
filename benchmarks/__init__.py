"""What a verification costs, measured beside others that do the same calls without any guard. `python -m benchmarks`.

Three servers take turns on one core, each for itself: A is the gateway with everything on, B a bare aiohttp fan-out, C a
FastAPI and httpx fan-out as a user would write it. The authorities (`upstreams`) and the callers (`load`) share the other
core. The measure is a server's own CPU time for one question; ratios are taken between neighbours in time and the median
of the rounds is given, because the machine's speed wanders and the ratios do not. `README.md` says how to read it.

    people        a crowd cloned from the cast, so that no two questions in flight are about the same person
    home          an installation for A, and what B and C have to send
    upstreams     the authorities: cheap, and every reply to A is rightly signed
    servers       A, B, C and the upstreams as processes, each held to its core
    load, asking  callers over raw sockets; every answer is checked, samples are verified as a consumer would
    rounds        who is measured when, and for how long
    costs         one step after the other, alone: what the whole is made of
    ledger...     the workload `ledger`: the store beside plain SQLite, an audit beside bare hashing, the length of a proof, and
                  the gateway beside itself with a ledger that writes nothing (`unledgered`)
    channels      the three steps of a call, for each of the five channels
"""
