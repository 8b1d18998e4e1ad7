"""What was asked and answered, durable before anybody acts on it.

    intend    the question, its nonce, its limits -> Intent     only then is an authority asked
    conclude  the verdict, the answer's bytes     -> Receipt    only then is the consumer answered
    refused   a signed request we did not take                  its nonce is spent, too
    read      who reads an answer again                         and its nonce

Each is one transaction of the store: its nonce, entry and answer are all there or not at all. Entries are canonical
JSON, hashed as leaves of an RFC 6962 tree in the order they were written. They name persons by pseudonym only; what is
exchanged with an authority is kept as digests. If the ledger cannot be written, Unwritable: nothing is asked, nothing
answered.
"""
