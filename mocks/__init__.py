"""Every authority as a real server on a real socket, made from its contract folder; no Python per authority.

A mock reads what the gateway reads and nothing of what the gateway does with it: the contract, the interface file, the
mapping (which field of a request names the person, which field of a record must name them again), the scenarios and the
cast. It checks the signature with libraries that the gateway does not use, validates the request, finds the person,
composes the scenario's reply, validates that too, and signs it.

Somebody whom the authority does not know gets the contract's `unknown_person`. What is wrong with the mock itself is
HTTP 599, a status that no authority sends, so that it is never taken for an authority's own trouble.
"""
