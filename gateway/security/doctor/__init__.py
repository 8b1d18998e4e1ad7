"""The signature doctor: why a captured request does not verify, proved rather than guessed, without a network.

    captures    bytes of a capture (raw HTTP, or curl's hex trace) become a message
    cases       the message with everything that is known about it, put through `inspection.inspect`
    ... every check that fails has a doctor of its own, which gives a Cause and the case as it would be without it:
    headers, clocks, bodies, keyrings, proofs
    diagnosis   the loop: inspect, ask the doctor of that check, go on with the mended case until the signature verifies

When the last case verifies, the causes on the way are proved: had the message been like that, it would have been taken.
Nothing of a body is ever in a result, only which way of writing it has the digest that was signed.
"""
