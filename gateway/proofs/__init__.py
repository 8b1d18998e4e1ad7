"""Proofs that need nobody's word: the tree, its signed heads, and what of it a receipt carries. Pure: bytes in, values out.

    entry's bytes --leaf_hash--> Edge --root--> checkpoint (signed note) --> witness (cosignature)
                                   \\--proving--> tlog-proof --> receipt (DSSE over question, sources and answer)

Formats are those of others, so that others' tools check them: RFC 6962 trees, C2SP signed notes, checkpoints, tiles and
proofs, DSSE envelopes. What a consumer installs imports this room: it pulls nothing of the server.
"""
