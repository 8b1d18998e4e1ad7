"""Who may be believed: signatures over messages, digests over bodies, keys; pure but for the reading of key files.

One message passes four steps, each a function that raises `SignatureRefused` and nothing else:

    parse    two header fields in, one `Presented` out; strict, canonical text only, cheap to refuse
    check    label, coverage, tag and clock window against the fixed `Profile`s of that route
    require  the digest of the bytes as they were sent (RFC 9530)
    verify   the signature base rebuilt from our own view of the message, handed to a key (RFC 9421)

A component is named by its serialised identifier (`"@path";req`) and a message is a mapping from those to their values,
so requests, answers and their binding to each other are one code path. What a nonce is worth, which key is active and who
may ask what is decided elsewhere. Consumers install these (`signatures`, `presented`, `profiles`, `digests`, `keys`): they
need the standard library and `cryptography` only, and import no other dialect of this package.
"""
