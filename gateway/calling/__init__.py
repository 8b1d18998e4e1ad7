"""How an authority is asked safely.

A *connector* is an async function: (Intent, Check) in, Finding out. A *stage* takes a connector and gives a connector with
one concern more. `stack.py` lists the stages in the order in which a question travels, each with its reason; the stages do
not know each other. At the bottom stands the *exchange*: mapping builds the request, the dialect signs it, the wire
carries it, the dialect verifies the reply, the contract says what the reply means, mapping reads the facts.

Below `settle` a failure is an exception (`errors.Trouble`); above it a Finding with a status of the closed list.
"""
