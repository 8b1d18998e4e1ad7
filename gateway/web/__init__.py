"""HTTP in. Two listeners: `/v1/` and the open pages for consumers, `/metrics` and health for operators.

Everything under `/v1/` goes through the `door`: it knows the consumer, checks the signature, and signs every answer, also
a refusal, bound to the request whose signature verified. Behind the door the API reads the question strictly and takes
the one path. A refusal is a problem document (RFC 9457) with a stable code; its `type` is a page that we serve.
"""
