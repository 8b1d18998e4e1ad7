"""Every file the gateway reads, read strictly.

A *contract* is a folder: `contract.yaml` (our profile of an authority), its interface file untouched (`openapi.yaml` or
`service.wsdl`), the schemas of payloads that travel inside strings, `mapping.yaml` (their words to ours) and `scenarios/`
(what its mock answers). Beside the authorities stand the dated policies, the consumers with their grants, and the cast.

One rule for all: unknown keys, duplicate keys and guessed scalars are refused; every problem is reported at once, with
file, line, column and the nearest right word; with one problem the process does not start.
"""
